/** `/.well-known/camledger-keys.json`: the keys that signed snapshots; `/v1/signing-keys`: another one from now on. */
import { z } from 'zod'
import { problems } from '../http/problems.ts'
import { someText } from '../http/schemas.ts'
import type { App } from '../http/services.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { ADMINS } from '../tenancy/auth.ts'
import { answerOnce } from '../tenancy/work.ts'
import { SigningKey, SigningKeys } from './schemas.ts'
import type { SnapshotServices } from './services.ts'
import { publishedKeys, rotateKey } from './signing-keys.ts'

const Rotation = z
  .strictObject({
    revoke: z.boolean().default(false).meta({
      description: 'somebody else may have the present key: nothing that it signed is good any more',
    }),
    reason: someText(500).optional(),
  })
  .refine(({ revoke, reason }) => !revoke || reason !== undefined, {
    message: 'is needed to revoke a key',
    path: ['reason'],
  })
  .meta({ id: 'SigningKeyRotation' })

export function signingKeyRoutes(app: App, services: SnapshotServices): void {
  app.get(
    '/.well-known/camledger-keys.json',
    {
      schema: {
        operationId: 'getSigningKeys',
        tags: ['snapshots'],
        summary: 'The public keys with which snapshots are verified, past ones included',
        description:
          'Keep this file beside archives: they are verified with it when the service is long gone.',
        querystring: z.strictObject({}),
        response: { 200: SigningKeys, ...problems() },
      },
    },
    async () => ({ keys: await publishedKeys(services.database) }),
  )
  app.post(
    '/v1/signing-keys',
    {
      config: { roles: ADMINS },
      schema: {
        operationId: 'rotateSigningKey',
        tags: ['snapshots'],
        summary: 'Sign with a new key from now on; the one before still verifies what it signed',
        security: [{ apiKey: [] }],
        body: Rotation,
        response: {
          201: SigningKey,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'signing-key-in-file',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { revoke, reason = null } = request.body
      return answerOnce(services, request, reply, OPERATOR_ID, async (work) => ({
        status: 201,
        body: await rotateKey(work, services.signingKey, { revoke, reason }),
      }))
    },
  )
}
