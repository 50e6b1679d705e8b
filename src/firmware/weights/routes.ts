/** The points of the score: everybody's, and a jurisdiction's own versions. */

import { desc, inArray } from 'drizzle-orm'
import { z } from 'zod'
import { firmwareWeights } from '../../db/schema/index.ts'
import { EVERYBODY } from '../../firmware-risk/firmware-risk.ts'
import { Weights, weightProblems } from '../../firmware-risk/weights.ts'
import { DomainError, problems } from '../../http/problems.ts'
import { Id, Instant, repeatable, toInstant } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS, READERS, readScope, writeJurisdiction } from '../../tenancy/auth.ts'
import { inKeeping } from '../owned-records.ts'

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

/** Versions that an answer lists; older ones stay on record in the audit. */
const LISTED = 1000

export function weightRoutes(app: App, services: Services): void {
  listFirmwareWeightsRoute(app, services)
  setFirmwareWeightsRoute(app, services)
}

function listFirmwareWeightsRoute(app: App, { database, knowledge }: Services): void {
  app.get(
    '/v1/firmware-weights',
    {
      config: { roles: READERS, reads: 'firmware-weights.read' },
      schema: {
        operationId: 'listFirmwareWeights',
        tags: ['firmware'],
        summary: 'Everybody’s weights, and the versions of the jurisdictions this key may see, newest first',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({ jurisdictionId: repeatable(Id) }),
        response: {
          200: z
            .object({ default: WeightsShape, items: z.array(Version), nextCursor: z.null() })
            .meta({ id: 'FirmwareWeightsList' }),
          ...problems('unauthenticated'),
        },
      },
    },
    async (request) => {
      const scope = readScope(request.principal, request.query.jurisdictionId)
      const rows = await database.acrossJurisdictions(scope, (tx) =>
        tx
          .select()
          .from(firmwareWeights)
          .where(scope === 'all' ? undefined : inArray(firmwareWeights.jurisdictionId, [...scope]))
          .orderBy(firmwareWeights.jurisdictionId, desc(firmwareWeights.number))
          .limit(LISTED),
      )
      return {
        default: knowledge().firmware.weights,
        items: rows.map((row) => ({
          jurisdictionId: row.jurisdictionId,
          number: row.number,
          weights: row.doc as Weights | null,
          createdAt: toInstant(row.createdAt),
          createdBy: row.createdBy,
        })),
        nextCursor: null,
      }
    },
  )
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
      return inKeeping(
        services,
        request,
        jurisdictionId,
        [EVERYBODY],
        async ({ tx, ...work }, noteChange) => {
          const [last] = await tx
            .select({ number: firmwareWeights.number })
            .from(firmwareWeights)
            .orderBy(desc(firmwareWeights.number))
            .limit(1)
          const number = (last?.number ?? 0) + 1
          const doc = weights === null ? null : { ...weights, version: `own-${number}` }
          const createdAt = work.now.toISOString()
          const createdBy = work.actor.id
          await tx.insert(firmwareWeights).values({ jurisdictionId, number, doc, createdAt, createdBy })
          const touched = await noteChange({
            kind: 'reference',
            action: 'firmware-weights.set',
            target: String(number),
            detail: { weights: doc },
            subjects: [EVERYBODY],
          })
          return { jurisdictionId, number, weights: doc, createdAt, createdBy, touched }
        },
      )
    },
  )
}
