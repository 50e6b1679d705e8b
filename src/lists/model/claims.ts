/** From entries that name makers to listings: begun, ended, never deleted. Pure. */
import type { Listing } from '../../catalogue/rules.ts'
import { later, type PlainDate } from '../../lib/calendar.ts'
import type { ListEntry } from './entry.ts'
import type { Naming } from './naming.ts'

/** A maker on the list of a body of law. */
export interface Claim {
  readonly regime: string
  readonly vendor: string
  readonly isSure: boolean
  readonly entry: ListEntry
  /** The day before which the list did not have the entry; null when it has had it for as long as it was read. */
  readonly notBefore: PlainDate | null
}

export interface ListingPatch {
  readonly id: string
  readonly patch: Partial<Listing>
  readonly how: 'begun' | 'reopened' | 'confirmed' | 'ended' | 'withdrawn'
}

export interface ClaimTerms {
  readonly title: string
  readonly publishedOn: PlainDate
  /** All of them, as they are. */
  readonly listings: readonly Listing[]
  readonly vendorName: (id: string) => string
}

export const claimKey = ({ regime, vendor }: Pick<Claim, 'regime' | 'vendor'>) => `${regime} ${vendor}`

/** An entry whose name reaches a maker puts it on the list of a body of law; others make no claim. */
export function claimOf(
  entry: ListEntry,
  { standing, vendor }: Naming,
  regime: string | null,
  notBefore: PlainDate | null,
): Claim | null {
  if (vendor === null || regime === null || (standing !== 'sure' && standing !== 'likely')) return null
  return { regime, vendor, isSure: standing === 'sure', entry, notBefore }
}

/** Whether an entry still stands on a day; lists of periods and of orders keep those that are over. */
export const isInForce = ({ to }: Pick<ListEntry, 'to'>, day: PlainDate) => to === null || to > day

/** What the claims of a version begin, reopen and confirm. */
export function listed(claims: readonly Claim[], terms: ClaimTerms): ListingPatch[] {
  const best = new Map<string, { claim: Claim; programs: Set<string> }>()
  for (const claim of claims) {
    const { to, programs } = claim.entry
    if (to !== null && to <= terms.publishedOn) continue
    const known = best.get(claimKey(claim))
    const isBest = known === undefined || isBetter(claim, known.claim)
    best.set(claimKey(claim), {
      claim: isBest ? claim : known.claim,
      programs: new Set([...(known?.programs ?? []), ...programs]),
    })
  }
  return [...best.values()].flatMap(({ claim, programs }) => begin(claim, [...programs], terms))
}

/** A sure one first, then the one that began earlier: nobody is listed later than the list says. */
function isBetter(claim: Claim, known: Claim): boolean {
  if (claim.isSure !== known.isSure) return claim.isSure
  const [a, b] = [startOf(claim), startOf(known)]
  return b !== null && (a === null || a < b)
}

const startOf = ({ entry, notBefore }: Claim) => entry.from ?? notBefore

/** Tags that block nothing themselves and stand beside one that does: 31 CFR part 561 is about foreign banks. */
const BESIDE = new Set(['IFSR'])

/** A license under one program lifts nothing under another, so that a maker under two has two listings. */
function begin(claim: Claim, programs: readonly string[], terms: ClaimTerms): ListingPatch[] {
  const blocking = programs.filter((one) => !BESIDE.has(one))
  const [first = programs[0] ?? null, ...others] = blocking
  return [
    ...beginUnder(first, claim, terms),
    ...others.flatMap((program) => beginUnder(program, claim, terms, program)),
  ]
}

