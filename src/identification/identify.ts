/**
 * Who really built a device, from what is declared about it and what the catalogue knows.
 *
 * The name on the device is one piece of evidence among several, because the law asks who *produced* it. Pieces
 * are collected per possible maker and decided in one place at the end, so that their order cannot matter.
 * Two rules stand above the rest: only high confidence names a maker, and evidence that disagrees names nobody.
 */

import type {
  Catalogue,
  Confidence,
  Identifier,
  NameKind,
  Relationship,
  Vendor,
} from '../catalogue/vendors.ts'
import { isWithin, type Period, type PlainDate } from '../lib/calendar.ts'
import { buildClassIndex, type ClassIndex } from './classes.ts'
import { readChip, settleParts } from './component-statement.ts'
import type {
  Component,
  Evidence,
  EvidenceKind,
  Identification,
  IdentificationStatus,
  MakerCandidate,
} from './identification.ts'
import { isRegistered, narrowestBlock, parseMac } from './mac.ts'
import { buildMentions, FREE_TEXTS, type FreeText, type FreeTexts, type Mentions } from './mentions.ts'

/** What a city says about one device; null when it does not say. Free texts are read only for names of restricted makers. */
export interface DeclaredFacts extends FreeTexts {
  readonly manufacturer: string | null
  readonly model: string | null
  readonly macAddress: string | null
  readonly fccId: string | null
  /** Version, file name, banner or paths read from the device. */
  readonly firmwareVersion: string | null
  readonly producedOn: PlainDate | null
  readonly acquiredOn: PlainDate | null
  readonly installedOn: PlainDate | null
  /** What the maker states on the components of the model. */
  readonly coveredComponent: boolean | null
  readonly socMaker: string | null
}

type NameSuggestion = Identification['suggestions'][number]

/** What this file needs of a name match. */
export interface ReadName {
  readonly vendor: string | null
  readonly score: number
  readonly band: 'match' | 'review' | 'none'
  readonly suggestions: readonly NameSuggestion[]
  /** Other vendors the same cell names. */
  readonly alsoNamed?: readonly string[]
  /** Why a name that was read is not taken as settled. */
  readonly heldBack?: string | null
  /** How the name was found. */
  readonly method: string
  /** The catalogue name that was found. */
  readonly alias: { readonly kind: NameKind } | null
}

/** What this file needs of a matcher. */
export interface NameReader {
  match(text: string): ReadName
}

/** The catalogue, indexed and compiled for `identify`. Made by `buildIdentifyKnowledge`. */
export interface IdentifyKnowledge {
  readonly names: NameReader
  readonly vendors: ReadonlyMap<string, Vendor>
  readonly records: ReadonlyMap<string, readonly RelabelRecord[]>
  /** High-confidence records with a model pattern: how sellers write what others built for them. */
  readonly sellerStyles: readonly RelabelRecord[]
  readonly components: ReadonlyMap<string, readonly Relationship[]>
  readonly owners: ReadonlyMap<string, readonly Relationship[]>
  /** Vendor id to the maker behind the name, for vendors that build or are a trade name of who builds. */
  readonly makers: ReadonlyMap<string, string>
  readonly ancestors: ReadonlyMap<string, ReadonlySet<string>>
  readonly componentMakers: ReadonlySet<string>
  readonly modelPatterns: readonly CompiledIdentifier[]
  readonly firmwareHints: readonly CompiledIdentifier[]
  readonly grantees: ReadonlyMap<string, Identifier>
  readonly macPrefixes: ReadonlyMap<string, Identifier>
  readonly registrantOf: (prefix: string) => Registrant | null
  readonly mentions: Mentions
  /** Makers that some list reaches: a corrected spelling may lead to them without more. */
  readonly restricted: ReadonlySet<string>
  readonly classes: ClassIndex
}

interface RelabelRecord extends Relationship {
  readonly pattern: RegExp | null
}

interface CompiledIdentifier extends Identifier {
  readonly pattern: RegExp
}

interface Registrant {
  readonly name: string
  /** Null when the registrant is not in the catalogue. */
  readonly vendor: string | null
}

/** How much a piece counts, by its kind and the confidence of the fact behind it. */
const WEIGHTS = {
  'own-name': 0.9,
  'trade-name': 0.95,
  'uncertain-name': 0.4,
  'relabel-decisive': 0.85,
  'relabel-date-assumed': 0.7,
  'ownership-and-relabel': 0.75,
  relabel: { high: 0.5, medium: 0.35, low: 0.2 },
  'mac-prefix': { high: 0.75, medium: 0.6, low: 0.2 },
  'fcc-grantee': { high: 0.75, medium: 0.4, low: 0.2 },
  'model-pattern': { high: 0.6, medium: 0.3, low: 0.05 },
  'firmware-string': { high: 0.6, medium: 0.3, low: 0.05 },
} as const

type SignKind = 'model-pattern' | 'mac-prefix' | 'fcc-grantee' | 'firmware-string'

/** Evidence is told in this order, whatever order it was found in. */
const TOLD: readonly EvidenceKind[] = [
  'declared-name',
  'model-pattern',
  'mac-prefix',
  'fcc-grantee',
  'firmware-string',
  'relabel-record',
  'ownership-record',
  'component-statement',
]

/**
 * How a relabel record bears on a device, strongest first.
 * `decisive`: high confidence, in its period, and the model fits or the whole range is meant.
 * `fits`: the model fits, but the confidence or the period does not allow a verdict.
 * `open-high`, `open`: it may apply and nothing excludes it. `excluded` otherwise.
 */
type Bearing = 'decisive' | 'fits' | 'open-high' | 'open'
const BEARINGS: readonly Bearing[] = ['decisive', 'fits', 'open-high', 'open']

