/** What a file of a list would do: entries that differ, makers that come onto the list and leave it. Writes nothing. */

import { readPatches } from '../catalogue/patches.ts'
import type { ReferenceData } from '../catalogue/reference-data.ts'
import { readRows } from '../catalogue/tables.ts'
import { latestVersion } from '../catalogue/versions.ts'
import type { Tx } from '../db/database.ts'
import { addDays, earlier, type PlainDate } from '../lib/calendar.ts'
import { canonical } from '../lib/canonical.ts'
import { withPauses } from '../lib/pacing.ts'
import type { Steps } from '../lib/steps.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import {
  type Claim,
  claimKey,
  claimOf,
  delisted,
  type GoneClaim,
  isInForce,
  type ListingPatch,
  listed,
} from './model/claims.ts'
import type { ListEntry } from './model/entry.ts'
import { type Namer, type Naming, NOBODY, namer } from './model/naming.ts'
import type { ListSource } from './sources/index.ts'
import {
  claimsOfOthers,
  decisionsOn,
  firstDays,
  latestListVersion,
  type NamedEntry,
  type OpenEntry,
  openEntries,
  type StoredVersion,
} from './store.ts'

/** What stands, as it was read in one transaction. */
export interface Standing {
  readonly before: StoredVersion | undefined
  readonly knowledgeVersion: number
  readonly reference: ReferenceData
  readonly open: ReadonlyMap<string, OpenEntry>
  readonly others: ReadonlyMap<string, PlainDate>
  readonly decisions: ReadonlyMap<string, string | null>
  readonly firstDay: (firstVersion: number) => PlainDate | null
  /** Ids of listings that this list brought. */
  readonly brought: ReadonlySet<string>
}

export async function readStanding(tx: Tx, list: string): Promise<Standing> {
  return {
    before: await latestListVersion(tx, list),
    knowledgeVersion: (await latestVersion(tx))?.version ?? 0,
    reference: await readRows(tx),
    open: await openEntries(tx, list),
    others: await claimsOfOthers(tx, list),
    decisions: await decisionsOn(tx, list),
    firstDay: await firstDays(tx, list),
    brought: new Set(
      (await readPatches(tx)).flatMap(({ id, origin }) => (origin === `list:${list}` ? [id] : [])),
    ),
  }
}

export interface ListPlan {
  readonly standing: Standing
  readonly added: readonly NamedEntry[]
  readonly changed: readonly NamedEntry[]
  readonly ended: readonly OpenEntry[]
  readonly unchanged: number
  readonly listings: readonly ListingPatch[]
}

/**
 * Entries of the new file, each once, by key. One that was merged with another by the authority goes on under the key
 * that is known of it, so that nobody leaves the list by a change of ids.
 */
export function byKey(
  entries: readonly ListEntry[],
  { open }: Pick<Standing, 'open'>,
): ReadonlyMap<string, ListEntry> {
  const own = new Set(entries.map(({ key }) => key))
  const found = new Map<string, ListEntry>()
  for (const { formerKeys = [], ...entry } of entries) {
    const former = open.has(entry.key) ? undefined : formerKeys.find((key) => open.has(key) && !own.has(key))
    const key = former ?? entry.key
    if (!found.has(key)) found.set(key, { ...entry, key })
  }
  return found
}

/**
 * The entries of a file, and those that named a maker and are persons all at once: a company does not become one, and a
 * wrong type clears nobody.
 */
export function withFormerMakers(
  entries: ReadonlyMap<string, ListEntry>,
  personKeys: readonly string[],
  { open }: Standing,
): ReadonlyMap<string, ListEntry> {
  const former = personKeys.flatMap((key): [string, ListEntry][] => {
    const known = open.get(key)
    return known !== undefined && isClaim(known) ? [[key, known.entry]] : []
  })
  return new Map([...former, ...entries])
}

