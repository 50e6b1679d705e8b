/**
 * A document of a feed goes into the database: read, checked against what is there, and written as a difference.
 * A download that broke off must not clear anybody, so a feed that shrank is refused unless it is forced.
 */
import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { advisoryFeeds } from '../../db/schema/index.ts'
import {
  type Advisory,
  type AdvisoryChanges,
  type Claim,
  comparingAdvisories,
  type Imported,
  mergingAdvisories,
} from '../../firmware-risk/advisories.ts'
import { DomainError, type FieldProblem } from '../../http/problems.ts'
import type { PlainDate } from '../../lib/calendar.ts'
import { withPauses } from '../../lib/pacing.ts'
import { firmwareVersion } from '../../screening/firmware-knowledge.ts'
import { lockVersions, noteShared, statementsOf } from '../store.ts'
import { refuseOlder, withoutOlder } from './age.ts'
import type { FeedFormat } from './formats.ts'

/** `overlay` is our own file of what the feeds lack. */
export type Feed = FeedFormat | 'overlay'

/** Days after which a feed that was not read again is old. */
export const FEED_AGE_DAYS: Readonly<Record<Feed, number>> = {
  kev: 7,
  cve: 30,
  csaf: 30,
  nvd: 30,
  epss: 7,
  overlay: 180,
}

/** Losing more than this share of a feed, or of its rows to errors, looks like a broken download. */
const MOST_LOST = 0.2
/** How many problems of a feed an answer lists. */
const LISTED = 20
const PRODUCTS_LISTED = 100

export interface UnusableProduct {
  readonly product: string
  readonly maker: string | null
  readonly lacks: readonly ('maker' | 'model' | 'range')[]
  readonly claims: number
}

export interface FeedImport {
  readonly feed: Feed
  readonly isChanged: boolean
  /** Version of the firmware knowledge after the import. */
  readonly version: number
  readonly feedVersion: string | null
  readonly releasedOn: PlainDate | null
  /** `statements` = added + changed + unchanged. */
  readonly counts: {
    readonly statements: number
    readonly added: number
    readonly changed: number
    readonly withdrawn: number
    readonly unchanged: number
    readonly problems: number
    /** What sources say of products, and how much of it cannot be held against a device. */
    readonly claims: number
    readonly withoutMaker: number
    readonly withoutModel: number
    readonly withoutRange: number
  }
  /** Products of claims that lack something, each once. */
  readonly unusable: readonly UnusableProduct[]
  readonly added: readonly string[]
  readonly changed: readonly { readonly id: string; readonly fields: readonly string[] }[]
  readonly withdrawn: readonly string[]
  readonly problems: readonly FieldProblem[]
  /** `vendor:<id>` of each maker or brand whose profiles are evaluated again. */
  readonly subjects: readonly string[]
}

export interface FeedWrite {
  readonly feed: Feed
  readonly imported: Imported
  readonly isForced: boolean
  readonly by: string
  readonly now: Date
}

