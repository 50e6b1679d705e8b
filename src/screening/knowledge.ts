/**
 * Everything the service knows of makers and law, in one immutable value.
 *
 * Built from reference rows (files or tables, it does not care) and swapped as a whole, so one request never
 * sees half of an update.
 */

import { LRUCache } from 'lru-cache'
import type { ReferenceData } from '../catalogue/reference-data.ts'
import { boundaries, buildRegimeKnowledge, type RegimeKnowledge } from '../determination/law.ts'
import type { FirmwareKnowledge } from '../firmware-risk/knowledge.ts'
import { prepareUpdateLaw, type UpdateLaw } from '../firmware-risk/measures.ts'
import { buildClassIndex } from '../identification/classes.ts'
import { parseFccGrantee } from '../identification/fcc-id.ts'
import { buildIdentifyKnowledge, type IdentifyKnowledge } from '../identification/knowledge.ts'
import { buildMatcher, type Matcher } from '../identification/match/matcher.ts'
import { buildMentions, restrictedVendors } from '../identification/mentions.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { isRegistered, narrowestBlock, parseMac } from '../lib/mac.ts'
import type { Cut } from './profile.ts'

/** Who registered a MAC prefix (hex digits, 6, 7 or 9 of them) with the IEEE; null when nobody did. */
export type Registrant = (prefix: string) => string | null

export interface Knowledge {
  readonly version: number
  /** SHA-256 over the reference rows, hex. */
  readonly digest: string
  /** Newest date on which a list, a regime or a rule was read in its source. */
  readonly asOf: PlainDate
  readonly reference: ReferenceData
  readonly matcher: Matcher
  readonly identify: IdentifyKnowledge
  /**
   * The same, with texts read also for whom the laws of one city and its state name: for these laws alone, as they change
   * no answer of another.
   */
  readonly identifyLocally: IdentifyKnowledge
  readonly regimes: RegimeKnowledge
  /** Rules of one city and its state, judged beside `regimes` (`underLocalLaw`); null where there are none. */
  readonly local: RegimeKnowledge | null
  readonly cut: Cut
  readonly updates: UpdateLaw
  readonly firmware: FirmwareKnowledge
  vendorName(id: string): string
}

/** Put everything together. The same reference rows and registry always give the same knowledge. */
export function buildKnowledge(
  reference: ReferenceData,
  registrant: Registrant,
  version: number,
  digest: string,
  firmware: FirmwareKnowledge,
): Knowledge {
  return { ...buildFromReference(reference, registrant), version, digest, firmware }
}

/** The part of the knowledge that follows from the reference rows alone; most of the work of building it. */
export function buildFromReference(
  reference: ReferenceData,
  registrant: Registrant,
): Omit<Knowledge, 'version' | 'digest' | 'firmware'> {
  const matcher = buildMatcher(reference.vendors, new Map(), reference.relationships)
  const catalogue = {
    vendors: reference.vendors,
    relationships: reference.relationships,
    identifiers: reference.identifiers,
  }
  const classes = buildClassIndex(
    reference.models.flatMap(({ deviceClass, ...model }) =>
      deviceClass === null ? [] : [{ ...model, deviceClass }],
    ),
    reference.identifiers,
  )
  const restricted = restrictedIn(reference)
  const identifying = buildIdentifyKnowledge(catalogue, matcher, registrant, restricted, classes)
  const regimes = buildRegimeKnowledge(reference)
  const names = new Map(reference.vendors.map((vendor) => [vendor.id, vendor.name]))
  const asOf = listsReadOn(reference)
  return {
    asOf,
    reference,
    matcher,
    identify: identifying,
    identifyLocally: identifying,
    regimes,
    local: null,
    cut: {
      boundaries: boundaries(regimes),
      macBlock: rememberingBlocks(identifying),
      fccGrantee: sameGrantee,
      mentioned: identifying.mentions.standIns,
    },
    updates: prepareUpdateLaw(regimes, reference.listings, reference.relationships, asOf),
    vendorName: (id) => names.get(id) ?? id,
  }
}

