/**
 * `GET /v1/audit-events`: who did what. A city sees its own; the operator the operator's, or a city's.
 * `GET /v1/audit-heads`: where the chains end, for whoever wants to keep that elsewhere.
 */
import { and, eq, getTableColumns, ne, sql } from 'drizzle-orm'
import { z } from 'zod'
import { toWritten } from './audit-anchors.ts'
import type { Tx } from './db/database.ts'
import { auditChain, auditEvents, auditHeads } from './db/schema.ts'
import { READERS, readScope } from './http/auth.ts'
import { linkNext } from './http/exports.ts'
import { after, decodeCursor, encodeCursor, orderBy, PageQuery, type SortKey } from './http/pages.ts'
import { problems } from './http/problems.ts'
import { Id, Instant, pageOf, repeatable, someText, toInstant } from './http/schemas.ts'
import { OPERATOR_ID } from './ids.ts'
import type { App, Services } from './services.ts'

const AuditEvent = z
  .object({
    id: z.string(),
    jurisdictionId: z.string().nullable().meta({ description: "null for the operator's own" }),
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

/** Newest first: ids are made of the time. */
const ORDER: readonly SortKey[] = [
  { field: 'id', column: sql`${auditEvents.id}`, descending: true, type: 'uuid', nullable: false },
]

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

export function auditRoutes(app: App, services: Services): void {
  eventRoute(app, services)
  headRoute(app, services)
}

function headRoute(app: App, { database }: Services): void {
  app.get(
    '/v1/audit-heads',
    {
      config: { roles: READERS },
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
              cursor === undefined ? undefined : after(HEAD_ORDER, decodeCursor(cursor, 'audit-heads', 1)),
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

function eventRoute(app: App, { database }: Services): void {
  app.get(
    '/v1/audit-events',
    {
      config: { roles: ['admin', 'city-editor', 'city-budget', 'city-viewer'] },
      schema: {
        operationId: 'listAuditEvents',
        tags: ['administration'],
        summary: "Who did what, newest first; without jurisdictionId an operator key sees the operator's own",
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
      const read = async (tx: Tx) => {
        const rows = await tx
          .select({ ...getTableColumns(auditEvents), sequence: auditChain.sequence, hash: auditChain.hash })
          .from(auditEvents)
          .leftJoin(
            auditChain,
            and(
              eq(auditChain.jurisdictionId, auditEvents.jurisdictionId),
              eq(auditChain.eventId, auditEvents.id),
            ),
          )
          .where(
            and(
              ...(jurisdictionId === undefined
                ? []
                : [sql`${auditEvents.jurisdictionId} = ${jurisdictionId}::uuid`]),
              ...(action.length === 0
                ? []
                : [sql`${auditEvents.action} = any (${sql.param(action)}::text[])`]),
              ...(target === undefined ? [] : [sql`${auditEvents.target} = ${target}`]),
              ...(cursor === undefined ? [] : [after(ORDER, decodeCursor(cursor, question, 1))]),
            ),
          )
          .orderBy(orderBy(ORDER))
          .limit(limit + 1)
        return rows
      }
      const isOperators = request.principal.role === 'admin' && jurisdictionId === undefined
      const rows = isOperators
        ? await database.asOperator(read)
        : await database.acrossJurisdictions(
            readScope(request.principal, jurisdictionId === undefined ? [] : [jurisdictionId]),
            read,
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