/**
 * Write what a document says. The same document a second time changes nothing and gets no version.
 * Throws `feed-refused`.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the steps of one transaction, whose order matters
export async function importFeed(tx: Tx, write: FeedWrite): Promise<FeedImport> {
  const { feed, isForced, by, now } = write
  // One statement per vulnerability, also where a document repeats itself.
  const read = await withPauses(mergingAdvisories([write.imported.advisories]))
  await lockVersions(tx)
  const given = feed === 'epss' ? await onRecord(tx, read) : read
  const document = feed === 'epss' ? { ...write.imported, advisories: given } : write.imported
  const scope = documentScope(feed, given)
  const before = await statementsOf(tx, feed, scope)
  const recorded = before.map(({ doc }) => doc)
  if (!isForced && feed === 'kev') await refuseOlder(tx, document, recorded)
  const imported = isForced ? document : withoutOlder(document, given, recorded)
  const { problems } = imported
  const refused = new Set(imported.refused)
  const advisories = given.filter(({ id }) => !refused.has(id))
  const isGiven = new Set(advisories.map(({ id }) => id))
  const previous = recorded
    // The document holds it, in a form that cannot be taken: that withdraws nothing.
    .filter(({ id }) => !refused.has(id))
    // NVD and CVE records arrive one by one or by the page: what is not in this page is not withdrawn.
    .filter((one) => isWhole(feed) || isGiven.has(one.id))
  const changes = await withPauses(comparingAdvisories(previous, advisories))
  if (!isForced) refuseBroken(imported, write.imported, previous.length, changes)
  const touchedIds = new Set([...changes.added, ...changes.changed.map(({ id }) => id), ...changes.withdrawn])
  const isChanged = touchedIds.size > 0
  const touchedMakers = [
    ...[...previous, ...advisories].filter(({ id }) => touchedIds.has(id)).flatMap(makersOf),
    ...(await makersOnRecord(tx, [...touchedIds])),
  ]
  const subjects = [...new Set(touchedMakers.map((maker) => `vendor:${maker}`))].toSorted()
  const counts = {
    statements: advisories.length,
    added: changes.added.length,
    changed: changes.changed.length,
    withdrawn: changes.withdrawn.length,
    unchanged: changes.unchanged,
    problems: problems.length,
    ...lacking(advisories),
  }
  let version = await firmwareVersion(tx)
  if (isChanged) {
    version = await noteShared(tx, {
      kind: 'advisories',
      feed,
      changes: { feedVersion: imported.version, releasedAt: imported.releasedAt ?? null, counts },
      subjects,
      by,
      now,
    })
    await tx.execute(sql`
      delete from advisories where feed = ${feed} and advisory_id = any (${sql.param(changes.withdrawn)}::text[])
        ${scope === null ? sql`` : sql`and document = any (${sql.param(scope)}::text[])`}`)
    const touched = advisories.filter(({ id }) => touchedIds.has(id))
    for (let i = 0; i < touched.length; i += BATCH) {
      await writeAdvisories(tx, feed, touched.slice(i, i + BATCH), version)
    }
  }
  const { rows: held } = await tx.execute<{ count: number }>(
    sql`select count(*)::int as count from advisories where feed = ${feed}`,
  )
  const state = {
    feedVersion: imported.version,
    releasedOn: imported.releasedOn,
    statements: held[0]!.count,
    checkedAt: now.toISOString(),
  }
  await tx
    .insert(advisoryFeeds)
    .values({ feed, importVersion: version, ...state })
    .onConflictDoUpdate({
      target: advisoryFeeds.feed,
      set: isChanged ? { ...state, importVersion: version } : state,
    })
  return {
    feed,
    isChanged,
    version,
    feedVersion: imported.version,
    releasedOn: imported.releasedOn,
    counts,
    unusable: unusableOf(advisories),
    added: changes.added,
    changed: changes.changed,
    withdrawn: changes.withdrawn,
    problems: fieldProblems(imported).slice(0, LISTED),
    subjects,
  }
}

/** Scores there are for every CVE; those of vulnerabilities that some other feed tells of are kept. */
async function onRecord(tx: Tx, given: readonly Advisory[]): Promise<readonly Advisory[]> {
  const { rows } = await tx.execute<{ id: string }>(
    sql`select distinct advisory_id as id from advisories where feed <> 'epss'`,
  )
  const known = new Set(rows.map(({ id }) => id))
  return given.filter(({ id }) => known.has(id))
}

/** A score or a decision names no maker: whose devices it touches follows from what the other feeds say. */
async function makersOnRecord(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const { rows } = await tx.execute<{ maker: string }>(sql`
    select distinct unnest(makers) as maker from advisories where advisory_id = any (${sql.param(ids)}::text[])`)
  return rows.map(({ maker }) => maker)
}

/** So many at once: their JSON is written within milliseconds. */
const BATCH = 250