/** Everything that speaks for one maker. */
interface Claim {
  readonly maker: string
  /** The heaviest piece of each kind: two of a kind are not independent. */
  readonly weights: Map<EvidenceKind, number>
  /** Kinds of high-confidence signs found on the device itself. */
  readonly signs: Set<SignKind>
  bearing: Bearing | null
  /** The label's owner on the day of production, with a high-confidence record of relabelling beside it. */
  ownedThen: boolean
  /** A model pattern of medium confidence fits. */
  hasStyle: boolean
  /** To be listed as somebody who may have produced it. */
  listed: boolean
  readonly reasons: { readonly weight: number; readonly text: string }[]
}

interface Verdict {
  readonly maker: string
  /** It rests on signs alone: no name that is known agrees, so that a person should look at it. */
  readonly withoutName?: boolean
}

type Label =
  | { readonly kind: 'blank' | 'unknown'; readonly brand: null }
  /** The vendor builds what it sells, or the name is a trade name of the maker. */
  | { readonly kind: 'own'; readonly brand: string; readonly maker: string }
  /** The vendor is known to sell what others build. */
  | { readonly kind: 'brand'; readonly brand: string }

/** Words that people write when they do not know. */
const SAYS_NOTHING =
  /^[\s\-_.?/#*]*(n\/?a|none|null|nil|unknown|unk|tbd|to be determined|various|misc|other)?[\s\-_.?/#*!]*$/i

/** A word that stands by itself: what only looks like a model number is not read as a name. */
const HOLDS_WORD = /(?:^|[\s/,;:()|])\p{L}{3,}(?=$|[\s/,;:()|.])/u

/** "Axis?", "Bosch (?)" */
const ENDS_IN_DOUBT = /\?[\s?!.)\]]*$/

export function identify(declared: DeclaredFacts, knowledge: IdentifyKnowledge): Identification {
  const inquiry = new Inquiry(declared, knowledge)
  const label = inquiry.readLabel()
  inquiry.readNamesInModel(label)
  inquiry.readMentions(label)
  const models = modelReadings(declared, label)
  inquiry.readModel(models, label)
  inquiry.readMac(label)
  inquiry.readFccId(label)
  inquiry.readFirmware(label)
  inquiry.readRecords(models, label)
  inquiry.readComponentStatement()
  inquiry.readOwners(label)
  return inquiry.conclude(label)
}

/** One identification while it is being worked out; nothing of it outlives the call. */
class Inquiry {
  private readonly declared: DeclaredFacts
  private readonly knowledge: IdentifyKnowledge
  private readonly production: Production
  /** Only the model field can exclude a record: a misspelt name with a digit in it is no model. */
  private readonly hasModelNumber: boolean
  private readonly evidence: Evidence[] = []
  private readonly claims = new Map<string, Claim>()
  private suggestions: readonly NameSuggestion[] = []
  /** For each sign that names a seller: everybody who may have supplied that seller. */
  private readonly suppliersOfSigns: (readonly string[])[] = []
  /** The MAC block belongs to the maker on the label. */
  private hasOwnMac = false
  /** The name was taken from the model cell, or that cell holds all there is. */
  private isLabelledInModel = false
  /** The city put a question mark behind the name. */
  private isDoubted = false
  /** The name was found by repairing its spelling, and no other word of it agrees. */
  private isRepaired = false
  /** Fields of free text that name somebody else. */
  private readonly mentionedIn = new Set<FreeText>()
  private readonly components = new Map<string | null, Component>()
  /** Makers of parts to whom something on the device itself points. */
  private readonly signedParts = new Set<string>()
  private assumesDate = false
  private dateMatters = false
  private modelMatters = false

  constructor(declared: DeclaredFacts, knowledge: IdentifyKnowledge) {
    this.declared = declared
    this.knowledge = knowledge
    this.production = productionOf(declared)
    this.hasModelNumber = tidy(declared.model).split(' ').some(isModelNumber)
  }

  readLabel(): Label {
    const text = this.declared.manufacturer?.trim() ?? ''
    if (SAYS_NOTHING.test(text)) return this.readLabelInModel()
    const read = this.knowledge.names.match(text)
    if (read.band !== 'match' || read.vendor === null) return this.readUnknownLabel(text, read)
    return this.knownLabel(text, read.vendor, read)
  }

  /** Many lists have one column "Hikvision DS-2CD2032-I". A product line alone ("Wisenet") is a hint there. */
  private readLabelInModel(): Label {
    this.isLabelledInModel = true
    const text = tidy(this.declared.model)
    const read = HOLDS_WORD.test(text) ? this.knowledge.names.match(text) : null
    if (read === null || read.band === 'none' || read.vendor === null) return { kind: 'blank', brand: null }
    if (read.band === 'match' && read.alias?.kind !== 'product-line')
      return this.knownLabel(text, read.vendor, read)
    return this.readUnknownLabel(text, read)
  }

  /** A model cell that names somebody else than the label ("Axis", "Dahua dome") leaves the maker in doubt. */
  readNamesInModel(label: Label): void {
    const text = tidy(this.declared.model)
    if (this.isLabelledInModel || !HOLDS_WORD.test(text)) return
    const { band, vendor, method, alsoNamed } = this.knowledge.names.match(text)
    const isRead = band === 'match' || (band === 'review' && LITERAL_METHODS.includes(method))
    if (vendor === null || !isRead) return
    for (const named of new Set([vendor, ...(alsoNamed ?? [])])) {
      if (named === label.brand) continue
      const note = `The model cell names ${this.name(named)}.`
      const others = this.makersBehind(named).filter(
        (maker) => label.kind !== 'own' || !this.areRelated(maker, label.maker),
      )
      if (others.length > 0)
        this.tell('declared-name', text, named, WEIGHTS['uncertain-name'], DECLARED, note)
      for (const maker of others)
        this.claim(maker, 'declared-name', WEIGHTS['uncertain-name'], note).listed = true
    }
  }

