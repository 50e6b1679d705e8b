/** From everything that speaks for each maker to who made the device, if anybody can be named. */

import { candidatesOf } from './candidates.ts'
import { parseFccGrantee } from './fcc-id.ts'
import type { EvidenceKind, Identification, IdentificationStatus } from './identification.ts'
import { type Claim, compare, type Inquiry, type Label } from './inquiry.ts'
import { weighStatements } from './person-statements.ts'

/** Evidence is told in this order, whatever order it was found in. */
const KIND_ORDER: readonly EvidenceKind[] = [
  'declared-name',
  'model-pattern',
  'mac-prefix',
  'fcc-grantee',
  'firmware-string',
  'relabel-record',
  'ownership-record',
  'component-statement',
  'person-statement',
  'fallen-statement',
]

interface Verdict {
  readonly maker: string
  /** It rests on signs alone: no name that is known agrees, so that a person should look at it. */
  readonly withoutName?: boolean
}

export function conclude(inquiry: Inquiry, label: Label): Identification {
  listStyles(inquiry, label)
  const stated = weighStatements(inquiry, unlessInDoubt(inquiry, verdictOf(inquiry, label)))
  const { verdict } = stated
  const maker = verdict?.maker ?? null
  const candidates = candidatesOf(inquiry, maker, label, stated.isOverruled).filter(
    ({ vendor }) => !stated.answered.has(vendor),
  )
  const isOpen = candidates.some((candidate) => candidate.vendor !== maker)
  const status: IdentificationStatus =
    maker !== null ? 'resolved' : hasGround(inquiry, label) ? 'ambiguous' : 'unresolved'
  const needsReview =
    maker === null ||
    isOpen ||
    stated.needsPerson ||
    (!stated.isStated && (restsOnAssumedDate(inquiry, maker) || verdict?.withoutName === true)) ||
    hasLikelyPart(inquiry)
  return {
    status,
    brand: label.brand,
    maker,
    confidence: status === 'unresolved' ? 0 : (candidates[0]?.confidence ?? 0),
    evidence: inquiry.evidence.sort(
      (a, b) =>
        KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind) ||
        b.weight - a.weight ||
        compare(a.note, b.note) ||
        compare(a.value, b.value),
    ),
    candidates,
    components: [...inquiry.components.values()].sort((a, b) => compare(a.vendor ?? '', b.vendor ?? '')),
    suggestions: inquiry.suggestions,
    needsReview,
    wouldSettle: needsReview ? settlingFacts(inquiry, maker, label) : [],
  }
}

export function listStyles(inquiry: Inquiry, label: Label): void {
  const claims = [...inquiry.claims.values()]
  if (label.kind === 'own' || claims.some((claim) => claim.bearing === 'decisive')) return
  for (const claim of claims) claim.listed ||= claim.hasStyle
}

/**
 * A sign of another seller upholds a verdict only when that seller is known to buy from the same maker, and a
 * name with a question mark needs a sign of its own.
 */
function unlessInDoubt(inquiry: Inquiry, verdict: Verdict | null): Verdict | null {
  if (verdict === null) return null
  if (inquiry.isDoubted && (inquiry.claims.get(verdict.maker)?.signs.size ?? 0) === 0) return null
  if (inquiry.isRepaired && !mayRestOnRepair(inquiry, verdict.maker)) return null
  if (inquiry.besideName !== null && !mayRestBeside(inquiry, verdict.maker, inquiry.besideName)) return null
  return inquiry.suppliersOfSigns.every((suppliers) => suppliers.includes(verdict.maker)) ? verdict : null
}

/** A repaired spelling alone may restrict. To clear, something else has to agree: a model, an address, a sign. */
function mayRestOnRepair(inquiry: Inquiry, maker: string): boolean {
  if (inquiry.knowledge.restricted.has(maker) || inquiry.hasOwnMac) return true
  const claim = inquiry.claims.get(maker)
  if (claim !== undefined && (claim.signs.size > 0 || claim.hasStyle)) return true
  return inquiry.knowledge.classes.knows(maker, inquiry.declared.model)
}

/**
 * A cell that says more than the name may restrict. To clear, an unknown word wants what a repaired spelling wants; of an
 * imitation the model number is copied too, so that only an address, a grant or the firmware counts.
 */
function mayRestBeside(inquiry: Inquiry, maker: string, beside: 'imitation' | 'word'): boolean {
  const { classes } = inquiry.knowledge
  if (beside === 'word')
    return mayRestOnRepair(inquiry, maker) || classes.classUnder(maker, inquiry.declared.model) !== null
  if (inquiry.knowledge.restricted.has(maker) || inquiry.hasOwnMac) return true
  const signs = inquiry.claims.get(maker)?.signs ?? new Set()
  return [...signs].some((sign) => sign !== 'model-pattern')
}