async function writeAdvisories(
  tx: Tx,
  feed: Feed,
  advisories: readonly Advisory[],
  version: number,
): Promise<void> {
  const rows = advisories.map((doc) => ({
    id: doc.id,
    document: documentOf(feed, doc),
    makers: makersOf(doc),
    exploited: doc.knownExploited !== null,
    doc,
  }))
  await tx.execute(sql`
    insert into advisories (feed, document, advisory_id, makers, is_known_exploited, doc, import_version)
    select ${feed}, r.document, r.id, array(select jsonb_array_elements_text(r.makers)), r.exploited, r.doc, ${version}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as r(id text, document text, makers jsonb, exploited boolean, doc jsonb)
    on conflict (advisory_id, feed, document) do update set makers = excluded.makers,
      is_known_exploited = excluded.is_known_exploited, doc = excluded.doc, import_version = excluded.import_version`)
}

function lacking(advisories: readonly Advisory[]) {
  const claims = advisories.flatMap((one) => one.claims)
  const count = (what: UnusableProduct['lacks'][number]) =>
    claims.filter((claim) => lacksOf(claim).includes(what)).length
  return {
    claims: claims.length,
    withoutMaker: count('maker'),
    withoutModel: count('model'),
    withoutRange: count('range'),
  }
}

function lacksOf({ maker, models, rule }: Claim): UnusableProduct['lacks'] {
  return [
    ...(maker === null ? (['maker'] as const) : []),
    ...(models.length === 0 ? (['model'] as const) : []),
    ...(rule.kind === 'unspecified' ? (['range'] as const) : []),
  ]
}

function unusableOf(advisories: readonly Advisory[]): readonly UnusableProduct[] {
  const found = new Map<string, UnusableProduct>()
  for (const claim of advisories.flatMap((one) => one.claims)) {
    const lacks = lacksOf(claim)
    if (lacks.length === 0) continue
    const { product, maker } = claim
    const key = JSON.stringify([maker, product, lacks])
    found.set(key, { product, maker, lacks, claims: (found.get(key)?.claims ?? 0) + 1 })
  }
  return [...found.values()].slice(0, PRODUCTS_LISTED)
}

/** Whether a document is the feed's whole content. */
function isWhole(feed: Feed): boolean {
  return feed === 'kev' || feed === 'overlay' || feed === 'csaf'
}

function documentOf(feed: Feed, advisory: Advisory): string {
  return feed === 'csaf' ? (advisory.references[0] ?? '') : ''
}

/** The documents an import replaces; null for all of the feed. */
function documentScope(feed: Feed, advisories: readonly Advisory[]): readonly string[] | null {
  return feed === 'csaf' ? [...new Set(advisories.map((one) => documentOf(feed, one)))] : null
}

function makersOf({ claims }: Advisory): string[] {
  return [...new Set(claims.flatMap(({ maker }) => maker ?? []))]
}

function refuseBroken(imported: Imported, read: Imported, before: number, changes: AdvisoryChanges): void {
  const { advisories, problems } = imported
  const unread = read.problems.length
  const refuse = (detail: string) =>
    new DomainError('feed-refused', detail, { errors: fieldProblems(imported) })
  if (advisories.length === 0 && (imported.version === null || problems.length > 0))
    throw refuse(problems.at(-1)?.detail ?? 'The document holds no advisories.')
  const miscounted = problems.find(({ pointer }) => pointer === '/count')
  if (miscounted) throw refuse(`The catalog ${miscounted.detail}: the download may be cut short.`)
  if (unread > MOST_LOST * (read.advisories.length + unread)) {
    throw refuse(`${unread} of its entries cannot be read.`)
  }
  if (changes.withdrawn.length > MOST_LOST * before) {
    throw refuse(
      `${changes.withdrawn.length} of ${before} entries are gone; send force=true if that is meant.`,
    )
  }
}

function fieldProblems({ problems }: Imported): FieldProblem[] {
  return problems.map(({ pointer, detail }) => ({ pointer, code: 'unreadable', message: detail }))
}