/** The rows of the law that may be laid otherwise. */
export type LawRows = Pick<ReferenceData, 'regimes' | 'listings'>

/**
 * The same makers, evidence and firmware under other law. What reads no row of it is shared, not copied. `updates` is
 * the law that firmware is judged by: a license for updates stands there as a record, which is tested by more.
 */
export function underLaw(base: Knowledge, law: LawRows, updates: LawRows = law): Knowledge {
  const reference = { ...base.reference, ...law }
  const regimes = buildRegimeKnowledge(reference)
  const ofUpdates = updates === law ? regimes : buildRegimeKnowledge({ ...reference, ...updates })
  const identify = identifyingUnder(base, reference)
  return {
    ...base,
    reference,
    identify,
    identifyLocally: identify,
    regimes,
    cut: { ...base.cut, boundaries: boundaries(regimes), mentioned: identify.mentions.standIns },
    updates: prepareUpdateLaw(ofUpdates, law.listings, reference.relationships, base.asOf),
  }
}

/** What a text is read for depends on who is on a list; all else of identification does not. */
function identifyingUnder({ identify }: Knowledge, reference: ReferenceData): IdentifyKnowledge {
  const restricted = restrictedIn(reference)
  const { vendors, identifiers } = reference
  const isSame =
    restricted.size === identify.restricted.size && [...restricted].every((id) => identify.restricted.has(id))
  return isSame
    ? identify
    : { ...identify, restricted, mentions: buildMentions(vendors, identifiers, restricted) }
}

/** The date of the law is that of lists, regimes and rules; makers and relabels are read on days of their own. */
export function listsReadOn({ listings, regimes, rules }: ReferenceData): PlainDate {
  return (
    [...listings, ...regimes, ...rules]
      .map((row) => row.asOf)
      .sort()
      .at(-1) ?? '0001-01-01'
  )
}

/** Makers that a list of the United States covers: to be listed by China is no doubt about a device. */
export function restrictedIn({ listings, relationships, vendors }: ReferenceData): ReadonlySet<string> {
  const listed = listings.flatMap(({ vendor, regime }) =>
    vendor !== null && !regime.startsWith('cn-') ? [vendor] : [],
  )
  return restrictedVendors(listed, relationships, vendors)
}

/** How free texts are read under these rows: another one when the same text may name somebody else. */
export function mentionsVersion(reference: ReferenceData): string {
  return buildMentions(reference.vendors, reference.identifiers, restrictedIn(reference)).version
}

const BLOCKS_MOST = 50_000

/** `sameBlock`, asked once for the addresses that begin alike: no block is told by more than nine digits. */
function rememberingBlocks(knowledge: IdentifyKnowledge): (text: string) => string {
  const known = new LRUCache<string, string>({ max: BLOCKS_MOST })
  return (text) => {
    const mac = parseMac(text)
    if (mac === null) return text
    const start = mac.slice(0, 9)
    let block = known.get(start)
    if (block === undefined) {
      block = sameBlock(mac, knowledge)
      known.set(start, block)
    }
    return block
  }
}

/**
 * An address that stands for all addresses identification cannot tell from this one: the same blocks hold both.
 * Blocks lie inside each other, so what is filled up with zeros is checked before it is used. `mac` is 12 hex digits.
 */
function sameBlock(mac: string, knowledge: IdentifyKnowledge): string {
  if (!isRegistered(mac)) return `${mac.slice(0, 2)}0000000001`
  const signs = (address: string) =>
    [knowledge.registrantOf, (prefix: string) => knowledge.macPrefixes.get(prefix)].map(
      (find) => narrowestBlock<unknown>(address, find)?.prefix,
    )
  const wanted = signs(mac)
  const stands = [6, 7, 9].map((length) => `${mac.slice(0, length)}${'0'.repeat(11 - length)}1`)
  return stands.find((stand) => signs(stand).every((prefix, i) => prefix === wanted[i]))!
}

/** An FCC ID that stands for all those of the same grantee; null when it names none. */
function sameGrantee(fccId: string): string | null {
  const grantee = parseFccGrantee(fccId)
  return grantee === null ? null : `${grantee}-ANY`
}