function verdictOf(inquiry: Inquiry, label: Label): Verdict | null {
  switch (label.kind) {
    case 'own':
      return verdictOnOwnName(inquiry, label)
    case 'brand':
      return verdictOnSeller(inquiry)
    case 'blank':
    case 'unknown':
      return verdictWithoutName(inquiry, label)
    default:
      throw label satisfies never
  }
}

/** A maker's own name holds unless a record explains it away; a sign of somebody else leaves it open. */
function verdictOnOwnName(inquiry: Inquiry, label: Label & { kind: 'own' }): Verdict | null {
  const others = [...inquiry.claims.values()].filter((claim) => claim.maker !== label.maker)
  const explained = others.filter(
    (claim) => claim.bearing === 'decisive' || (claim.bearing === 'fits' && claim.signs.size > 0),
  )
  const foreign = others.filter(
    (claim) =>
      claim.signs.size > 0 && !explained.includes(claim) && !inquiry.areRelated(claim.maker, label.maker),
  )
  if (foreign.length > 0 || explained.length > 1) return null
  const own = inquiry.claims.get(label.maker)
  // The block of the label is no second opinion: a relabeler can have its own addresses burnt in.
  const ownSigns = [...(own?.signs ?? [])].filter((kind) => kind !== 'mac-prefix')
  if (explained[0] !== undefined) return ownSigns.length > 0 ? null : { maker: explained[0].maker }
  const isDoubtful = others.some(
    (claim) => claim.bearing === 'fits' || (claim.bearing === 'open-high' && !inquiry.hasOwnMac),
  )
  return isDoubtful ? null : { maker: label.maker }
}

/** A seller's name says nothing about the maker: records and signs have to. */
function verdictOnSeller(inquiry: Inquiry): Verdict | null {
  const claims = [...inquiry.claims.values()]
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
function verdictWithoutName(inquiry: Inquiry, label: Label): Verdict | null {
  const claims = [...inquiry.claims.values()]
  const signed = claims.filter((claim) => claim.signs.size > 0)
  const winner = signed[0]
  if (winner === undefined || signed.length > 1) return null
  const isNearName = winner.weights.has('declared-name')
  if (!isSignedFor(winner) && !isNearName) return null
  const nearOther = claims.some((claim) => claim !== winner && claim.weights.has('declared-name'))
  if (nearOther) return null
  return { maker: winner.maker, withoutName: label.kind === 'unknown' || winner.signs.size < 2 }
}

/** Whether more than a near name speaks for anybody. */
function hasGround(inquiry: Inquiry, label: Label): boolean {
  for (const claim of inquiry.claims.values()) {
    if (
      claim.listed &&
      (label.brand !== null || claim.weights.size > 1 || !claim.weights.has('declared-name'))
    )
      return true
  }
  return false
}

function hasLikelyPart(inquiry: Inquiry): boolean {
  return [...inquiry.components.values()].some(({ standing }) => standing === 'likely')
}

function restsOnAssumedDate(inquiry: Inquiry, maker: string | null): boolean {
  if (!inquiry.assumesDate || maker === null) return false
  const claim = inquiry.claims.get(maker)
  return claim?.bearing === 'decisive' && claim.signs.size === 0
}

function settlingFacts(inquiry: Inquiry, maker: string | null, label: Label): string[] {
  const settles: string[] = []
  if (label.brand === null) settles.push('manufacturer')
  if (!inquiry.hasModelNumber && (maker === null || inquiry.modelMatters)) settles.push('model')
  const hasMac = inquiry.evidence.some((piece) => piece.kind === 'mac-prefix' && piece.pointsTo !== null)
  if (!hasMac) settles.push('macAddress')
  if (inquiry.dateMatters) settles.push('producedOn')
  settles.push(...inquiry.mentionedIn)
  if (hasLikelyPart(inquiry)) settles.push('coveredComponent')
  if ((inquiry.isRepaired || inquiry.besideName !== null) && maker === null) settles.push('manufacturer')
  if (maker === null && parseFccGrantee(inquiry.declared.fccId) === null) settles.push('fccId')
  if (maker === null && (inquiry.declared.firmwareVersion?.trim() ?? '') === '')
    settles.push('firmwareVersion')
  return [...new Set(settles)]
}

/** An address block or an FCC grant, or any two high-confidence signs: enough to name a maker alone. */
function isSignedFor(claim: Claim): boolean {
  return claim.signs.has('mac-prefix') || claim.signs.has('fcc-grantee') || claim.signs.size >= 2
}