  /** A note "actually Hikvision" on an Axis camera leaves the maker in doubt, whatever else is said. */
  readMentions(label: Label): void {
    for (const [field, where] of Object.entries(FREE_TEXTS) as [FreeText, string][]) {
      for (const named of this.knowledge.mentions.in(this.declared[field], field)) {
        if (named === label.brand) continue
        const others = this.makersBehind(named).filter(
          (maker) => label.kind !== 'own' || !this.areRelated(maker, label.maker),
        )
        if (others.length === 0) continue
        const note = `The ${where} mentions ${this.name(named)}.`
        this.mentionedIn.add(field)
        this.tell('declared-name', this.name(named), named, WEIGHTS['uncertain-name'], DECLARED, note)
        for (const maker of others)
          this.claim(maker, 'declared-name', WEIGHTS['uncertain-name'], note).listed = true
      }
    }
  }

  private knownLabel(text: string, brand: string, read: ReadName): Label {
    this.isDoubted = ENDS_IN_DOUBT.test(text)
    this.isRepaired = REPAIRING_METHODS.includes(read.method) && !this.hasOwnWord(text, brand)
    const maker = this.knowledge.makers.get(brand)
    if (maker === undefined) {
      this.tell(
        'declared-name',
        text,
        brand,
        0,
        DECLARED,
        `${this.name(brand)} sells what others build; the name says who sold the device, not who built it.`,
      )
      return { kind: 'brand', brand }
    }
    const weight = maker === brand ? WEIGHTS['own-name'] : WEIGHTS['trade-name']
    const reads = this.isRepaired ? 'The name is one spelling away from' : 'The name reads as'
    const note =
      maker === brand
        ? `${reads} ${this.name(brand)}, which builds devices of its own.`
        : `${reads} ${this.name(brand)}, a trade name of ${this.name(maker)}.`
    this.tell('declared-name', text, brand, weight, DECLARED, note)
    this.claim(maker, 'declared-name', weight, note).listed = true
    return { kind: 'own', brand, maker }
  }

  /** A word of the name that is written without a mistake: the "Techwin" of "Hanwa Techwin". */
  private hasOwnWord(text: string, brand: string): boolean {
    const vendor = this.knowledge.vendors.get(brand)
    const own = new Set(
      (vendor?.names ?? []).flatMap((name) => name.text.toLowerCase().split(/[^\p{L}\p{N}]+/u)),
    )
    return text
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .some((word) => word.length >= 5 && own.has(word) && !COMMON_WORDS.has(word))
  }

  private readUnknownLabel(text: string, read: ReadName): Label {
    this.suggestions = read.suggestions
    if (read.band === 'none' || read.vendor === null) {
      this.tell('declared-name', text, null, 0, DECLARED, 'The name is not in the catalogue.')
      return { kind: 'unknown', brand: null }
    }
    const { vendor, score } = read
    if (!read.suggestions.some((suggestion) => suggestion.vendor === vendor)) {
      this.suggestions = [{ vendor, name: this.name(vendor), score }, ...read.suggestions]
    }
    for (const named of new Set([vendor, ...(read.alsoNamed ?? [])])) {
      const note =
        read.heldBack === 'two-vendors'
          ? `The cell names ${this.name(named)} and somebody else, so it settles nothing.`
          : `The name is close to ${this.name(named)}, not close enough to be read as it.`
      this.tell('declared-name', text, named, WEIGHTS['uncertain-name'], DECLARED, note)
      for (const maker of this.makersBehind(named)) {
        this.claim(maker, 'declared-name', WEIGHTS['uncertain-name'], note).listed = true
      }
    }
    return { kind: 'unknown', brand: null }
  }

  readModel(models: readonly string[], label: Label): void {
    for (const identifier of this.knowledge.modelPatterns) {
      const model = models.find((reading) => identifier.pattern.test(reading))
      if (model === undefined) continue
      const note = `Model ${model} is written as ${this.name(identifier.vendor)} writes its models (${identifier.confidence} confidence).`
      this.readSign('model-pattern', identifier, model, identifier.citation, note, label)
    }
    if (label.brand === null) this.readModelOfRelabeller(models)
  }

  /** Without a name, a model in the style of a relabeller asks for a person; styles are too loose for more. */
  private readModelOfRelabeller(models: readonly string[]): void {
    for (const record of this.knowledge.sellerStyles) {
      const model = models.find((reading) => record.pattern?.test(reading))
      if (model === undefined || this.whenProduced(record) === 'no') continue
      const note = `Model ${model} is written as ${this.name(record.child)} writes models that ${this.name(record.parent)} built.`
      const weight = WEIGHTS['model-pattern'].medium
      this.tell('model-pattern', model, record.parent, weight, record.citation, note)
      this.claim(record.parent, 'model-pattern', weight, note).listed = true
    }
  }

  readMac(label: Label): void {
    const text = this.declared.macAddress?.trim() ?? ''
    if (text === '') return
    const mac = parseMac(text)
    if (mac === null) {
      this.tell('mac-prefix', text, null, 0, DECLARED, 'This is not a MAC address, so it says nothing.')
      return
    }
    if (!isRegistered(mac)) {
      this.tell(
        'mac-prefix',
        mac,
        null,
        0,
        DECLARED,
        'The address was set by hand or by software, so its first digits name no maker.',
      )
      return
    }
    const block = narrowestBlock(mac, this.knowledge.registrantOf)
    const vendor = block?.value.vendor ?? null
    if (block !== null && vendor !== null) {
      const note = `The MAC block ${block.prefix} is registered to ${block.value.name}; relabelled goods as a rule keep the block of who built them.`
      this.readSign('mac-prefix', { vendor, confidence: 'high' }, block.prefix, 'IEEE registry', note, label)
      if (label.kind === 'own' && this.knowledge.makers.get(vendor) === label.maker) this.hasOwnMac = true
    }
    const known = narrowestBlock(mac, (prefix) => this.knowledge.macPrefixes.get(prefix))
    if (known !== null && known.value.vendor !== vendor) {
      const note = `Devices of ${this.name(known.value.vendor)} were seen with the MAC block ${known.prefix}.`
      this.readSign('mac-prefix', known.value, known.prefix, known.value.citation, note, label)
    }
    if (vendor === null && known === null) {
      const note = block
        ? `The MAC block ${block.prefix} is registered to ${block.value.name}, which is not in the catalogue.`
        : 'The MAC block is in no registry we hold.'
      this.tell('mac-prefix', block?.prefix ?? mac.slice(0, 6), null, 0, 'IEEE registry', note)
    }
  }

