/** The names on a device and in its free texts. */

import { type DeclaredFacts, isModelNumber, MEANINGLESS, tidy } from './declared.ts'
import { DECLARED, type Inquiry, type Label, WEIGHTS } from './inquiry.ts'
import { LITERAL_METHODS, type ReadName } from './knowledge.ts'
import { FREE_TEXTS, OF_ANOTHER_DEVICE } from './mentions.ts'
import { LIKENESS_WORDS, RELABELED_WORDS } from './words.ts'

/** A word that stands by itself: what only looks like a model number is not read as a name. */
const HOLDS_WORD = /(?:^|[\s/,;:()|])\p{L}{3,}(?=$|[\s/,;:()|.])/u

/** "Axis?", "Bosch (?)" */
const ENDS_IN_DOUBT = /\?[\s?!.)\]]*$/

export function readLabel(inquiry: Inquiry): Label {
  const text = inquiry.declared.manufacturer?.trim() ?? ''
  if (MEANINGLESS.test(text)) return readLabelInModel(inquiry)
  const read = inquiry.knowledge.names.match(text)
  if (read.band !== 'match' || read.vendor === null) return readUnknownLabel(inquiry, text, read)
  return knownLabel(inquiry, text, read.vendor, read)
}

/** Many lists have one column "Hikvision DS-2CD2032-I". A product line alone ("Wisenet") is a hint there. */
function readLabelInModel(inquiry: Inquiry): Label {
  inquiry.isLabeledInModel = true
  const text = tidy(inquiry.declared.model)
  const read = HOLDS_WORD.test(text) ? inquiry.knowledge.names.match(text) : null
  if (read === null || read.band === 'none' || read.vendor === null) return { kind: 'blank', brand: null }
  if (read.band === 'match' && read.alias?.kind !== 'product-line')
    return knownLabel(inquiry, text, read.vendor, read)
  return readUnknownLabel(inquiry, text, read)
}

/** A model cell that names somebody else than the label ("Axis", "Dahua dome") leaves the maker in doubt. */
export function readNamesInModel(inquiry: Inquiry, label: Label): void {
  const text = tidy(inquiry.declared.model)
  if (inquiry.isLabeledInModel || !HOLDS_WORD.test(text)) return
  const { band, vendor, method, alsoNamed, strangers = [] } = inquiry.knowledge.names.match(text)
  const words = text.toLowerCase().split(/[^\p{L}\p{N}]+/u)
  const imitation =
    words.find((word) => word !== 'style' && (RELABELED_WORDS.has(word) || LIKENESS_WORDS.has(word))) ??
    strangers.find(({ kind }) => kind === 'imitation')?.text
  if (imitation !== undefined && label.brand !== null) {
    inquiry.besideName = 'imitation'
    const note = `The model cell says "${imitation}", so that it may be somebody else's product; an address or a grant has to agree before the name clears it.`
    inquiry.addEvidence('declared-name', text, null, 0, DECLARED, note)
  }
  const isRead = band === 'match' || (band === 'review' && LITERAL_METHODS.includes(method))
  if (vendor === null || !isRead) return
  for (const named of new Set([vendor, ...(alsoNamed ?? [])])) {
    if (named === label.brand) continue
    const note = `The model cell names ${inquiry.name(named)}.`
    const others = inquiry
      .makersBehind(named)
      .filter((maker) => label.kind !== 'own' || !inquiry.areRelated(maker, label.maker))
    if (others.length > 0)
      inquiry.addEvidence('declared-name', text, named, WEIGHTS['uncertain-name'], DECLARED, note)
    for (const maker of others)
      inquiry.claim(maker, 'declared-name', WEIGHTS['uncertain-name'], note).listed = true
  }
}

/** A note "actually Hikvision" on an Axis camera leaves the maker in doubt, whatever else is said. */
export function readMentions(inquiry: Inquiry, label: Label): void {
  const { declared, knowledge } = inquiry
  for (const [field, where] of Object.entries(MENTIONING) as [keyof typeof MENTIONING, string][]) {
    const named = knowledge.mentions.in(declared[field], field === 'firmwareVersion' ? 'notes' : field)
    for (const vendor of named) readMention(inquiry, label, vendor, field, where)
  }
}

/** Firmware is read for its own signs too, and may name its maker in plain words. */
const MENTIONING = { ...FREE_TEXTS, firmwareVersion: 'firmware version' }

function readMention(
  inquiry: Inquiry,
  label: Label,
  named: string,
  field: keyof typeof MENTIONING,
  where: string,
): void {
  if (named === label.brand) return
  const others = inquiry
    .makersBehind(named)
    .filter((maker) => label.kind !== 'own' || !inquiry.areRelated(maker, label.maker))
  if (others.length === 0) return
  const note = `The ${where} mentions ${inquiry.name(named)}.`
  const isOfThis = label.kind !== 'own' || !(OF_ANOTHER_DEVICE as readonly string[]).includes(field)
  if (isOfThis) inquiry.mentionedIn.add(field)
  const weight = WEIGHTS['uncertain-name']
  inquiry.addEvidence('declared-name', inquiry.name(named), named, weight, DECLARED, note)
  for (const maker of others) {
    const claim = inquiry.claim(maker, 'declared-name', weight, note)
    claim.listed ||= isOfThis
  }
}

