/** A file of a list takes the place of the version in force, or is refused and changes nothing. */
import { type Patch, withPatches, writePatches } from '../catalogue/patches.ts'
import type { ReferenceData } from '../catalogue/reference-data.ts'
import type { Listing } from '../catalogue/rules.ts'
import { filesOf, latestVersion, lockVersions, writeVersion } from '../catalogue/versions.ts'
import type { Database, Tx } from '../db/database.ts'
import { listVersions } from '../db/schema/index.ts'

import { dayIn, type PlainDate } from '../lib/calendar.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { earliestDay, reachOf } from '../screening/reach.ts'
import { cutOf } from '../screening/stored-knowledge.ts'
import { type Actor, record } from '../tenancy/audit.ts'
import { faultsOf } from './model/checks.ts'
import type { ListingPatch } from './model/claims.ts'
import { byKey, type ListPlan, planVersion, readStanding, type Standing, withFormerMakers } from './plan.ts'
import type { ReadFile } from './reading/thread.ts'
import { refusal } from './refusals.ts'
import type { ListSource } from './sources/index.ts'
import { latestListVersion, noteCheck, type VersionCounts, writeEntries } from './store.ts'
import { wholeList } from './whole-list.ts'

export interface ListFile {
  readonly source: ListSource
  readonly read: ReadFile
  readonly sha256: string
  /** The day that the sender states; for formats that do not say it themselves. */
  readonly publishedOn: PlainDate | null
  readonly isForced: boolean
}

export interface Planned {
  readonly plan: ListPlan
  readonly publishedOn: PlainDate
  readonly counts: VersionCounts
  /** The listings as they would be. */
  readonly listings: readonly Listing[]
}

const HALF_A_DAY = 14 * 3_600_000

/** Throws `list-refused`. */
export async function planFile(
  database: Database,
  file: ListFile,
  knowledge: Knowledge,
  now: Date,
): Promise<Planned> {
  const { source } = file
  const standing = await database.asOperator((tx) => readStanding(tx, source.id), { lane: 'long' })
  const { read, faults: misfits } = wholeList(file.read, source, standing)
  const publishedOn = read.head.publishedOn ?? file.publishedOn ?? dayIn(now)
  const { before } = standing
  const found = faultsOf(
    { ...read, publishedOn },
    {
      ...{ title: source.title, parts: source.parts, sentinels: source.sentinels },
      // Somewhere it is tomorrow already.
      latestDay: dayIn(new Date(now.getTime() + HALF_A_DAY)),
      before: before === undefined ? null : { ...before.counts, publishedOn: before.publishedOn },
    },
  )
  const stopping = [...misfits, ...found].filter(({ mayBeForced }) => !(mayBeForced && file.isForced))
  if (stopping.length > 0) throw refusal(source, stopping)
  const entries = withFormerMakers(byKey(read.entries, standing), read.personKeys, standing)
  const plan = await planVersion(source, entries, publishedOn, standing, knowledge)
  return {
    plan,
    publishedOn,
    counts: countsOf(plan, read),
    listings: listingsAfter(standing.reference, patchesOf(source, plan.listings)),
  }
}

function countsOf({ added, changed, ended, unchanged, listings }: ListPlan, read: ReadFile): VersionCounts {
  return {
    entries: added.length + changed.length + unchanged,
    persons: read.persons,
    unreadable: read.unreadable,
    added: added.length,
    changed: changed.length,
    ended: ended.length,
    unchanged,
    listings: listings.length,
  }
}

export function patchesOf({ id: list }: ListSource, listings: readonly ListingPatch[]): Patch[] {
  return listings.map(({ id, patch }) => ({
    part: 'listings',
    id,
    origin: `list:${list}`,
    patch: { ...patch },
  }))
}

const listingsAfter = (reference: ReferenceData, patches: readonly Patch[]) =>
  patches.length === 0 ? reference.listings : withPatches(reference, patches).listings

export interface Loaded {
  readonly isChanged: boolean
  readonly version: number
  readonly knowledgeVersion: number
}

/**
 * Write what was planned, in the caller's transaction. null when something else was written since it was planned: plan
 * it again.
 */
export async function writePlanned(
  tx: Tx,
  file: ListFile,
  { plan, publishedOn, counts }: Planned,
  { actor, now }: { readonly actor: Actor; readonly now: Date },
): Promise<Loaded | null> {
  await lockVersions(tx)
  const { source, read, sha256, isForced } = file
  const { standing } = plan
  if (!(await isAsPlanned(tx, source.id, standing))) return null
  const { before } = standing
  const isChanged = before === undefined || counts.added + counts.changed + counts.ended > 0
  const note = { list: source.id, detail: null, at: now }
  if (!isChanged) {
    await noteCheck(tx, { ...note, outcome: 'unchanged' })
    return { isChanged, version: before.version, knowledgeVersion: standing.knowledgeVersion }
  }
  const version = (before?.version ?? 0) + 1
  await writeEntries(tx, source.id, version, {
    put: [...plan.added, ...plan.changed],
    gone: [...plan.ended, ...plan.changed].map(({ entry }) => entry.key),
  })
  const patches = patchesOf(source, plan.listings)
  const cause = { list: source.id, listVersion: version }
  const knowledgeVersion = await writeLaw(tx, standing.reference, patches, { actor, now, cause })
  await tx.insert(listVersions).values({
    ...{ listId: source.id, version, publishedOn, knowledgeVersion, counts, isForced },
    format: read.format,
    loadedAt: now.toISOString(),
    fileSha256: sha256,
    loadedBy: actor.id,
  })
  await noteCheck(tx, { ...note, outcome: 'loaded' })
  await record(tx, null, actor, now, {
    action: 'lists.load',
    target: source.id,
    detail: { version, publishedOn, format: read.format, sha256, isForced, counts, knowledgeVersion },
  })
  return { isChanged, version, knowledgeVersion }
}

async function isAsPlanned(tx: Tx, list: string, { before, knowledgeVersion }: Standing): Promise<boolean> {
  const [law, latest] = [await latestVersion(tx), await latestListVersion(tx, list)]
  return law?.version === knowledgeVersion && latest?.version === before?.version
}

export interface LawWrite {
  readonly actor: Actor
  readonly now: Date
  readonly cause: Readonly<Record<string, unknown>>
}

/** Lay patches over the law in force, under `lockVersions`. Gives the version of the knowledge afterwards. */
export async function writeLaw(
  tx: Tx,
  reference: ReferenceData,
  patches: readonly Patch[],
  { actor, now, cause }: LawWrite,
): Promise<number> {
  const before = (await latestVersion(tx))!
  if (patches.length === 0) return before.version
  await writePatches(tx, patches, now)
  const laid = withPatches(reference, patches)
  const { version } = await writeVersion(
    tx,
    {
      ...{ before, files: filesOf(before), reference: laid, isPatched: true, cut: cutOf(laid), cause },
      reaches: reachOf(reference, laid, earliestDay(now)),
    },
    now,
    actor,
  )
  return version
}