  readFccId(label: Label): void {
    const grantee = parseFccGrantee(this.declared.fccId)
    if (grantee === null) return
    const identifier = this.knowledge.grantees.get(grantee)
    if (identifier === undefined) {
      this.tell('fcc-grantee', grantee, null, 0, DECLARED, `FCC grantee ${grantee} is not in the catalogue.`)
      return
    }
    const note = `FCC grantee ${grantee} is ${this.name(identifier.vendor)} (${identifier.confidence} confidence).`
    this.readSign('fcc-grantee', identifier, grantee, identifier.citation, note, label)
  }

  readFirmware(label: Label): void {
    const text = this.declared.firmwareVersion?.trim() ?? ''
    if (text === '') return
    for (const identifier of this.knowledge.firmwareHints) {
      const found = identifier.pattern.exec(text)?.[0]
      if (found === undefined) continue
      const what = identifier.component === true ? 'a part made by' : 'firmware of'
      const note = `"${found}" points to ${what} ${this.name(identifier.vendor)} (${identifier.confidence} confidence).`
      this.readSign('firmware-string', identifier, found, identifier.citation, note, label)
    }
  }

  /** A sign on the device itself that points to a vendor, whatever the label says. */
  private readSign(
    kind: SignKind,
    sign: { readonly vendor: string; readonly confidence: Confidence },
    value: string,
    source: string,
    note: string,
    label: Label,
  ): void {
    const { vendor, confidence } = sign
    const weight = WEIGHTS[kind][confidence]
    this.tell(kind, value, vendor, weight, source, note)

    if (this.knowledge.componentMakers.has(vendor) && vendor !== label.brand) {
      // Who made the chip did not build the camera, but a covered chip can be an essential component.
      this.components.set(vendor, { vendor, name: this.name(vendor), standing: 'likely', because: note })
      this.signedParts.add(vendor)
      return
    }
    const maker = this.knowledge.makers.get(vendor)
    if (maker === undefined) {
      if (vendor === label.brand) return
      const suppliers = this.makersBehind(vendor)
      if (confidence === 'high') this.suppliersOfSigns.push(suppliers)
      for (const supplier of suppliers) this.claim(supplier, kind, WEIGHTS[kind].medium, note).listed = true
      return
    }
    const claim = this.claim(maker, kind, weight, note)
    if (confidence === 'high') {
      claim.signs.add(kind)
      claim.listed = true
    } else if (maker === (label.kind === 'own' ? label.maker : null)) {
      claim.listed = true
    } else if (kind === 'model-pattern') {
      // Short patterns are shared: Axis and Huawei both write M and four digits. They count only where neither
      // a maker's own name nor a decisive record stands against them.
      if (confidence === 'medium') claim.hasStyle = true
    } else if (confidence === 'medium' || kind === 'fcc-grantee') {
      claim.listed = true
    }
  }

  /** Relabel and component records of the label. */
  readRecords(models: readonly string[], label: Label): void {
    if (label.brand === null) return
    for (const record of this.knowledge.records.get(label.brand) ?? []) this.readRecord(record, models, label)
    for (const record of this.knowledge.components.get(label.brand) ?? []) {
      const note = `Some devices of ${this.name(record.child)} hold parts of ${this.name(record.parent)}. That does not say who built this one.`
      this.tell('relabel-record', record.scope ?? record.child, record.parent, 0, record.citation, note)
      if (this.components.has(record.parent)) continue
      const isLikely = record.confidence !== 'low' || record.covers === 'all'
      const standing = isLikely ? 'likely' : 'possible'
      this.components.set(record.parent, {
        vendor: record.parent,
        name: this.name(record.parent),
        standing,
        because: note,
      })
    }
  }

  /** What the maker states of the parts settles what records only suspect; a sign on the device stands against it. */
  readComponentStatement(): void {
    const { coveredComponent: isCovered } = this.declared
    const chip = readChip(this.declared.socMaker, this.knowledge)
    if (chip !== null) this.tell('component-statement', chip.text, chip.vendor, 0, DECLARED, chip.note)
    if (typeof isCovered === 'boolean') {
      const note = `The maker states that the model holds ${isCovered ? 'a' : 'no'} component of a covered maker.`
      this.tell('component-statement', String(isCovered), null, 0, DECLARED, note)
    }
    const suspected = [...this.components.values()]
    for (const part of settleParts(suspected, this.signedParts, chip, isCovered ?? null)) {
      this.components.set(part.vendor, part)
    }
  }

