/**
 * `GET /v1/audit-events`: who did what. A city sees its own; the operator the operator's, or a city's.
 * `GET /v1/audit-heads`: where the chains end, for whoever wants to keep that elsewhere.
 */
import { and, ne, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Database, Scope } from '../db/database.ts'
import { auditHeads } from '../db/schema.ts'
import { linkNext } from '../http/exports.ts'
import {
  after,
  decodeCursor,
  encodeCursor,
  orderBy,
  PageQuery,
  type SortKey,
  UUID_PART,
} from '../http/pages.ts'
import { problems } from '../http/problems.ts'
import { Id, Instant, pageOf, repeatable, someText, toInstant } from '../http/schemas.ts'
import type { App } from '../http/services.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { toWritten } from './audit-anchors.ts'
import { type EventRow, eventsPage, type Page, readsOfCity } from './audit-queries.ts'
import { READERS, readScope } from './auth.ts'
import type { TenancyServices } from './services.ts'

const AuditEvent = z
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

const HEAD_ORDER: readonly SortKey[] = [
  { field: 'jurisdictionId', column: sql`jurisdiction_id`, descending: false, type: 'uuid', nullable: false },
]

export function auditRoutes(app: App, services: TenancyServices): void {
  eventRoute(app, services)
  headRoute(app, services)
}

function headRoute(app: App, { database }: TenancyServices): void {
  app.get(
    '/v1/audit-heads',
    {
      config: { roles: READERS, reads: 'audit-heads.read' },
      schema: {
        operationId: 'listAuditHeads',
        tags: ['administration'],
        summary:
          'The last entry of each audit chain: kept elsewhere, it shows later that nothing before it was changed',
        security: [{ apiKey: [] }],
        querystring: z.strictObject(PageQuery),
        response: { 200: pageOf('AuditHeadPage', AuditHead), ...problems('unauthenticated') },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query
      const { principal } = request
      const rows = await database.acrossJurisdictions(readScope(principal), (tx) =>
        tx
          .select()
          .from(auditHeads)
          .where(
            and(
              principal.role === 'admin' ? undefined : ne(auditHeads.jurisdictionId, OPERATOR_ID),
              cursor === undefined
                ? undefined
                : after(HEAD_ORDER, decodeCursor(cursor, 'audit-heads', HEAD_ORDER)),
            ),
          )
          .orderBy(orderBy(HEAD_ORDER))
          .limit(limit + 1),
      )
      const items = rows.slice(0, limit)
      return {
        items: items.map(toWritten),
        nextCursor: rows.length > limit ? encodeCursor([items.at(-1)!.jurisdictionId], 'audit-heads') : null,
      }
    },
  )
}

function eventRoute(app: App, { database }: TenancyServices): void {
  app.get(
    '/v1/audit-events',
    {
      config: {
        roles: ['admin', 'city-editor', 'city-budget', 'city-viewer'],
        reads: 'audit-events.read',
        readsOf: 'asked',
      },
      schema: {
        operationId: 'listAuditEvents',
        tags: ['administration'],
        summary: "Who did what, newest first; without jurisdictionId an operator key sees the operator's own",
        description:
          'A city sees what was done in its register, and who else read it: admins and federal reviewers, with the filters they used by name only.',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          ...PageQuery,
          jurisdictionId: Id.optional(),
          action: repeatable(someText(60)),
          target: someText(100).optional(),
        }),
        response: { 200: pageOf('AuditEventPage', AuditEvent), ...problems('unauthenticated', 'forbidden') },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...question } = request.query
      const { jurisdictionId, action, target } = question
      const page: Page = {
        action,
        target,
        limit: limit + 1,
        before: cursor === undefined ? null : String(decodeCursor(cursor, question, [UUID_PART])[0]),
      }
      const isOperators = request.principal.role === 'admin' && jurisdictionId === undefined
      const rows = isOperators
        ? await database.asOperator((tx) => eventsPage(tx, page))
        : await eventsOfCities(
            database,
            readScope(request.principal, jurisdictionId === undefined ? [] : [jurisdictionId]),
            page,
          )
      const items = rows.slice(0, limit)
      const nextCursor = rows.length > limit ? encodeCursor([items.at(-1)!.id], question) : null
      linkNext(request, reply, nextCursor)
      return {
        items: items.map((row) => ({
          ...row,
          jurisdictionId: row.jurisdictionId === OPERATOR_ID ? null : row.jurisdictionId,
          at: toInstant(row.at),
          detail: row.detail as Record<string, unknown>,
        })),
        nextCursor,
      }
    },
  )
}

/** What a jurisdiction did, and who else read its data. */
async function eventsOfCities(database: Database, scope: Scope, page: Page): Promise<EventRow[]> {
  const own = await database.acrossJurisdictions(scope, (tx) => eventsPage(tx, page))
  if (scope === 'all' || scope.length !== 1) return own
  const [city] = scope
  const reads = await database.asOperator((tx) => readsOfCity(tx, city!, page))
  return [...own, ...reads].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, page.limit)
}
