/** `/v1/jurisdictions`. */

import { z } from 'zod'
import { changesOf } from '../http/changes.ts'
import { problems, problemsOfChange } from '../http/problems.ts'
import { Id, repeatable, State, someText } from '../http/schemas.ts'
import type { App } from '../http/services.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { ADMINS, READERS, readScope } from './auth.ts'
import {
  changeJurisdiction,
  createJurisdiction,
  findJurisdiction,
  Jurisdiction,
  JurisdictionChange,
  JurisdictionPage,
  JurisdictionWrite,
  jurisdictionPage,
  toJurisdiction,
} from './jurisdictions.ts'
import { listInScope } from './list-in-scope.ts'
import type { TenancyServices } from './services.ts'
import { answerOnce, created, inWork, tagged } from './work.ts'

export function jurisdictionRoutes(app: App, services: TenancyServices): void {
  listInScope(app, services, {
    url: '/v1/jurisdictions',
    operationId: 'listJurisdictions',
    tag: 'administration',
    summary: 'Jurisdictions this key may see',
    config: { roles: READERS, reads: 'jurisdictions.read' },
    query: {
      state: repeatable(State),
      name: someText(200).optional().meta({ description: 'exact, letter case ignored' }),
    },
    response: JurisdictionPage,
    page: jurisdictionPage,
  })
  createJurisdictionRoute(app, services)
  getJurisdictionRoute(app, services)
  changeJurisdictionRoute(app, services)
}

function createJurisdictionRoute(app: App, services: TenancyServices): void {
  app.post(
    '/v1/jurisdictions',
    {
      config: { roles: ADMINS },
      schema: {
        operationId: 'createJurisdiction',
        tags: ['administration'],
        summary: 'Add a jurisdiction',
        security: [{ apiKey: [] }],
        body: JurisdictionWrite,
        response: {
          201: Jurisdiction,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'jurisdiction-name-taken',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      return answerOnce(services, request, reply, OPERATOR_ID, async (work) => {
        const jurisdiction = await createJurisdiction(work, request.body)
        return created(`/v1/jurisdictions/${jurisdiction.id}`, jurisdiction)
      })
    },
  )
}

function getJurisdictionRoute(app: App, { database }: TenancyServices): void {
  app.get(
    '/v1/jurisdictions/:id',
    {
      config: { roles: READERS, reads: 'jurisdiction.read', readsOf: 'jurisdictions' },
      schema: {
        operationId: 'getJurisdiction',
        tags: ['administration'],
        summary: 'One jurisdiction',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: Jurisdiction, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const row = await database.acrossJurisdictions(readScope(request.principal), (tx) =>
        findJurisdiction(tx, request.params.id),
      )
      return tagged(reply, toJurisdiction(row))
    },
  )
}

function changeJurisdictionRoute(app: App, services: TenancyServices): void {
  const { trigger } = services
  app.patch(
    '/v1/jurisdictions/:id',
    {
      config: { roles: ADMINS },
      schema: {
        operationId: 'changeJurisdiction',
        tags: ['administration'],
        summary:
          'Change a jurisdiction; its devices are determined again when a fact that rules read changes',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: JurisdictionChange,
        response: {
          200: Jurisdiction,
          ...problemsOfChange('jurisdiction-name-taken'),
        },
      },
    },
    async (request, reply) => {
      const changes = changesOf(request.body)
      const jurisdiction = await inWork(services, request, OPERATOR_ID, (work) =>
        changeJurisdiction(work, request.params.id, changes, request.headers['if-match']),
      )
      trigger('rescreen')
      return tagged(reply, jurisdiction)
    },
  )
}