function knownLabel(inquiry: Inquiry, text: string, brand: string, read: ReadName): Label {
  inquiry.isDoubted = ENDS_IN_DOUBT.test(text)
  const isAnotherWord = REPAIRING_METHODS.includes(read.method) || hasLetterBefore(inquiry, text, brand)
  inquiry.isRepaired = isAnotherWord && !hasOwnWord(inquiry, text, brand)
  readStrangers(inquiry, text, read)
  const maker = inquiry.knowledge.makers.get(brand)
  if (maker === undefined) {
    inquiry.addEvidence(
      'declared-name',
      text,
      brand,
      0,
      DECLARED,
      `${inquiry.name(brand)} sells what others build; the name says who sold the device, not who built it.`,
    )
    return { kind: 'brand', brand }
  }
  const weight = maker === brand ? WEIGHTS['own-name'] : WEIGHTS['trade-name']
  const reads = inquiry.isRepaired ? 'The name is one spelling away from' : 'The name reads as'
  const note =
    maker === brand
      ? `${reads} ${inquiry.name(brand)}, which builds devices of its own.`
      : `${reads} ${inquiry.name(brand)}, a trade name of ${inquiry.name(maker)}.`
  inquiry.addEvidence('declared-name', text, brand, weight, DECLARED, note)
  inquiry.claim(maker, 'declared-name', weight, note).listed = true
  return { kind: 'own', brand, maker }
}

/** "Sony OEM", "Nest Q", "for Axis": whose product it is, such a cell leaves open. */
function readStrangers(inquiry: Inquiry, text: string, { strangers = [] }: ReadName): void {
  const [first] = strangers
  if (first === undefined) return
  inquiry.besideName = strangers.some(({ kind }) => kind === 'imitation') ? 'imitation' : 'word'
  const words = strangers.map((one) => `"${one.text}"`).join(', ')
  const note = `The cell also says ${words}, so that it may be somebody else's product; something on the device has to agree before the name clears it.`
  inquiry.addEvidence('declared-name', text, null, 0, DECLARED, note)
}

/** "Q-nest" is a word of its own, one letter away from Nest; the letter of "D-Link" belongs to the name. */
function hasLetterBefore(inquiry: Inquiry, text: string, brand: string): boolean {
  const names = inquiry.knowledge.vendors.get(brand)?.names ?? []
  const own = new Set(names.flatMap((name) => name.text.toLowerCase().split(/\s+/)))
  return text
    .toLowerCase()
    .split(/\s+/)
    .some((word) => /^\p{L}[-‐-―'’]./u.test(word) && !own.has(word) && own.has(word.slice(2)))
}

/** A word of the name that is written without a mistake: the "Techwin" of "Hanwa Techwin". */
function hasOwnWord(inquiry: Inquiry, text: string, brand: string): boolean {
  const vendor = inquiry.knowledge.vendors.get(brand)
  const own = new Set(
    (vendor?.names ?? []).flatMap((name) => name.text.toLowerCase().split(/[^\p{L}\p{N}]+/u)),
  )
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .some((word) => word.length >= 5 && own.has(word) && !COMMON_WORDS.has(word))
}

function readUnknownLabel(inquiry: Inquiry, text: string, read: ReadName): Label {
  inquiry.suggestions = read.suggestions
  if (read.band === 'none' || read.vendor === null) {
    inquiry.addEvidence('declared-name', text, null, 0, DECLARED, 'The name is not in the catalog.')
    readNearNames(inquiry, text, read)
    return { kind: 'unknown', brand: null }
  }
  const { vendor, score } = read
  if (!read.suggestions.some((suggestion) => suggestion.vendor === vendor)) {
    inquiry.suggestions = [{ vendor, name: inquiry.name(vendor), score }, ...read.suggestions]
  }
  for (const named of new Set([vendor, ...(read.alsoNamed ?? [])])) {
    const note =
      read.heldBack === 'two-vendors'
        ? `The cell names ${inquiry.name(named)} and somebody else, so it settles nothing.`
        : `The name is close to ${inquiry.name(named)}, not close enough to be read as it.`
    inquiry.addEvidence('declared-name', text, named, WEIGHTS['uncertain-name'], DECLARED, note)
    for (const maker of inquiry.makersBehind(named)) {
      inquiry.claim(maker, 'declared-name', WEIGHTS['uncertain-name'], note).listed = true
    }
  }
  return { kind: 'unknown', brand: null }
}

/** From this alikeness on a name that nobody knows may be a slip of the pen: one letter in four, or less. */
const NEAR_FROM = 0.75

/**
 * A name that nobody knows and that is a letter or so from that of a restricted maker accuses nobody, and stands against
 * a statement of one person that would clear it.
 */
function readNearNames(inquiry: Inquiry, text: string, { suggestions }: ReadName): void {
  for (const { vendor, score } of suggestions) {
    if (score < NEAR_FROM || !inquiry.knowledge.restricted.has(vendor)) continue
    const note = `The name is written nearly as ${inquiry.name(vendor)}.`
    inquiry.addEvidence('declared-name', text, vendor, WEIGHTS['uncertain-name'], DECLARED, note)
    for (const maker of inquiry.makersBehind(vendor))
      inquiry.claim(maker, 'declared-name', WEIGHTS['uncertain-name'], note)
  }
}

/** Ways of finding a name that repair its letters. */
const REPAIRING_METHODS: readonly string[] = ['edit', 'skeleton']

/** Words that many names of companies end in, so that they do not tell one from another. */
const COMMON_WORDS: ReadonlySet<string> = new Set(
  'security systems system technology technologies electronics digital vision video surveillance camera cameras corporation company limited group international network networks solutions products industries imaging wireless mobile global safety services software'.split(
    ' ',
  ),
)

/** Texts to hold model patterns against: the model, its words, and model numbers inside the name cell. */
export function modelReadings(declared: DeclaredFacts, label: Label): string[] {
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
