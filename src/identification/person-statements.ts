/**
 * What people state on who made the device, weighed against everything else.
 *
 * One person may add a maker, and may decide where no restricted maker stands against the statement. To set a
 * restricted maker aside takes a second person. A statement counts only against the evidence that stood when it was
 * made; when other evidence has come since, it falls, and then it may still ask for a person but clear nobody.
 */
import type { MakerStatement, StatementBasis } from '../device/statement.ts'
import type { EvidenceKind } from './identification.ts'
import type { Claim, Inquiry } from './inquiry.ts'

/** How much a statement counts, by what it rests on. Judgment: a seller writes the invoice, nobody writes the chip. */
const STATEMENT_WEIGHTS: Readonly<Record<StatementBasis, number>> = {
  teardown: 0.95,
  'label-photo': 0.85,
  'vendor-letter': 0.8,
  inspection: 0.7,
  invoice: 0.6,
  other: 0.4,
}
/** Of one that fell. */
const FALLEN_WEIGHT = 0.2

const BASIS_WORDS: Readonly<Record<StatementBasis, string>> = {
  teardown: 'after taking one apart',
  'label-photo': 'after a photo of the label',
  'vendor-letter': 'after a letter of the vendor',
  inspection: 'after looking at the device',
  invoice: 'after an invoice',
  other: 'on another ground',
}

interface Verdict {
  readonly maker: string
  readonly withoutName?: boolean
}

export interface Weighed {
  readonly verdict: Verdict | null
  /** The verdict rests on a statement, or a statement agrees with it. */
  readonly isStated: boolean
  /** Without the statement it would be another, or none. */
  readonly isOverruled: boolean
  /** Makers whom the statement answers: no candidates any longer. */
  readonly answered: ReadonlySet<string>
  /** A statement fell, contradicts another or waits for a second person. */
  readonly needsPerson: boolean
}

/** Makers to whom something points, apart from statements. */
export function spokenFor(inquiry: Inquiry): string[] {
  return [...inquiry.claims.keys()].toSorted()
}

function others(inquiry: Inquiry): Claim[] {
  return [...inquiry.claims.values()].filter((claim) => claim.listed || claim.signs.size > 0)
}

/** `alone` is what everything else says. */
export function weighStatements(inquiry: Inquiry, alone: Verdict | null): Weighed {
  const statements = inquiry.declared.statements ?? []
  if (statements.length === 0)
    return { verdict: alone, isStated: false, isOverruled: false, answered: new Set(), needsPerson: false }
  const rest = others(inquiry)
  const fallen = new Map<MakerStatement, string>()
  for (const statement of statements) {
    const why = statement.fell ?? unforeseen(inquiry, statement, rest)
    if (why !== null) fallen.set(statement, why)
  }
  const standing = statements.filter((statement) => !fallen.has(statement))
  const makers = [...new Set(standing.flatMap(({ maker }) => maker ?? []))]
  const decision = decide(inquiry, alone, standing, makers, rest)
  for (const statement of standing) tell(inquiry, statement, standingNote(inquiry, statement, decision))
  for (const [statement, why] of fallen) tellFallen(inquiry, statement, why)
  const verdict = unlessFallen(inquiry, decision.verdict, [...fallen.keys()])
  return {
    verdict,
    isStated: decision.isStated && verdict !== null,
    isOverruled: decision.isStated && verdict !== null && verdict.maker !== alone?.maker,
    answered: decision.answered,
    needsPerson: fallen.size > 0 || decision.isOpen,
  }
}

interface Decision {
  readonly verdict: Verdict | null
  readonly isStated: boolean
  readonly answered: ReadonlySet<string>
  /** It contradicts another or waits for a second person. */
  readonly isOpen: boolean
  /** Restricted makers that stand against it. */
  readonly against: readonly string[]
}