  private readRecord(record: RelabelRecord, models: readonly string[], label: Label): void {
    const { pattern, confidence, covers } = record
    const what = `${this.name(record.child)} relabelled goods of ${this.name(record.parent)}`
    const value = record.scope ?? record.child
    const when = this.whenProduced(record)
    const fits = pattern !== null && models.some((reading) => pattern.test(reading))
    const misses = pattern !== null && !fits && this.hasModelNumber
    // A maker's record is about one series; so is a seller's record of "some". A seller's record of "most"
    // has a pattern that is merely incomplete.
    const isSeries = label.kind === 'own' || covers === undefined || covers === 'some'
    if (when === 'no') {
      this.tell('relabel-record', value, record.parent, 0, record.citation, `${what} in another period.`)
      return
    }
    if (misses && isSeries) {
      this.tell(
        'relabel-record',
        value,
        record.parent,
        0,
        record.citation,
        `${what}, but not under this model number.`,
      )
      return
    }
    if (when !== 'yes') this.dateMatters = true
    if (pattern !== null && !fits) this.modelMatters = true
    if (pattern === null && covers !== 'all') this.modelMatters = true

    const isDecisive = confidence === 'high' && (fits || covers === 'all') && when !== 'maybe'
    const assumed = isDecisive && when === 'unknown'
    if (assumed) this.assumesDate = true
    const bearing: Bearing = isDecisive
      ? 'decisive'
      : fits
        ? 'fits'
        : confidence === 'high'
          ? 'open-high'
          : 'open'
    const weight = isDecisive
      ? WEIGHTS[assumed ? 'relabel-date-assumed' : 'relabel-decisive']
      : WEIGHTS.relabel[confidence]
    const reason = assumed
      ? 'the model is meant; its date is not known and taken as inside the period'
      : isDecisive
        ? 'model and date are meant'
        : fits
          ? `the model fits, at ${confidence} confidence${when === 'maybe' ? ' and perhaps another period' : ''}`
          : misses
            ? 'this model is not of the usual style, which excludes nothing'
            : 'nothing given says whether this device is meant'
    const note = `${what}: ${reason}.`
    this.tell('relabel-record', value, record.parent, weight, record.citation, note)
    const claim = this.claim(this.makerOf(record.parent), 'relabel-record', weight, note)
    claim.listed = true
    if (claim.bearing === null || BEARINGS.indexOf(bearing) < BEARINGS.indexOf(claim.bearing))
      claim.bearing = bearing
  }

  /** Who owned the label when the device was made. Minority stakes are left out: they are no affiliation. */
  readOwners(label: Label): void {
    if (label.brand === null) return
    for (const owned of this.knowledge.owners.get(label.brand) ?? []) {
      const when = this.whenProduced(owned)
      if (when === 'no') continue
      const share = owned.ownershipPct === null ? '' : ` with ${owned.ownershipPct} percent`
      const certainty = when === 'yes' ? 'belonged' : 'may have belonged'
      const note = `${this.name(owned.child)} ${certainty} to ${this.name(owned.parent)}${share} when the device was made.`
      const claim = this.claims.get(owned.parent)
      const decides =
        label.kind === 'brand' &&
        owned.kind === 'subsidiary' &&
        owned.confidence === 'high' &&
        when === 'yes' &&
        claim !== undefined &&
        (claim.bearing === 'decisive' || claim.bearing === 'open-high')
      const weight = decides ? WEIGHTS['ownership-and-relabel'] : 0
      this.tell('ownership-record', owned.id, owned.parent, weight, owned.citation, note)
      if (decides) this.claim(owned.parent, 'ownership-record', weight, note).ownedThen = true
    }
  }

  conclude(label: Label): Identification {
    this.listStyles(label)
    const verdict = this.unlessInDoubt(this.verdict(label))
    const maker = verdict?.maker ?? null
    const candidates = this.candidates(maker, label)
    const isOpen = candidates.some((candidate) => candidate.vendor !== maker)
    const status: IdentificationStatus =
      maker !== null ? 'resolved' : this.hasGround(label) ? 'ambiguous' : 'unresolved'
    const needsReview =
      maker === null ||
      isOpen ||
      this.restsOnAssumedDate(maker) ||
      verdict?.withoutName === true ||
      this.hasLikelyPart()
    return {
      status,
      brand: label.brand,
      maker,
      confidence: status === 'unresolved' ? 0 : (candidates[0]?.confidence ?? 0),
      evidence: this.evidence.sort(
        (a, b) =>
          TOLD.indexOf(a.kind) - TOLD.indexOf(b.kind) ||
          b.weight - a.weight ||
          compare(a.note, b.note) ||
          compare(a.value, b.value),
      ),
      candidates,
      components: [...this.components.values()].sort((a, b) => compare(a.vendor ?? '', b.vendor ?? '')),
      suggestions: this.suggestions,
      needsReview,
      wouldSettle: needsReview ? this.wouldSettle(maker, label) : [],
    }
  }

  private listStyles(label: Label): void {
    const claims = [...this.claims.values()]
    if (label.kind === 'own' || claims.some((claim) => claim.bearing === 'decisive')) return
    for (const claim of claims) claim.listed ||= claim.hasStyle
  }

  /**
   * A sign of another seller upholds a verdict only when that seller is known to buy from the same maker, and a
   * name with a question mark needs a sign of its own.
   */
  private unlessInDoubt(verdict: Verdict | null): Verdict | null {
    if (verdict === null) return null
    if (this.isDoubted && (this.claims.get(verdict.maker)?.signs.size ?? 0) === 0) return null
    if (this.isRepaired && !this.mayRestOnRepair(verdict.maker)) return null
    return this.suppliersOfSigns.every((suppliers) => suppliers.includes(verdict.maker)) ? verdict : null
  }

  /** A repaired spelling alone may restrict. To clear, something else has to agree: a model, an address, a sign. */
  private mayRestOnRepair(maker: string): boolean {
    if (this.knowledge.restricted.has(maker) || this.hasOwnMac) return true
    const claim = this.claims.get(maker)
    if (claim !== undefined && (claim.signs.size > 0 || claim.hasStyle)) return true
    return this.knowledge.classes.knows(maker, this.declared.model)
  }