export async function planVersion(
  source: ListSource,
  entries: ReadonlyMap<string, ListEntry>,
  publishedOn: PlainDate,
  standing: Standing,
  knowledge: Knowledge,
): Promise<ListPlan> {
  const { reference, open, before, firstDay } = standing
  const matcher = knowledge.matcher
  const read = await withPauses(naming(source, entries, standing, namer(reference.vendors, matcher)))
  const ended = [...open].flatMap(([key, entry]) => (entries.has(key) ? [] : [entry]))
  const now = heldOn(read, ended)
  const newVersion = (before?.version ?? 0) + 1
  const notBefore = (key: string) => {
    const first = open.get(key)?.firstVersion ?? newVersion
    if (first !== newVersion) return firstDay(first)
    return before === undefined ? null : earlier(addDays(before.publishedOn, 1), publishedOn)
  }
  const claims = now.flatMap((one) => claimOf(one.entry, one, one.regime, notBefore(one.entry.key)) ?? [])
  const terms = {
    title: source.title,
    publishedOn,
    listings: reference.listings,
    vendorName: knowledge.vendorName,
  }
  return {
    standing,
    added: now.filter(({ entry }) => !open.has(entry.key)),
    changed: now.filter(({ entry }) => {
      const known = open.get(entry.key)
      return known !== undefined && canonical(known.entry) !== canonical(entry)
    }),
    ended,
    unchanged: now.filter(({ entry }) => canonical(open.get(entry.key)?.entry) === canonical(entry)).length,
    listings: [...listed(claims, terms), ...endedBy(source, standing, claims, terms)],
  }
}

/** A copy of lists by somebody else ends what it brought itself, and nothing that an authority published. */
function endedBy(
  { isCopy }: ListSource,
  standing: Standing,
  claims: readonly Claim[],
  terms: Parameters<typeof delisted>[1],
): ListingPatch[] {
  const ended = delisted(goneOf(standing, claims, terms.publishedOn), terms)
  return isCopy ? ended.filter(({ id }) => standing.brought.has(id)) : ended
}

/** Makers that the version before had and this one has not, and no other list that is as new. */
function goneOf(
  { open, others, before }: Standing,
  claims: readonly Claim[],
  publishedOn: PlainDate,
): GoneClaim[] {
  const still = new Set(claims.filter(({ entry }) => isInForce(entry, publishedOn)).map(claimKey))
  const ends = new Map(
    claims.flatMap((claim) => (claim.entry.to === null ? [] : [[claimKey(claim), claim.entry.to] as const])),
  )
  const had = [...open.values()].filter(
    ({ entry }) => before !== undefined && isInForce(entry, before.publishedOn),
  )
  return openClaims(had).flatMap((claim) => {
    const key = claimKey(claim)
    const elsewhere = others.get(key)
    if (still.has(key) || (elsewhere !== undefined && elsewhere >= publishedOn)) return []
    const on = ends.get(key)
    return [{ ...claim, ...(on === undefined ? {} : { on }) }]
  })
}

type OpenClaim = Pick<Claim, 'regime' | 'vendor'>

const isClaim = ({ standing }: Naming) => standing === 'sure' || standing === 'likely'

function openClaims(entries: Iterable<OpenEntry>): OpenClaim[] {
  return [...entries].flatMap((one) =>
    isClaim(one) && one.regime !== null && one.vendor !== null
      ? [{ regime: one.regime, vendor: one.vendor }]
      : [],
  )
}

function* naming(
  source: ListSource,
  entries: ReadonlyMap<string, ListEntry>,
  { open, decisions }: Standing,
  nameOf: Namer,
): Steps<NamedEntry[]> {
  const named: NamedEntry[] = []
  for (const [key, entry] of entries) {
    const known = open.get(key)
    const isSame = known !== undefined && canonical(known.entry) === canonical(entry)
    const name = decided(decisions, key) ?? (isSame ? known : kept(known, nameOf(entry)))
    const regime = name.vendor === null ? null : source.regimeOf(entry)
    named.push({ entry, standing: name.standing, vendor: name.vendor, why: name.why, regime })
    yield
  }
  return named
}

function decided(decisions: ReadonlyMap<string, string | null>, key: string): Naming | null {
  const vendor = decisions.get(key)
  if (vendor === undefined) return null
  return vendor === null ? NOBODY : { standing: 'sure', vendor, why: 'a person confirmed it' }
}

/** An entry that is spelled otherwise all at once is the same entry: a typing error clears nobody. */
function kept(known: OpenEntry | undefined, now: Naming): Naming {
  if (known === undefined || !isClaim(known) || isClaim(now)) return now
  return { ...known, why: `${known.why}; it was called so in a version before` }
}

/**
 * Where a list has no lasting ids, an entry that is worded otherwise is another entry. When one goes that named a maker
 * and a similar one comes, it is taken as listed until a person has looked.
 */
function heldOn(now: readonly NamedEntry[], ended: readonly OpenEntry[]): NamedEntry[] {
  const gone = new Set(openClaims(ended).map(claimKey))
  if (gone.size === 0) return [...now]
  return now.map((one) => {
    const { standing, vendor, regime } = one
    const isHeld =
      standing === 'near' && vendor !== null && regime !== null && gone.has(claimKey({ regime, vendor }))
    return isHeld
      ? { ...one, standing: 'likely', why: `${one.why}; an entry of this maker went at the same time` }
      : one
  })
}