function decide(
  inquiry: Inquiry,
  alone: Verdict | null,
  standing: readonly MakerStatement[],
  makers: readonly string[],
  rest: readonly Claim[],
): Decision {
  const { restricted } = inquiry.knowledge
  const isRestricted = (verdict: Verdict | null) => verdict !== null && restricted.has(verdict.maker)
  const undecided = {
    verdict: alone,
    isStated: false,
    answered: new Set<string>(),
    isOpen: false,
    against: [],
  }
  const maker = makers[0]
  if (maker === undefined) return undecided
  if (makers.length > 1) return { ...undecided, verdict: isRestricted(alone) ? alone : null, isOpen: true }
  const isConfirmed = standing.some((one) => one.maker === maker && one.confirmedBy !== null)
  // Whatever speaks for a restricted maker, however faintly: a name nearly his, a word in a note, a common style.
  const against = [...inquiry.claims.keys()].filter((other) => other !== maker && restricted.has(other))
  const restricts = restricted.has(maker) && !isRestricted(alone)
  const mayDecide = alone?.maker === maker || against.length === 0 || isConfirmed || restricts
  if (!mayDecide) return { ...undecided, isOpen: true, against }
  const answered = rest.filter(
    (claim) => claim.maker !== maker && (isConfirmed || !restricted.has(claim.maker)),
  )
  return {
    verdict: { maker },
    isStated: true,
    answered: new Set(answered.map((claim) => claim.maker)),
    isOpen: !isConfirmed && against.length > 0 && alone?.maker !== maker,
    against,
  }
}

/** Evidence that nobody knew of when it was stated. */
function unforeseen(
  inquiry: Inquiry,
  { maker, spokenFor }: MakerStatement,
  rest: readonly Claim[],
): string | null {
  const fresh = rest.filter(
    (claim) =>
      claim.maker !== maker &&
      !spokenFor.includes(claim.maker) &&
      (inquiry.knowledge.restricted.has(claim.maker) ||
        maker === null ||
        !inquiry.areRelated(claim.maker, maker)),
  )
  if (fresh.length === 0) return null
  const names = fresh.map((claim) => inquiry.name(claim.maker)).toSorted()
  return `nothing spoke for ${names.join(' or ')} when it was stated`
}

/** A restricting statement that fell clears nobody: without it the device is not settled. */
function unlessFallen(
  inquiry: Inquiry,
  verdict: Verdict | null,
  fallen: readonly MakerStatement[],
): Verdict | null {
  const { restricted } = inquiry.knowledge
  if (verdict === null || restricted.has(verdict.maker)) return verdict
  const accused = fallen.some(
    ({ maker }) => maker !== null && maker !== verdict.maker && restricted.has(maker),
  )
  return accused ? null : verdict
}

function standingNote(inquiry: Inquiry, statement: MakerStatement, { isOpen, against }: Decision): string {
  if (statement.maker === null || !isOpen) return ''
  if (against.length === 0) return ' Another statement names another maker.'
  const names = against.map((maker) => inquiry.name(maker)).toSorted()
  return ` Something else speaks for ${names.join(' and ')}: a second person has to confirm it.`
}

function tell(inquiry: Inquiry, statement: MakerStatement, more: string): void {
  const { maker, basis } = statement
  const weight = maker === null ? 0 : STATEMENT_WEIGHTS[basis]
  const note = `${sentence(inquiry, statement)}${more}`
  add(inquiry, 'person-statement', statement, weight, note)
  if (maker !== null) inquiry.claim(maker, 'person-statement', weight, note).listed = true
}

function tellFallen(inquiry: Inquiry, statement: MakerStatement, why: string): void {
  const { maker } = statement
  const note = `${sentence(inquiry, statement)} It no longer counts: ${why}.`
  add(inquiry, 'fallen-statement', statement, 0, note)
  if (maker !== null) inquiry.claim(maker, 'fallen-statement', FALLEN_WEIGHT, note).listed = true
}

function add(
  inquiry: Inquiry,
  kind: EvidenceKind,
  { id, maker }: MakerStatement,
  weight: number,
  note: string,
): void {
  const value = maker === null ? 'cannot be found out' : inquiry.name(maker)
  inquiry.addEvidence(kind, value, maker, weight, `/v1/statements/${id}`, note)
}

function sentence(
  inquiry: Inquiry,
  { maker, basis, by, statedOn, scope, confirmedBy }: MakerStatement,
): string {
  const what = maker === null ? 'that its maker cannot be found out' : `that ${inquiry.name(maker)} built it`
  const which = scope === 'model' ? ', as all of this name and model' : ''
  const second = confirmedBy === null ? '' : ` ${confirmedBy} confirmed it.`
  return `${by} stated on ${statedOn}, ${BASIS_WORDS[basis]}, ${what}${which}.${second}`
}