  private verdict(label: Label): Verdict | null {
    switch (label.kind) {
      case 'own':
        return this.verdictOnOwnName(label)
      case 'brand':
        return this.verdictOnSeller()
      case 'blank':
      case 'unknown':
        return this.verdictWithoutName(label)
      default:
        throw label satisfies never
    }
  }

  /** A maker's own name holds unless a record explains it away; a sign of somebody else leaves it open. */
  private verdictOnOwnName(label: Label & { kind: 'own' }): Verdict | null {
    const others = [...this.claims.values()].filter((claim) => claim.maker !== label.maker)
    const explained = others.filter(
      (claim) => claim.bearing === 'decisive' || (claim.bearing === 'fits' && claim.signs.size > 0),
    )
    const foreign = others.filter(
      (claim) =>
        claim.signs.size > 0 && !explained.includes(claim) && !this.areRelated(claim.maker, label.maker),
    )
    if (foreign.length > 0 || explained.length > 1) return null
    const own = this.claims.get(label.maker)
    // The block of the label is no second opinion: a relabeller can have its own addresses burnt in.
    const ownSigns = [...(own?.signs ?? [])].filter((kind) => kind !== 'mac-prefix')
    if (explained[0] !== undefined) return ownSigns.length > 0 ? null : { maker: explained[0].maker }
    const isDoubtful = others.some(
      (claim) => claim.bearing === 'fits' || (claim.bearing === 'open-high' && !this.hasOwnMac),
    )
    return isDoubtful ? null : { maker: label.maker }
  }

  /** A seller's name says nothing about the maker: records and signs have to. */
  private verdictOnSeller(): Verdict | null {
    const claims = [...this.claims.values()]
    const strong = claims.filter(
      (claim) =>
        claim.bearing === 'decisive' ||
        claim.ownedThen ||
        isSignedFor(claim) ||
        (claim.signs.size > 0 && claim.bearing !== null),
    )
    const winner = strong[0]
    if (winner === undefined || strong.length > 1) return null
    const hasRival = claims.some(
      (claim) => claim !== winner && (claim.signs.size > 0 || claim.bearing === 'open-high'),
    )
    if (hasRival) return null
    return { maker: winner.maker, withoutName: winner.bearing === null }
  }

  /** Without a name, an address block or a grant may name the maker, or two signs that agree. */
  private verdictWithoutName(label: Label): Verdict | null {
    const claims = [...this.claims.values()]
    const signed = claims.filter((claim) => claim.signs.size > 0)
    const winner = signed[0]
    if (winner === undefined || signed.length > 1) return null
    const isNearName = winner.weights.has('declared-name')
    if (!isSignedFor(winner) && !isNearName) return null
    const nearOther = claims.some((claim) => claim !== winner && claim.weights.has('declared-name'))
    if (nearOther) return null
    return { maker: winner.maker, withoutName: label.kind === 'unknown' || winner.signs.size < 2 }
  }

  private candidates(maker: string | null, label: Label): MakerCandidate[] {
    const listed = [...this.claims.values()].filter((claim) => {
      if (claim.maker === maker) return true
      if (!claim.listed) return false
      if (label.kind !== 'own') return true
      // A record explained the maker's own name away, so the name is no candidate beside it.
      if (claim.maker === label.maker) return maker === null
      // The maker's own address block excludes what only a weak record without a model holds against it.
      return !(
        this.hasOwnMac &&
        claim.bearing === 'open' &&
        claim.signs.size === 0 &&
        claim.weights.size === 1
      )
    })
    const sure = new Map(listed.map((claim) => [claim, certainty(claim)]))
    const total = [...sure.values()].sort((a, b) => a - b).reduce((sum, part) => sum + part, 0)
    // Nobody wins: what speaks for each shares one device.
    const scale = maker === null && total > 1 ? 1 / total : 1
    return listed
      .map((claim): MakerCandidate => {
        const because = claim.reasons.reduce((best, reason) =>
          reason.weight > best.weight || (reason.weight === best.weight && reason.text < best.text)
            ? reason
            : best,
        )
        return {
          vendor: claim.maker,
          name: this.name(claim.maker),
          confidence: Math.round((sure.get(claim) ?? 0) * scale * 100) / 100,
          standing: claim.maker === maker ? 'verdict' : 'review',
          because: because.text,
        }
      })
      .sort(
        (a, b) =>
          Number(b.standing === 'verdict') - Number(a.standing === 'verdict') ||
          b.confidence - a.confidence ||
          compare(a.vendor, b.vendor),
      )
  }

  /** Whether more than a near name speaks for anybody. */
  private hasGround(label: Label): boolean {
    for (const claim of this.claims.values()) {
      if (
        claim.listed &&
        (label.brand !== null || claim.weights.size > 1 || !claim.weights.has('declared-name'))
      )
        return true
    }
    return false
  }

  private hasLikelyPart(): boolean {
    return [...this.components.values()].some(({ standing }) => standing === 'likely')
  }

  private restsOnAssumedDate(maker: string | null): boolean {
    if (!this.assumesDate || maker === null) return false
    const claim = this.claims.get(maker)
    return claim?.bearing === 'decisive' && claim.signs.size === 0
  }

  private wouldSettle(maker: string | null, label: Label): string[] {
    const settles: string[] = []
    if (label.brand === null) settles.push('manufacturer')
    if (!this.hasModelNumber && (maker === null || this.modelMatters)) settles.push('model')
    const hasMac = this.evidence.some((piece) => piece.kind === 'mac-prefix' && piece.pointsTo !== null)
    if (!hasMac) settles.push('macAddress')
    if (this.dateMatters && this.declared.producedOn === null) settles.push('producedOn')
    settles.push(...this.mentionedIn)
    if (this.hasLikelyPart()) settles.push('coveredComponent')
    if (this.isRepaired && maker === null) settles.push('manufacturer')
    if (maker === null && parseFccGrantee(this.declared.fccId) === null) settles.push('fccId')
    if (maker === null && (this.declared.firmwareVersion?.trim() ?? '') === '')
      settles.push('firmwareVersion')
    return [...new Set(settles)]
  }