/** `ending` tells the id of a further program from that of the first. */
function beginUnder(
  program: string | null,
  claim: Claim,
  terms: ClaimTerms,
  ending?: string,
): ListingPatch[] {
  const all = terms.listings.filter(
    ({ regime, vendor }) => regime === claim.regime && vendor === claim.vendor,
  )
  const isOpen = ({ to }: Listing) => to === null || to > terms.publishedOn
  const own = all.filter((one) => program === null || [program, null].includes(one.program ?? null))
  const open = own.filter(isOpen)
  if (open.length > 0) {
    if (!claim.isSure) return []
    return open
      .filter(({ unconfirmed }) => unconfirmed === true)
      .map(({ id }) => ({ id, patch: { unconfirmed: false }, how: 'confirmed' }))
  }
  const stated = startOf(claim)
  const ended = own.filter(({ to }) => to !== null).toSorted((a, b) => (a.to! < b.to! ? -1 : 1))
  // It had been taken off by mistake: the same listing, of the same day.
  const same = ended.find(({ from, unconfirmed }) => from === stated && unconfirmed !== true)
  if (same) return [{ id: same.id, patch: { to: null }, how: 'reopened' }]
  // Nobody says since when a program was added: not later than the maker was listed under another.
  const already = all.find(isOpen)
  // A day that nobody states cannot be before the end of what was there.
  const from = claim.entry.from ?? (already ? already.from : latest(ended.at(-1)?.to ?? null, stated))
  const id = ending === undefined ? idOf(claim, from) : `${idOf(claim, from)}:${ending}`
  return [{ id, patch: listingOf(claim, { id, program, from }, terms), how: 'begun' }]
}

function latest(a: PlainDate | null, b: PlainDate | null): PlainDate | null {
  return a === null || b === null ? (a ?? b) : later(a, b)
}

const idOf = ({ regime, vendor }: Claim, from: PlainDate | null) => `${regime}:${vendor}:${from ?? 'undated'}`

function listingOf(
  claim: Claim,
  own: Pick<Listing, 'id' | 'from'> & { readonly program: string | null },
  terms: ClaimTerms,
): Listing {
  const { entry, regime, vendor, isSure } = claim
  return {
    ...own,
    regime,
    vendor,
    name: entry.name,
    to: entry.to,
    scope: entry.scope,
    class: null,
    purposeLimited: entry.purposeLimited,
    unconfirmed: !isSure,
    phases: {},
    citation: entry.citation ?? `Entry ${entry.key} of the ${terms.title}, published on ${terms.publishedOn}`,
    certainty: isSure ? 'sure' : 'uncertain',
    notes: noteOn(claim, own.from),
    asOf: terms.publishedOn,
  }
}

function noteOn({ entry, notBefore }: Claim, from: PlainDate | null): string | null {
  if (entry.from !== null) return null
  if (from === null) return 'The file does not say since when; it counts as listed from the beginning.'
  if (notBefore === null) return 'The file does not say since when.'
  return `The file does not say since when. The version before did not have it, so that ${from} is the first day on which it can have been listed.`
}

export interface GoneClaim extends Pick<Claim, 'regime' | 'vendor'> {
  /** First day outside, where the list states it. */
  readonly on?: PlainDate
}

/** What a version that lacks a maker ends, on the day that it states, else on that on which it was published. */
export function delisted(gone: readonly GoneClaim[], terms: ClaimTerms): ListingPatch[] {
  const { publishedOn } = terms
  const keys = new Map(gone.map((claim) => [claimKey(claim), claim.on ?? publishedOn]))
  return terms.listings
    .filter(
      ({ regime, vendor, to }) =>
        vendor !== null && (to === null || to > publishedOn) && keys.has(claimKey({ regime, vendor })),
    )
    .map(({ id, regime, vendor, from, notes }) => ({
      id,
      how: 'ended',
      patch: {
        to: endDay(from, keys.get(claimKey({ regime, vendor: vendor! }))!),
        notes: [notes, `Not in the ${terms.title} of ${publishedOn} any more.`].filter(Boolean).join(' '),
        asOf: publishedOn,
      },
    }))
}

const endDay = (from: PlainDate | null, on: PlainDate) => (from === null ? on : later(from, on))

/** A person said that the entry is somebody else: the listing was never one. */
export function withdrawn(
  gone: readonly Pick<Claim, 'regime' | 'vendor'>[],
  terms: ClaimTerms,
): ListingPatch[] {
  return delisted(gone, terms).map(({ id }) => {
    const day = terms.listings.find((one) => one.id === id)!.from ?? BEGINNING
    return { id, how: 'withdrawn', patch: { from: day, to: day, notes: 'The entry names somebody else.' } }
  })
}

/** Before any list; a period that ends where it begins has no day in it. */
const BEGINNING = '1900-01-01'
