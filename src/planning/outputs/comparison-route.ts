/** `/v1/plans/{id}/comparison`: plans and versions of them side by side. */
import { z } from 'zod'
import { negotiate, sendAs } from '../../http/exports.ts'
import { problems } from '../../http/problems.ts'
import { Id, repeatable } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { READERS, readScope } from '../../tenancy/auth.ts'
import type { PlanningServices } from '../work.ts'
import { ComparedRows, comparedCsv } from './comparison-shapes.ts'
import { compareVersions } from './model/compare.ts'
import { versionsOf } from './versions.ts'

const WITH_MOST = 5

const Comparison = z
  .object({
    versions: z.array(
      z.object({
        label: z.string(),
        planId: z.string(),
        estimateId: z.string(),
        scheduleId: z.string().nullable(),
        revision: z.int(),
        asOf: z.string(),
      }),
    ),
    rows: ComparedRows,
  })
  .meta({
    id: 'PlanComparison',
    description: 'Every figure, and the settings, prices and sites that differ',
  })

export function comparisonRoute(app: App, { database, now }: PlanningServices): void {
  app.get(
    '/v1/plans/:id/comparison',
    {
      config: { roles: READERS, reads: 'plan.comparison.read', readsOf: 'plans' },
      schema: {
        operationId: 'comparePlans',
        tags: ['replacement'],
        summary: 'A plan beside other plans or earlier versions, as JSON, or as CSV by `Accept: text/csv`',
        description:
          'The latest version of the plan comes last. Without `with` it stands beside the schedule before it; the first one stands alone.',
        produces: ['application/json', 'text/csv'],
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({
          with: repeatable(Id).meta({
            description: `ids of plans, whose latest version is taken, or of schedules; at most ${WITH_MOST} are read`,
          }),
        }),
        response: {
          200: Comparison,
          ...problems('unauthenticated', 'not-found', 'not-acceptable', 'estimate-needed'),
        },
      },
    },
    async (request, reply) => {
      const format = negotiate(request)
      const { id } = request.params
      const others = request.query.with.slice(0, WITH_MOST)
      const versions = await database.acrossJurisdictions(readScope(request.principal), (tx) =>
        versionsOf(tx, id, others, now()),
      )
      const rows = compareVersions(versions)
      if (format === 'csv')
        return sendAs(
          reply,
          'text/csv; charset=utf-8',
          comparedCsv(
            versions.map(({ label }) => label),
            rows,
          ),
        )
      return {
        versions: versions.map(({ label, estimate, schedule }) => ({
          label,
          planId: estimate.planId,
          estimateId: estimate.id,
          scheduleId: schedule?.id ?? null,
          revision: estimate.revision,
          asOf: (schedule ?? estimate).asOf,
        })),
        rows: rows.map((row) => ({ ...row, values: [...row.values] })),
      }
    },
  )
}