  private claim(maker: string, kind: EvidenceKind, weight: number, text: string): Claim {
    let claim = this.claims.get(maker)
    if (claim === undefined) {
      claim = {
        maker,
        weights: new Map(),
        signs: new Set(),
        bearing: null,
        ownedThen: false,
        hasStyle: false,
        listed: false,
        reasons: [],
      }
      this.claims.set(maker, claim)
    }
    claim.weights.set(kind, Math.max(weight, claim.weights.get(kind) ?? 0))
    claim.reasons.push({ weight, text })
    return claim
  }

  private tell(
    kind: EvidenceKind,
    value: string,
    pointsTo: string | null,
    weight: number,
    source: string,
    note: string,
  ): void {
    this.evidence.push({ kind, value, pointsTo, weight, source, note })
  }

  private name(vendor: string): string {
    return this.knowledge.vendors.get(vendor)?.name ?? vendor
  }

  private makerOf(supplier: string): string {
    return this.knowledge.makers.get(supplier) ?? supplier
  }

  /** The maker behind a name; for a seller everybody on record as its supplier in the period. */
  private makersBehind(vendor: string): string[] {
    const maker = this.knowledge.makers.get(vendor)
    if (maker !== undefined) return [maker]
    const suppliers = (this.knowledge.records.get(vendor) ?? [])
      .filter((record) => this.whenProduced(record) !== 'no')
      .map((record) => this.makerOf(record.parent))
    return [...new Set(suppliers)]
  }

  private areRelated(a: string, b: string): boolean {
    const { ancestors } = this.knowledge
    return a === b || ancestors.get(a)?.has(b) === true || ancestors.get(b)?.has(a) === true
  }

  private whenProduced(period: Period): 'yes' | 'no' | 'maybe' | 'unknown' {
    return whenProduced(this.production, period)
  }
}

const DECLARED = 'declared by the city'

/** The day of production, or the earliest day on which it was certainly over. */
interface Production {
  readonly on: PlainDate | null
  readonly by: PlainDate | null
}

function productionOf(declared: DeclaredFacts): Production {
  const known = [declared.acquiredOn, declared.installedOn].filter((date) => date !== null)
  const by = known.sort()[0] ?? null
  return { on: declared.producedOn, by }
}

/**
 * Whether the device was made in the period. Bought after its end: `maybe`, since it can be old stock. Bought in
 * the period counts as made in it. No date at all: `unknown`, unless the period is still open.
 */
function whenProduced({ on, by }: Production, period: Period): 'yes' | 'no' | 'maybe' | 'unknown' {
  if (on !== null) return isWithin(period, on) ? 'yes' : 'no'
  if (by === null) return period.to === null ? 'yes' : 'unknown'
  if (period.from !== null && by < period.from) return 'no'
  return period.to !== null && by >= period.to ? 'maybe' : 'yes'
}

/** An address block or an FCC grant, or any two high-confidence signs: enough to name a maker alone. */
function isSignedFor(claim: Claim): boolean {
  return claim.signs.has('mac-prefix') || claim.signs.has('fcc-grantee') || claim.signs.size >= 2
}

/** 0..1: one minus the doubt that every independent piece leaves. */
function certainty(claim: Claim): number {
  // In the order of weight: a product of fractions differs in its last bit with the order of its factors, and
  // that bit can decide a rounding.
  const weights = [...claim.weights.values()].sort((a, b) => a - b)
  return 1 - weights.reduce((doubt, weight) => doubt * (1 - weight), 1)
}

/** Texts to hold model patterns against: the model, its words, and model numbers inside the name cell. */
function modelReadings(declared: DeclaredFacts, label: Label): string[] {
  const model = tidy(declared.model)
  const words = model.split(' ')
  const readings = model === '' ? [] : [model]
  if (words.length > 1) readings.push(words.join('-'), ...words.filter(isModelNumber))
  if (label.kind !== 'blank')
    readings.push(
      ...tidy(declared.manufacturer)
        .split(/[ /,;:()|]+/)
        .filter(isModelNumber),
    )
  return readings
}

/** One kind of hyphen, single spaces; empty when the text says nothing. */
function tidy(text: string | null): string {
  if (text === null) return ''
  const plain = text
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\s_]+/g, ' ')
    .trim()
  return SAYS_NOTHING.test(plain) ? '' : plain
}

/** `2MP`, `1080p`, `2.8mm`, `30x`, `16ch`: what data sheets say of a device, in the shape of a model number. */
const SPECIFICATION = /^[\d./-]+(mp|k|mm|cm|m|x|p|tb|gb|ch|fps|v|w|vdc|vac|in|ft)?$/i

/** Four letters and digits at least, both kinds, and no specification. Only such a text can exclude anything. */
function isModelNumber(text: string): boolean {
  return (
    /\d/.test(text) &&
    /[a-z]/i.test(text) &&
    text.replace(/[^a-z0-9]/gi, '').length >= 4 &&
    !SPECIFICATION.test(text)
  )
}

/**
 * The grantee code of an FCC ID: five characters when it begins with a digit, else three. Null when there is none.
 * Source: 47 CFR 2.926(c).
 */
