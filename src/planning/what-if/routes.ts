/** `/v1/plans/{id}/what-if`: what would come of it if something were different. */
import { z } from 'zod'
import { negotiate, sendAs } from '../../http/exports.ts'
import { goneSignal } from '../../http/gone.ts'
import { problems } from '../../http/problems.ts'
import { Id } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { PLANNERS } from '../context.ts'
import { comparedCsv } from '../outputs/comparison-shapes.ts'
import { planOwner } from '../plans/plans.ts'
import type { ComputingServices } from '../runs/services.ts'
import { WhatIf, WhatIfWrite } from './schemas.ts'
import { whatIf } from './what-if.ts'

export function whatIfRoutes(app: App, services: ComputingServices): void {
  app.post(
    '/v1/plans/:id/what-if',
    {
      config: { roles: PLANNERS, reads: 'plan.what-if.read', readsOf: 'plans' },
      schema: {
        operationId: 'supposePlan',
        tags: ['replacement'],
        summary: 'What would come of a plan if settings, prices or funds were different; nothing is stored',
        description:
          'The plan as it is now and each case are computed from the same register on the same day and put side by side, as JSON, or as CSV by `Accept: text/csv`. To keep a case, copy the plan with its settings.',
        produces: ['application/json', 'text/csv'],
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: WhatIfWrite,
        response: {
          200: WhatIf,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'not-acceptable',
            'candidate-refused',
            'currency-mismatch',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const format = negotiate(request)
      const planId = request.params.id
      const jurisdictionId = await planOwner(services, request.principal, planId)
      const answer = await whatIf(
        services,
        { jurisdictionId, planId, ...request.body, now: services.now() },
        { signal: goneSignal(reply) },
      )
      if (format !== 'csv') return answer
      const labels = answer.versions.map(({ label }) => label)
      return sendAs(reply, 'text/csv; charset=utf-8', comparedCsv(labels, answer.rows))
    },
  )
}
