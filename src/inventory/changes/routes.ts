/** `POST /v1/devices/changes`: one change of many devices. */
import { problems } from '../../http/problems.ts'
import type { App } from '../../http/services.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS, writeJurisdiction } from '../../tenancy/auth.ts'
import { answerOnce } from '../../tenancy/work.ts'
import { changeMany } from './changes.ts'
import { ChangedMany, ChangeManyWrite } from './schemas.ts'

export function changeManyRoute(app: App, services: Services): void {
  app.post(
    '/v1/devices/changes',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'changeDevices',
        tags: ['register'],
        summary: 'Change many devices, named by a filter or by ids, all or none',
        description:
          'Try it with `dryRun` first: it counts the devices, names those that are unknown, and says what the change does to the answers. The change itself needs the `count` and `digest` of the try as `expected`, and is refused with 409 when other devices match by then or one of them has another version.',
        security: [{ apiKey: [] }],
        body: ChangeManyWrite,
        response: {
          200: ChangedMany,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'selection-changed',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const jurisdictionId = writeJurisdiction(request.principal, request.body.jurisdictionId)
      return answerOnce(services, request, reply, jurisdictionId, async (work) => ({
        status: 200,
        body: await changeMany({ ...work, knowledge: services.knowledge() }, request.body),
      }))
    },
  )
}
