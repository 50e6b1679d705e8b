/** `/v1/plans/{id}/comparison`: plans and versions of them side by side. */
import { z } from 'zod'
import { negotiate, sendAs } from '../../http/exports.ts'
import { problems } from '../../http/problems.ts'
import { Id, repeatable } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { csvLine } from '../../lib/csv.ts'
import { formatCents } from '../../lib/money.ts'
import { READERS, readScope } from '../../tenancy/auth.ts'
import type { PlanningServices } from '../work.ts'
import { type ComparedRow, type ComparedValue, compareVersions, type Version } from './model/compare.ts'
import { versionsOf } from './versions.ts'

const WITH_MOST = 5

const Value = z.union([z.string(), z.number(), z.boolean(), z.null()])

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
    rows: z.array(
      z.object({
        part: z.enum(['figure', 'setting', 'price', 'site']),
        name: z.string(),
        unit: z.enum(['cents', 'count', 'day', 'text']),
        values: z.array(Value).meta({ description: 'one for each version; null where it has none' }),
        isSame: z.boolean(),
      }),
    ),
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
      if (format === 'csv') return sendAs(reply, 'text/csv; charset=utf-8', csvOf(versions, rows))
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

function csvOf(versions: readonly Version[], rows: readonly ComparedRow[]): string {
  const head = ['part', 'name', 'unit', ...versions.map(({ label }) => label)]
  const cell = (unit: ComparedRow['unit'], value: ComparedValue) =>
    unit === 'cents' && typeof value === 'number' ? formatCents(BigInt(Math.round(value))) : value
  return [
    head,
    ...rows.map(({ part, name, unit, values }) => [
      part,
      name,
      unit === 'cents' ? 'dollars' : unit,
      ...values.map((value) => cell(unit, value)),
    ]),
  ]
    .map((cells) => csvLine(cells))
    .join('')
}
