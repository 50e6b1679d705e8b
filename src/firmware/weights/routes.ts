/** The points of the score: everybody's, and a jurisdiction's own versions. */

import { z } from 'zod'
import { EVERYBODY } from '../../firmware-risk/firmware-risk.ts'
import { Weights, weightProblems } from '../../firmware-risk/weights.ts'
import { wholeListRoute } from '../../http/list-route.ts'
import { DomainError, problems } from '../../http/problems.ts'
import { Id, Instant, repeatable } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS, READERS, writeJurisdiction } from '../../tenancy/auth.ts'
import { scopeOf } from '../../tenancy/list-in-scope.ts'
import { inOwnersTransaction } from '../owned-records.ts'
import { listWeights, setWeights } from './weights.ts'

const WeightsShape = z.object(Weights.shape).meta({ id: 'FirmwareWeights' })
const WeightsFields = z.strictObject(Weights.shape).omit({ version: true }).meta({ id: 'NewFirmwareWeights' })

const Version = z
  .object({
    jurisdictionId: z.string(),
    number: z.int(),
    weights: WeightsShape.nullable().meta({ description: 'null: back to everybody’s' }),
    createdAt: Instant,
    createdBy: z.string(),
  })
  .meta({ id: 'FirmwareWeightsVersion' })

export function weightRoutes(app: App, services: Services): void {
  listFirmwareWeightsRoute(app, services)
  setFirmwareWeightsRoute(app, services)
}

function listFirmwareWeightsRoute(app: App, { database, knowledge }: Services): void {
  wholeListRoute(app, {
    url: '/v1/firmware-weights',
    operationId: 'listFirmwareWeights',
    tag: 'firmware',
    summary: 'Everybody’s weights, and the versions of the jurisdictions this key may see, newest first',
    config: { roles: READERS, reads: 'firmware-weights.read' },
    query: { jurisdictionId: repeatable(Id) },
    response: z
      .object({ default: WeightsShape, items: z.array(Version), nextCursor: z.null() })
      .meta({ id: 'FirmwareWeightsList' }),
    read: async (asked) => {
      const scope = scopeOf(asked)
      return {
        default: knowledge().firmware.weights,
        items: await database.acrossJurisdictions(scope, (tx) => listWeights(tx, scope)),
        nextCursor: null,
      }
    },
  })
}

function setFirmwareWeightsRoute(app: App, services: Services): void {
  app.put(
    '/v1/firmware-weights',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'setFirmwareWeights',
        tags: ['firmware'],
        summary: 'Set a jurisdiction’s own weights; all its profiles are scored again',
        security: [{ apiKey: [] }],
        body: z
          .strictObject({
            jurisdictionId: Id.optional(),
            weights: WeightsFields.nullable().meta({ description: 'null: back to everybody’s' }),
          })
          .meta({ id: 'FirmwareWeightsChange' }),
        response: {
          200: Version.extend({ touched: z.object({ profiles: z.int(), devices: z.int() }) }).meta({
            id: 'FirmwareWeightsAnswer',
          }),
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request) => {
      const { jurisdictionId: asked, weights } = request.body
      const jurisdictionId = writeJurisdiction(request.principal, asked)
      const wrong = weights === null ? [] : weightProblems({ ...weights, version: 'new' })
      if (wrong.length > 0) {
        throw new DomainError('invalid-request', 'With these weights a worse fact would score lower.', {
          errors: wrong.map((text) => ({
            pointer: `/weights${/^\/[^\s:]*/.exec(text)?.[0] ?? ''}`,
            code: 'not-monotone',
            message: text,
          })),
        })
      }
      return inOwnersTransaction(services, request, jurisdictionId, [EVERYBODY], (work, noteChange) =>
        setWeights(work, weights, noteChange),
      )
    },
  )
}
