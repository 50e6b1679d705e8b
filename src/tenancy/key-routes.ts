/** `/v1/keys`. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { send } from '../http/idempotency.ts'
import { listRoute } from '../http/list-route.ts'
import { problems } from '../http/problems.ts'
import { Id, pageOf } from '../http/schemas.ts'
import type { App } from '../http/services.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { actorOf, note } from './audit.ts'
import { KEY_MAKERS } from './auth.ts'
import {
  CreatedKey,
  createKey,
  findKey,
  Key,
  KeyWrite,
  keyPage,
  revokeKey,
  toKey,
  withinCity,
} from './keys.ts'
import type { TenancyServices } from './services.ts'
import { doOnce, inWork } from './work.ts'

export function keyRoutes(app: App, services: TenancyServices): void {
  const { database } = services
  listRoute(app, {
    url: '/v1/keys',
    operationId: 'listKeys',
    tag: 'administration',
    summary: 'API keys, without the keys themselves',
    description: 'A city-admin sees those of its city.',
    config: { roles: KEY_MAKERS, reads: 'keys.read', readsOf: 'asked' },
    response: pageOf('KeyPage', Key),
    problems: ['forbidden'],
    page:
      ({ request: { principal } }) =>
      (page) =>
        database.asOperator((tx) => keyPage(tx, page, principal)),
  })
  createKeyRoute(app, services)
  getKeyRoute(app, services)
  revokeKeyRoute(app, services)
}

function createKeyRoute(app: App, services: TenancyServices): void {
  app.post(
    '/v1/keys',
    {
      config: { roles: KEY_MAKERS },
      schema: {
        operationId: 'createKey',
        tags: ['administration'],
        summary: 'Make an API key; the answer shows it once',
        description:
          'A city-admin makes keys of its own city, in a role of cities, that end no later than its own. Keys that come from one key of the city count as one person’s: the second person who confirms a statement needs a key from the operator or from another city-admin.',
        security: [{ apiKey: [] }],
        body: KeyWrite,
        response: {
          201: CreatedKey,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const wish = withinCity(request.body, request.principal)
      let made: Key | undefined
      const answer = await doOnce(
        services,
        request,
        OPERATOR_ID,
        async ({ tx, actor, now }) => {
          const { key, secret } = await createKey(tx, wish, actor, now)
          made = key
          return { status: 201, location: `/v1/keys/${key.id}`, body: { ...key, key: secret } }
        },
        { remember: (body) => ({ ...(body as object), key: null }) },
      )
      if (made) await tellCity(services, request, 'key.create', made)
      return send(reply, answer)
    },
  )
}

function getKeyRoute(app: App, { database }: TenancyServices): void {
  app.get(
    '/v1/keys/:id',
    {
      config: { roles: KEY_MAKERS, reads: 'key.read', readsOf: 'asked' },
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
      return toKey(await database.asOperator((tx) => findKey(tx, request.params.id, request.principal)))
    },
  )
}

function revokeKeyRoute(app: App, services: TenancyServices): void {
  const { database, now, keyRing } = services
  app.delete(
    '/v1/keys/:id',
    {
      config: { roles: KEY_MAKERS },
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
      const key = await database.asOperator((tx) =>
        revokeKey(tx, request.params.id, actorOf(request), now(), request.principal),
      )
      keyRing.revoked(key.id, reply as unknown as FastifyReply)
      await tellCity(services, request, 'key.revoke', key)
      return key
    },
  )
}

/**
 * What the admin of a city does with keys stands in the log of the city too. Keys are not a table of cities, so this is a
 * transaction of its own, after the one that did it; the operator's log has it in any case.
 */
async function tellCity(
  services: TenancyServices,
  request: FastifyRequest,
  action: 'key.create' | 'key.revoke',
  { id, label, role }: Key,
): Promise<void> {
  const { jurisdictionId } = request.principal
  if (jurisdictionId === null) return
  await inWork(services, request, jurisdictionId, (work) =>
    note(work, { action, target: id, detail: { label, role } }),
  )
}
