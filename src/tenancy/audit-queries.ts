/** Pages of the audit trail, newest first. */
import { and, eq, getTableColumns, isNull, ne, or, type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { apiKeys, auditChain, auditEvents, auditHeads } from '../db/schema/index.ts'
import { orderBy, type PageAsked } from '../http/pages.ts'
import { ascending, descending, fromCursor, tablePage } from '../http/table-pages.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { toWritten } from './audit-anchors.ts'

export interface EventsAsked extends PageAsked {
  readonly action: readonly string[]
  readonly target?: string | undefined
}

/** Ids are made of the time. */
export const EVENT_ORDER = descending(ascending(auditEvents, 'id'))

export type EventRow = typeof auditEvents.$inferSelect & {
  readonly sequence: number | null
  readonly hash: string | null
}

const byAction = ({ action }: EventsAsked): SQL =>
  action.length === 0 ? sql`true` : sql`${auditEvents.action} = any (${sql.param(action)}::text[])`

/** The entries of a page that a transaction may see, and one more. */
export async function readEvents(tx: Tx, page: EventsAsked): Promise<EventRow[]> {
  return tx
    .select({ ...getTableColumns(auditEvents), sequence: auditChain.sequence, hash: auditChain.hash })
    .from(auditEvents)
    .leftJoin(
      auditChain,
      and(eq(auditChain.jurisdictionId, auditEvents.jurisdictionId), eq(auditChain.eventId, auditEvents.id)),
    )
    .where(
      and(
        byAction(page),
        page.target === undefined ? sql`true` : sql`${auditEvents.target} = ${page.target}`,
        fromCursor(EVENT_ORDER, page),
      ),
    )
    .orderBy(orderBy(EVENT_ORDER))
    .limit(page.limit + 1)
}

/**
 * Reads of one city's data by those who read across cities, from the operator's entries.
 *
 * A read that named no jurisdictions was one of all that its key may see. The city is not shown the entry itself, which
 * may hold what another city's data is called: of the filters it sees the names, and the target where all that was
 * read was its own.
 */
export async function readsOfCity(tx: Tx, city: string, page: EventsAsked): Promise<EventRow[]> {
  const keys = await tx
    .select({ id: sql<string>`${apiKeys.id}::text` })
    .from(apiKeys)
    .where(
      and(
        isNull(apiKeys.jurisdictionId),
        or(eq(apiKeys.role, 'admin'), isNull(apiKeys.scope), sql`${city}::uuid = any (${apiKeys.scope})`),
      ),
    )
  const named = await readsPage(tx, page, city, sql`${JURISDICTIONS} ? ${city}`)
  const ofAll = await readsPage(
    tx,
    page,
    city,
    sql`${JURISDICTIONS} is null and ${auditEvents.actor} = any (${sql.param(keys.map(({ id }) => id))}::text[])`,
  )
  return [...named, ...ofAll]
}

const JURISDICTIONS = sql`(${auditEvents.detail} -> 'jurisdictions')`

async function readsPage(tx: Tx, page: EventsAsked, city: string, covers: SQL): Promise<EventRow[]> {
  const isOwn = sql`coalesce(${JURISDICTIONS} = ${JSON.stringify([city])}::jsonb, false)`
  const rows = await tx
    .select({ ...getTableColumns(auditEvents), isOwn: sql<boolean>`${isOwn}` })
    .from(auditEvents)
    .where(
      and(
        eq(auditEvents.jurisdictionId, OPERATOR_ID),
        sql`${auditEvents.action} like '%.read'`,
        covers,
        sql`${auditEvents.at} >= (select created_at from jurisdictions where id = ${city}::uuid)`,
        byAction(page),
        page.target === undefined ? sql`true` : sql`${isOwn} and ${auditEvents.target} = ${page.target}`,
        fromCursor(EVENT_ORDER, page),
      ),
    )
    .orderBy(orderBy(EVENT_ORDER))
    .limit(page.limit + 1)
  return rows.map(({ isOwn: own, ...row }) => ({
    ...row,
    target: own ? row.target : null,
    detail: {
      read: own ? 'this jurisdiction' : 'several jurisdictions',
      filters: Object.keys(row.detail as object)
        .filter((name) => !['scope', 'jurisdictions'].includes(name))
        .sort(),
    },
    remoteAddress: null,
    sequence: null,
    hash: null,
  }))
}

const HEAD_ORDER = ascending(auditHeads, 'jurisdictionId')

/** Where the chains end; the operator's own too where it is asked for. */
export const headsPage = (tx: Tx, withOperators: boolean, page: PageAsked) =>
  tablePage(
    tx,
    {
      table: auditHeads,
      order: HEAD_ORDER,
      where: [withOperators ? undefined : ne(auditHeads.jurisdictionId, OPERATOR_ID)],
      item: toWritten,
    },
    page,
  )
