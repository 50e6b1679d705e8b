/** `/v1/keys`. */

import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { listRoute } from '../http/list-route.ts'
import { problems } from '../http/problems.ts'
import { Id, pageOf } from '../http/schemas.ts'
import type { App } from '../http/services.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { actorOf } from './audit.ts'
import { ADMINS } from './auth.ts'
import { CreatedKey, createKey, findKey, Key, KeyWrite, keyPage, revokeKey, toKey } from './keys.ts'
import type { TenancyServices } from './services.ts'
import { answerOnce } from './work.ts'

export function keyRoutes(app: App, services: TenancyServices): void {
  const { database } = services
  listRoute(app, {
    url: '/v1/keys',
    operationId: 'listKeys',
    tag: 'administration',
    summary: 'API keys, without the keys themselves',
    config: { roles: ADMINS, reads: 'keys.read', readsOf: 'asked' },
    response: pageOf('KeyPage', Key),
    problems: ['forbidden'],
    page: () => (page) => database.asOperator((tx) => keyPage(tx, page)),
  })
  createKeyRoute(app, services)
  getKeyRoute(app, services)
  revokeKeyRoute(app, services)
}

function createKeyRoute(app: App, services: TenancyServices): void {
  app.post(
    '/v1/keys',
    {
      config: { roles: ADMINS },
      schema: {
        operationId: 'createKey',
        tags: ['administration'],
        summary: 'Make an API key; the answer shows it once',
        security: [{ apiKey: [] }],
        body: KeyWrite,
        response: {
          201: CreatedKey,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      return answerOnce(
        services,
        request,
        reply,
        OPERATOR_ID,
        async ({ tx, actor, now }) => {
          const { key, secret } = await createKey(tx, request.body, actor, now)
          return { status: 201, location: `/v1/keys/${key.id}`, body: { ...key, key: secret } }
        },
        { remember: (body) => ({ ...(body as object), key: null }) },
      )
    },
  )
}

function getKeyRoute(app: App, { database }: TenancyServices): void {
  app.get(
    '/v1/keys/:id',
    {
      config: { roles: ADMINS, reads: 'key.read', readsOf: 'asked' },
      schema: {
        operationId: 'getKey',
        tags: ['administration'],
        summary: 'One API key, without the key itself',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: Key, ...problems('unauthenticated', 'forbidden', 'not-found') },
      },
    },
    async (request) => {
      return toKey(await database.asOperator((tx) => findKey(tx, request.params.id)))
    },
  )
}

function revokeKeyRoute(app: App, { database, now, keyRing }: TenancyServices): void {
  app.delete(
    '/v1/keys/:id',
    {
      config: { roles: ADMINS },
      schema: {
        operationId: 'revokeKey',
        tags: ['administration'],
        summary: 'Revoke an API key; it stays in the list',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        response: { 200: Key, ...problems('unauthenticated', 'forbidden', 'not-found') },
      },
    },
    async (request, reply) => {
      const key = await database.asOperator((tx) => revokeKey(tx, request.params.id, actorOf(request), now()))
      keyRing.revoked(key.id, reply as unknown as FastifyReply)
      return key
    },
  )
}