export function parseFccGrantee(fccId: string | null): string | null {
  if (fccId === null) return null
  const id = fccId
    .toUpperCase()
    .replace(/^\s*FCC\s*(ID)?\s*[:#]?\s*/, '')
    .replace(/\s+/g, '')
  const code = /^(?:[2-9][A-Z0-9]{4}|[A-Z][A-Z0-9]{2})/.exec(id)?.[0]
  return code === undefined || id.length <= code.length ? null : code
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * Index and compile the catalogue. `registrantOf` answers whose a MAC block is, by prefix of 6, 7 or 9 upper-case
 * hex digits. Throws SyntaxError when a pattern of the catalogue is not a regular expression.
 */
export function buildIdentifyKnowledge(
  catalogue: Catalogue,
  names: NameReader,
  registrantOf: (prefix: string) => string | null,
  restricted: ReadonlySet<string> = new Set(),
  classes: ClassIndex = buildClassIndex([], catalogue.identifiers),
): IdentifyKnowledge {
  const { vendors, relationships, identifiers } = catalogue
  const ofKind = (kinds: readonly Relationship['kind'][]) =>
    relationships.filter((relationship) => kinds.includes(relationship.kind))
  const components = ofKind(['uses-component'])
  const records = ofKind(['relabels']).map((record) => ({
    ...record,
    pattern: record.modelPattern === null ? null : new RegExp(record.modelPattern, 'i'),
  }))
  return {
    names,
    vendors: new Map(vendors.map((vendor) => [vendor.id, vendor])),
    records: byChild(records),
    sellerStyles: records.filter(({ confidence, pattern }) => confidence === 'high' && pattern !== null),
    components: byChild(components),
    owners: byChild(ofKind(['subsidiary', 'affiliate', 'brand-of'])),
    makers: makersOf(vendors, ofKind(['brand-of']), ofKind(['subsidiary', 'affiliate', 'minority-stake'])),
    ancestors: ancestorsOf(ofKind(['subsidiary', 'affiliate', 'brand-of'])),
    componentMakers: new Set([
      ...components.map((component) => component.parent),
      ...identifiers.filter(({ component }) => component === true).map(({ vendor }) => vendor),
    ]),
    modelPatterns: compile(identifiers, 'model-pattern'),
    firmwareHints: compile(identifiers, 'firmware-hint'),
    grantees: byValue(identifiers, 'fcc-grantee'),
    macPrefixes: byValue(identifiers, 'mac-prefix'),
    registrantOf: readRegistrants(names, registrantOf),
    mentions: buildMentions(vendors, identifiers, restricted),
    restricted,
    classes,
  }
}

function byChild<R extends Relationship>(relationships: readonly R[]): Map<string, R[]> {
  const index = new Map<string, R[]>()
  for (const relationship of relationships) {
    const rows = index.get(relationship.child)
    if (rows) rows.push(relationship)
    else index.set(relationship.child, [relationship])
  }
  return index
}

function byValue(identifiers: readonly Identifier[], kind: Identifier['kind']): Map<string, Identifier> {
  return new Map(identifiers.filter((row) => row.kind === kind).map((row) => [row.value, row]))
}

function compile(identifiers: readonly Identifier[], kind: Identifier['kind']): CompiledIdentifier[] {
  return identifiers
    .filter((identifier) => identifier.kind === kind)
    .map((identifier) => ({ ...identifier, pattern: new RegExp(identifier.value, 'i') }))
}

/** Who builds under a vendor's name; brands and sellers without a maker of their own are left out. */
function makersOf(
  vendors: readonly Vendor[],
  brands: readonly Relationship[],
  shares: readonly Relationship[],
): Map<string, string> {
  // A brand in which the parent holds shares is a company of its own: it builds, and the shares decide what reaches it.
  const isCompany = ({ child, parent }: Relationship) =>
    shares.some((share) => share.child === child && share.parent === parent)
  const companies = new Set(brands.filter(isCompany).map(({ child }) => child))
  const sure = brands.filter((brand) => brand.confidence === 'high' && !companies.has(brand.child))
  const parents = new Map(sure.map((brand) => [brand.child, brand.parent]))
  const makers = new Map<string, string>()
  for (const vendor of vendors) {
    const parent = parents.get(vendor.id)
    if (parent !== undefined) makers.set(vendor.id, parent)
    else if (companies.has(vendor.id) || (vendor.kind !== 'brand' && vendor.kind !== 'seller'))
      makers.set(vendor.id, vendor.id)
  }
  return makers
}

function ancestorsOf(owned: readonly Relationship[]): Map<string, Set<string>> {
  const parents = byChild(owned)
  const ancestors = new Map<string, Set<string>>()
  for (const child of parents.keys()) {
    const above = new Set<string>()
    const queue = [child]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const { parent } of parents.get(next) ?? []) {
        if (above.has(parent)) continue
        above.add(parent)
        queue.push(parent)
      }
    }
    ancestors.set(child, above)
  }
  return ancestors
}

/** Ways of finding a name that repair its letters. */
const REPAIRING_METHODS: readonly string[] = ['edit', 'skeleton']

/** Words that many names of companies end in, so that they do not tell one from another. */
const COMMON_WORDS: ReadonlySet<string> = new Set(
  'security systems system technology technologies electronics digital vision video surveillance camera cameras corporation company limited group international'.split(
    ' ',
  ),
)

/** Ways of finding a name that repair nothing. */
const LITERAL_METHODS: readonly string[] = ['exact', 'joined', 'native']

/**
 * Registrant names are read by the matcher once each. They are legal names that nobody typed in a hurry, so a
 * repaired spelling is another company: Pocketalk is not Packetalk.
 */
function readRegistrants(
  names: NameReader,
  registrantOf: (prefix: string) => string | null,
): (prefix: string) => Registrant | null {
  const known = new Map<string, Registrant>()
  return (prefix) => {
    const name = registrantOf(prefix)
    if (name === null) return null
    let registrant = known.get(name)
    if (registrant === undefined) {
      const { band, method, alias, vendor } = names.match(name)
      const isLiteral = band === 'match' && LITERAL_METHODS.includes(method) && alias?.kind !== 'product-line'
      registrant = { name, vendor: isLiteral ? vendor : null }
      known.set(name, registrant)
    }
    return registrant
  }
}
