/** Lists as they are read: in force, version by version, and what waits for a person. */
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { listChecks, listVersions } from '../db/schema/index.ts'
import { orderBy, type Page, type PageAsked, type SortKey } from '../http/pages.ts'
import { toInstant } from '../http/schemas.ts'
import { ascending, cutPage, descending, fromCursor, tablePage } from '../http/table-pages.ts'
import { dayIn, daysBetween } from '../lib/calendar.ts'
import type { ListEntry } from './model/entry.ts'
import type { Standing } from './model/naming.ts'
import { LIST_SOURCES } from './sources/index.ts'
import { latestListVersion, type StoredVersion, type VersionCounts } from './store.ts'

export type CheckRow = typeof listChecks.$inferSelect

function toVersion(row: typeof listVersions.$inferSelect) {
  const { version, format, publishedOn, loadedAt, fileSha256, knowledgeVersion, isForced } = row
  return {
    ...{ version, format, publishedOn, fileSha256, knowledgeVersion, isForced },
    loadedAt: toInstant(loadedAt),
    counts: row.counts as VersionCounts,
  }
}

export async function allLists(tx: Tx, now: Date) {
  const checks = new Map((await tx.select().from(listChecks)).map((row) => [row.listId, row]))
  const lists = []
  for (const source of LIST_SOURCES) {
    const version = await latestListVersion(tx, source.id)
    lists.push(toList(source, version, checks.get(source.id), now))
  }
  return lists
}

function toList(
  { id, title, authority, address, formats, maxAgeDays }: (typeof LIST_SOURCES)[number],
  version: StoredVersion | undefined,
  check: CheckRow | undefined,
  now: Date,
) {
  const goodAt = check?.goodAt ?? null
  const ageDays = goodAt === null ? null : daysBetween(dayIn(new Date(goodAt)), dayIn(now))
  return {
    ...{ id, title, authority, address },
    formats: formats.map((format) => ({ id: format.id, title: format.title })),
    inForce: version ? toVersion(version) : null,
    checkedAt: check ? toInstant(check.checkedAt) : null,
    outcome: (check?.outcome ?? null) as 'loaded' | 'unchanged' | 'refused' | 'failed' | null,
    detail: check?.detail ?? null,
    ageDays,
    isOld: ageDays !== null && ageDays > maxAgeDays,
  }
}

const NEWEST_FIRST = descending(ascending(listVersions, 'version'))

export const versionPage = (tx: Tx, list: string, page: PageAsked) =>
  tablePage(
    tx,
    {
      table: listVersions,
      order: NEWEST_FIRST,
      where: [sql`${listVersions.listId} = ${list}`],
      item: toVersion,
    },
    page,
  )

const BY_KEY: readonly SortKey[] = [
  { field: 'key', column: sql`e.key collate "C"`, descending: false, type: 'text', nullable: false },
]

interface ChangeRow extends Record<string, unknown> {
  readonly key: string
  readonly before: ListEntry | null
  readonly after: ListEntry | null
  readonly maker: string | null
  readonly standing: Standing
  readonly regime: string | null
}

/** What stands in one version and not, or otherwise, in the other. */
export async function changesBetween(
  tx: Tx,
  list: string,
  [a, b]: readonly [number, number],
  page: PageAsked,
) {
  const at = (version: number) => sql`
    select e.* from list_entries e where e.list_id = ${list} and e.version_from <= ${version}
      and (e.version_to is null or e.version_to > ${version})`
  const { rows } = await tx.execute<ChangeRow>(sql`
    select e.key, e.before, e.after, e.maker, e.standing, e.regime from (
      select coalesce(x.key, y.key) as key, x.doc as before, y.doc as after,
        coalesce(y.manufacturer_id, x.manufacturer_id) as maker, coalesce(y.standing, x.standing) as standing,
        coalesce(y.regime_id, x.regime_id) as regime
      from (${at(a)}) x full join (${at(b)}) y on x.key = y.key
      where x.doc is distinct from y.doc
    ) e where ${fromCursor(BY_KEY, page)} order by ${orderBy(BY_KEY)} limit ${page.limit + 1}`)
  return cutPage(rows, BY_KEY, page, toChange)
}

function toChange({ before, after, ...row }: ChangeRow) {
  const change =
    before === null ? ('added' as const) : after === null ? ('ended' as const) : ('changed' as const)
  return { ...row, change, name: (after ?? before)!.name, before, after }
}

interface UnmatchedRow extends Record<string, unknown> {
  readonly key: string
  readonly name: string
  readonly standing: Standing
  readonly maker: string | null
  readonly regime: string | null
  readonly why: string | null
  readonly since: number
  readonly entry: ListEntry
}

/** Entries in force that reach no maker for sure. */
export async function unmatchedPage(
  tx: Tx,
  list: string,
  standings: readonly Standing[],
  page: PageAsked,
): Promise<Page<UnmatchedRow>> {
  const { rows } = await tx.execute<UnmatchedRow>(sql`
    select e.key, e.name, e.standing, e.manufacturer_id as maker, e.regime_id as regime, e.why, e.version_from as since, e.doc as entry
    from list_entries e
    where e.list_id = ${list} and e.version_to is null and e.standing = any (${sql.param(standings)}::text[])
      and ${fromCursor(BY_KEY, page)}
    order by ${orderBy(BY_KEY)} limit ${page.limit + 1}`)
  return cutPage(rows, BY_KEY, page, (row) => row)
}
