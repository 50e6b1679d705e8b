/** What is on record of published vulnerabilities: advisories, feeds, changes. */
import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { advisoryFeeds, firmwareVersions } from '../../db/schema/index.ts'
import type { Advisory } from '../../firmware-risk/advisories.ts'
import { orderBy, type Page, type PageAsked, type SortKey } from '../../http/pages.ts'
import { toInstant } from '../../http/schemas.ts'
import { ascending, cutPage, descending, fromCursor, tablePage } from '../../http/table-pages.ts'

export interface StoredAdvisory extends Record<string, unknown> {
  readonly id: string
  readonly statements: readonly {
    readonly feed: string
    readonly document: string
    readonly importVersion: number
    readonly doc: Advisory
  }[]
}

const stored = sql`select a.advisory_id as id, json_agg(json_build_object('feed', a.feed, 'document', a.document,
  'importVersion', a.import_version, 'doc', a.doc) order by a.feed, a.document) as statements from advisories a`

const BY_ID: readonly SortKey[] = [
  { field: 'id', column: sql`a.advisory_id collate "C"`, descending: false, type: 'text', nullable: false },
]

export interface AdvisoryFilter {
  readonly maker: readonly string[]
  readonly feed: readonly string[]
  readonly knownExploited?: boolean | undefined
}

export async function advisoryPage<Item>(
  tx: Tx,
  { maker, feed, knownExploited }: AdvisoryFilter,
  page: PageAsked,
  item: (row: StoredAdvisory) => Item,
): Promise<Page<Item>> {
  const having = [
    maker.length > 0 ? sql`bool_or(a.makers && ${sql.param(maker)}::text[])` : sql`true`,
    feed.length > 0 ? sql`bool_or(a.feed = any (${sql.param(feed)}::text[]))` : sql`true`,
    knownExploited === undefined ? sql`true` : sql`bool_or(a.is_known_exploited) = ${knownExploited}`,
  ]
  const { rows } = await tx.execute<StoredAdvisory>(sql`${stored} where ${fromCursor(BY_ID, page)}
    group by a.advisory_id having ${sql.join(having, sql` and `)}
    order by ${orderBy(BY_ID)} limit ${page.limit + 1}`)
  return cutPage(rows, BY_ID, page, item)
}

export async function findAdvisory(tx: Tx, id: string): Promise<StoredAdvisory | undefined> {
  const { rows } = await tx.execute<StoredAdvisory>(
    sql`${stored} where a.advisory_id = ${id} group by a.advisory_id`,
  )
  return rows[0]
}

export type FeedRow = typeof advisoryFeeds.$inferSelect

export const readFeeds = (tx: Tx): Promise<FeedRow[]> =>
  tx.select().from(advisoryFeeds).orderBy(advisoryFeeds.feed)

const NEWEST_FIRST = descending(ascending(firmwareVersions, 'version'))

/** Every change of what is known of firmware. */
export const changesPage = (tx: Tx, page: PageAsked) =>
  tablePage(
    tx,
    {
      table: firmwareVersions,
      order: NEWEST_FIRST,
      where: [],
      item: (row) => ({ ...row, changes: row.changes as object, at: toInstant(row.at) }),
    },
    page,
  )
