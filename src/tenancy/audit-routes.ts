/**
 * `GET /v1/audit-events`: who did what. A city sees its own; the operator the operator's, or a city's.
 * `GET /v1/audit-heads`: where the chains end, for whoever wants to keep that elsewhere.
 */

import { z } from 'zod'
import type { Database, Scope } from '../db/database.ts'
import { listRoute } from '../http/list-route.ts'
import { Id, Instant, pageOf, repeatable, someText, toInstant } from '../http/schemas.ts'
import type { App, HttpServices } from '../http/services.ts'
import { cutPage } from '../http/table-pages.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import {
  EVENT_ORDER,
  type EventRow,
  type EventsAsked,
  headsPage,
  readEvents,
  readsOfCity,
} from './audit-queries.ts'
import { READERS, readScope } from './auth.ts'
import { listInScope } from './list-in-scope.ts'

export const AuditEvent = z
  .object({
    id: z.string(),
    jurisdictionId: z
      .string()
      .nullable()
      .meta({ description: "null for the operator's own, and for reads by admins and reviewers" }),
    at: Instant,
    sequence: z
      .int()
      .nullable()
      .meta({ description: 'place in the hash chain of the jurisdiction, from 1; null outside of it' }),
    hash: z
      .string()
      .nullable()
      .meta({ description: 'SHA-256 over the hash before it and this entry, hex; see docs/operations.md' }),
    actor: z.string().meta({ description: 'id of the key, or operator' }),
    actorLabel: z
      .string()
      .nullable()
      .meta({ description: 'what the key was called then; null in entries older than this field' }),
    actorRole: z.string(),
    action: z.string(),
    target: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
    requestId: z.string().nullable(),
    remoteAddress: z.string().nullable(),
  })
  .meta({ id: 'AuditEvent' })

const AuditHead = z
  .object({
    jurisdictionId: z.string().nullable().meta({ description: "null for the operator's own chain" }),
    sequence: z.int().meta({ description: 'place of the last entry' }),
    hash: z.string().meta({ description: 'its hash' }),
  })
  .meta({ id: 'AuditHead' })

export function auditRoutes(app: App, services: HttpServices): void {
  eventRoute(app, services)
  headRoute(app, services)
}

function headRoute(app: App, services: HttpServices): void {
  listInScope(app, services, {
    url: '/v1/audit-heads',
    operationId: 'listAuditHeads',
    tag: 'administration',
    summary:
      'The last entry of each audit chain: kept elsewhere, it shows later that nothing before it was changed',
    config: { roles: READERS, reads: 'audit-heads.read' },
    response: pageOf('AuditHeadPage', AuditHead),
    page: (tx, { request }, page) => headsPage(tx, request.principal.role === 'admin', page),
  })
}

function eventRoute(app: App, { database }: HttpServices): void {
  listRoute(app, {
    url: '/v1/audit-events',
    operationId: 'listAuditEvents',
    tag: 'administration',
    summary: "Who did what, newest first; without jurisdictionId an operator key sees the operator's own",
    description:
      'A city sees what was done in its register, and who else read it: admins and federal reviewers, with the filters they used by name only.',
    config: {
      roles: ['admin', 'city-admin', 'city-editor', 'city-budget', 'city-viewer'],
      reads: 'audit-events.read',
      readsOf: 'asked',
    },
    query: {
      jurisdictionId: Id.optional(),
      action: repeatable(someText(60)),
      target: someText(100).optional(),
    },
    response: pageOf('AuditEventPage', AuditEvent),
    problems: ['forbidden'],
    page: ({ question, request: { principal } }) => {
      const { jurisdictionId } = question
      const isOperators = principal.role === 'admin' && jurisdictionId === undefined
      const scope = readScope(principal, jurisdictionId === undefined ? [] : [jurisdictionId])
      return async (page) => {
        const asked: EventsAsked = { ...question, ...page }
        const rows = isOperators
          ? await database.asOperator((tx) => readEvents(tx, asked))
          : await eventsOfCities(database, scope, asked)
        return cutPage(rows, EVENT_ORDER, page, toEvent)
      }
    },
  })
}

const toEvent = (row: EventRow) => ({
  ...row,
  jurisdictionId: row.jurisdictionId === OPERATOR_ID ? null : row.jurisdictionId,
  at: toInstant(row.at),
  detail: row.detail as object,
})

/** What a jurisdiction did, and who else read its data. */
async function eventsOfCities(database: Database, scope: Scope, asked: EventsAsked): Promise<EventRow[]> {
  const own = await database.acrossJurisdictions(scope, (tx) => readEvents(tx, asked))
  if (scope === 'all' || scope.length !== 1) return own
  const [city] = scope
  const reads = await database.asOperator((tx) => readsOfCity(tx, city!, asked))
  return [...own, ...reads].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, asked.limit + 1)
}
