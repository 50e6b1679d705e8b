/** `POST /v1/plans/{id}/workbook`: the city's own workbook with the figures of the plan in the cells it has named. */
import { Readable } from 'node:stream'
import { z } from 'zod'
import { sendAs } from '../../../http/exports.ts'
import { goneSignal } from '../../../http/gone.ts'
import { DomainError, problems } from '../../../http/problems.ts'
import { Id } from '../../../http/schemas.ts'
import type { App } from '../../../http/services.ts'
import { PLANNERS, toInvalidRequest } from '../../context.ts'
import { planOwner } from '../../plans/plans.ts'
import type { ComputingServices } from '../../runs/services.ts'
import { loadReport } from '../report.ts'
import { TEMPLATE_BYTES } from './fill.ts'

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const TAKEN = [XLSX, 'application/octet-stream']

type TakenIn = (error: null, body: unknown) => void

/** In a scope of its own: only here such a file is a body. */
export function templateRoute(app: App, services: ComputingServices): void {
  app.register(async (scope) => {
    scope.addContentTypeParser(TAKEN, (_request: unknown, payload: unknown, done: TakenIn) =>
      done(null, payload),
    )
    templateRouteIn(scope as unknown as App, services)
  })
}

function templateRouteIn(app: App, services: ComputingServices): void {
  app.post(
    '/v1/plans/:id/workbook',
    {
      config: { roles: PLANNERS, takesBody: true, reads: 'plan.workbook.read', readsOf: 'plans' },
      bodyLimit: TEMPLATE_BYTES,
      schema: {
        operationId: 'fillWorkbook',
        tags: ['replacement'],
        summary:
          'The city’s own workbook with the figures of the plan in the cells and areas that it has named',
        description:
          'The body is an .xlsx whose defined names begin with `Camledger_`. Everything else of it, formulas and styles too, stays as it is and is computed anew when it is opened. A name that is not known, an area that is too small and a formula that would be lost are refused, each by its name.',
        consumes: TAKEN,
        produces: [XLSX],
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({
          unknownNames: z.enum(['refuse', 'keep']).default('refuse').meta({
            description:
              'names that begin with `Camledger_` and are not known: refuse them, or leave their cells',
          }),
        }),
        body: z.any().meta({ type: 'string', format: 'binary', description: 'the workbook, .xlsx' }),
        response: {
          200: z.string().meta({ format: 'binary', description: 'XLSX' }),
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'estimate-needed',
            'body-too-slow',
            'payload-too-large',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const jurisdictionId = await planOwner(services, request.principal, id)
      if (!(request.body instanceof Readable))
        throw new DomainError('unsupported-media-type', `Send the workbook itself, as ${XLSX}.`)
      const file = await services.spool.take(request.body, {
        mostBytes: TEMPLATE_BYTES,
        owner: jurisdictionId,
      })
      try {
        const report = await services.database.acrossJurisdictions([jurisdictionId], (tx) =>
          loadReport(tx, id, {}, services.now()),
        )
        const bytes = await services.compute(
          'template',
          { report, path: file.path, options: request.query },
          { owner: jurisdictionId, signal: goneSignal(reply) },
        )
        reply.header('content-disposition', 'attachment; filename="budget-workbook.xlsx"')
        return sendAs(reply, XLSX, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
      } catch (error) {
        throw toInvalidRequest(error)
      } finally {
        await file.remove()
      }
    },
  )
}
