/** Each verdict in words, with the facts, the citation and the certainty behind it. */

import type { Certainty } from '../catalogue/outcomes.ts'
import type { CoveringListing, FactName, License, Listing } from '../catalogue/rules.ts'
import type { PlainDate } from '../lib/calendar.ts'
import type { Verdict } from './decide.ts'
import { doubtOfPart, excludedParts, statedPart, whatSettles } from './doubts.ts'
import { distinct, type Judged, type NoRule, type Plain, weaker } from './findings.ts'
import type { Hit } from './firing.ts'
import type { CompiledRule } from './law.ts'
import { inWords, whatIsMissing } from './missing-words.ts'
import { citationUnder } from './programs.ts'
import { foremostCovering, type RegimeView } from './regime-view.ts'
import { type Sentence, sentence } from './sentence.ts'
import type { Situation } from './situation.ts'

export function toDetermination(verdict: Verdict, situation: Situation): Judged {
  const { activity, outcome, ground, doubted, part } = verdict
  const { identification } = situation.subject
  const plain =
    ground.kind === 'rule' ? fromRule(ground.hit, ground.licenses) : fromNoRule(ground.kind, ground.view)
  const view = ground.kind === 'rule' ? ground.hit.view : ground.view
  const { ruleId, because, facts, missingFacts, certainty, citation } = plain
  const regime = view.regime.id
  const excluded = excludedParts(view, situation)
  const answer = {
    regime,
    activity,
    outcome,
    ruleId,
    because: because + excluded,
    facts,
    missingFacts,
    citation,
    certainty: excluded === '' ? certainty : weaker(certainty, 'reported'),
  }
  const isSettled = identification.status === 'resolved'
  if (part === 'stated') return { ...answer, ...statedPart(plain, view, identification.maker) }
  if (doubted === null) {
    if (isSettled) return answer
    return {
      ...answer,
      missingFacts: distinct(['maker', ...identification.wouldSettle, ...missingFacts]),
      certainty: 'uncertain',
    }
  }
  if (part !== undefined) return { ...answer, ...doubtOfPart(plain, view, identification.maker, doubted) }
  const doubt =
    view.maker.id === null
      ? `The maker of this device is not known; if it is one that this law covers, the answer is ${inWords(doubted)}.`
      : `${view.maker.name} may have produced this device; if so, the answer is ${inWords(doubted)}.`
  return {
    ...answer,
    because: `${doubt} ${whatSettles(identification.wouldSettle)} ${because}`,
    facts: { ...facts, maker: identification.maker, possibleMaker: view.maker.id },
    missingFacts: distinct(['maker', ...identification.wouldSettle, ...missingFacts]),
    certainty: 'uncertain',
  }
}

function fromRule(hit: Hit, licenses: readonly License[]): Plain {
  const key = idsOf(licenses)
  hit.explained[key] ??= explain(hit, licenses)
  return hit.explained[key]
}

function explain({ rule, truth, view, missing, milder }: Hit, licenses: readonly License[]): Plain {
  const covering = rule.readsCoverage
    ? foremostCovering([...view.covering(view.regime.id), ...view.classes()])
    : null
  const listing = covering?.listing ?? null
  const facts: Record<string, string | boolean | null> = {}
  for (const name of rule.reads) facts[name] = view.stated(name)
  facts.regimeStatus = view.status
  if (listing) {
    facts.listing = listing.id
    facts.listedFrom = listing.from
  }
  if (licenses.length > 0) facts.license = idsOf(licenses)
  const because = (milder ?? rule).explanation({
    // What is said of makers that the law covers is not said of one that nobody knows.
    maker: view.maker.id === null ? 'a maker that this law covers' : view.maker.name,
    listed: nameOfListing(listing, view),
    affiliate: view.affiliate() ?? 'a listed entity',
    note: listing?.notes ?? '',
    except: listing?.class?.except ?? '',
    way: wayTo(covering, view),
    asOf: view.asOf,
  })
  return {
    ruleId: rule.id,
    because: [
      ...contradictionsIn(missing, view),
      licenses.length > 0 ? underLicense(licenses, because) : because,
      ...sinceWhen(because, rule, view, listing),
      ...whatIsMissing(missing, (vendor) => view.nameOf(vendor)),
    ].join(' '),
    facts,
    missingFacts: missing,
    certainty: certaintyOf(truth, rule, listing, view),
    citation: citationUnder(view.regime.id, listing?.program ?? null, rule.citation),
  }
}

/** From which day the law, the rule and the listing count, where the sentence does not say it. */
function sinceWhen(because: string, rule: CompiledRule, view: RegimeView, listing: Listing | null): string[] {
  const days: string[] = []
  const note = (day: PlainDate | null | undefined, text: string) => {
    if (day && !because.includes(day)) days.push(`${text} ${day}`)
  }
  const mayBe = view.status === 'unknown'
  if (rule.inForce.from === null)
    note(view.since, mayBe ? 'the law may be in force since' : 'the law has been in force since')
  else note(rule.inForce.from, mayBe ? 'the rule may apply since' : 'the rule has applied since')
  const name = listing === null || listing.class !== null ? 'the class' : nameOfListing(listing, view)
  note(listing?.from, `${name} has been listed since`)
  for (const phase of rule.condition.phases) {
    const begins = listing?.phases[phase]
    if (begins !== undefined && begins <= view.asOf && begins !== listing?.from)
      note(begins, 'the step that counts here began on')
  }
  if (days.length === 0) return []
  const text = `${days.join('; ')}.`
  return [text.charAt(0).toUpperCase() + text.slice(1)]
}

/** Nothing is sure that hangs on a missing fact, nor more than reported what rests on the catalog alone. */
function certaintyOf(
  truth: true | null,
  rule: CompiledRule,
  listing: Listing | null,
  view: RegimeView,
): Certainty {
  if (truth === null || view.status === 'unknown') return 'uncertain'
  // What a class leaves out is on no record, so that nothing of a class is sure.
  const listed = listing?.class ? weaker(listing.certainty, 'reported') : (listing?.certainty ?? 'sure')
  const inLaw = weaker(rule.certainty, listed)
  return view.supplied.size > 0 ? weaker(inLaw, 'reported') : inLaw
}

/** Two where the maker is listed under two programs and each lifts one. */
function idsOf(licenses: readonly License[]): string {
  return licenses.map(({ id }) => id).join(', ')
}

function underLicense(licenses: readonly License[], because: string): string {
  const names = licenses.map(({ id, name = `License ${id}` }) => name)
  if (names.length === 1) return `${names[0]} covers it within its terms. Without one: ${because}`
  return `${names.join(' and ')} together cover it within their terms, each under its own sanctions program. Without them: ${because}`
}

/** A day that is missing would be bounded by these, did they not contradict each other. */
const BOUNDED_BY: Partial<Record<string, readonly FactName[]>> = {
  obligatedOn: ['paidOn', 'acquiredOn', 'installedOn'],
  modelAuthorizedOn: ['producedOn', 'acquiredOn', 'installedOn'],
}

/** Sentences on what contradicts what among the facts that are missing, and among those that would bound them. */
function contradictionsIn(missing: readonly string[], view: RegimeView): string[] {
  const read = missing.flatMap((name) => [name, ...(BOUNDED_BY[name] ?? [])])
  return distinct(read.flatMap((name) => view.contradiction(name as FactName)?.because ?? []))
}

const NO_RULE: Readonly<Record<NoRule, Sentence>> = {
  'not-listed': sentence('On {asOf} no listing under “{regime}” covers {maker}.'),
  'not-reached': sentence('On {asOf} no rule of “{regime}” reaches this device.'),
  'not-governed': sentence('“{regime}” does not regulate this activity.'),
  'not-in-force': sentence('“{regime}” is not in force on {asOf}.'),
  'no-rule': sentence(
    '“{regime}” covers the device, but none of the rules held here covers these facts; counsel has to read the text.',
  ),
}

function fromNoRule(kind: NoRule, view: RegimeView): Plain {
  view.explained[kind] ??= explainNoRule(kind, view)
  return view.explained[kind]
}

function explainNoRule(kind: NoRule, view: RegimeView): Plain {
  const { regime, maker, asOf, status } = view
  const facts: Record<string, string | boolean | null> = { asOf, maker: maker.id }
  if (kind === 'not-listed' && regime.ownershipOn === 'production') {
    facts.producedOn = view.stated('producedOn')
  }
  if (kind === 'not-in-force') facts.regimeStatus = status
  return {
    ruleId: `${regime.id}:${kind}`,
    because: NO_RULE[kind]({ maker: maker.name, regime: regime.title, asOf }),
    facts,
    missingFacts: [],
    certainty:
      kind === 'no-rule'
        ? 'uncertain'
        : weaker(regime.certainty, view.supplied.size > 0 ? 'reported' : 'sure'),
    citation: regime.citation,
  }
}

/** Whom the list names: of an affiliate that it does not name, the company above. */
function nameOfListing(listing: Listing | null, view: RegimeView): string {
  if (listing === null) return 'a listed entity'
  if (listing.class) return `the class “${listing.name}”`
  return listing.isNamed === false ? (view.affiliate() ?? listing.name) : listing.name
}

/** How the listing comes to the maker, in words: nobody is covered through itself. */
function wayTo(covering: CoveringListing | null, view: RegimeView): string {
  if (covering === null) return 'The maker may be covered by the list'
  const maker = view.maker.name
  const { listing, path, inherited } = covering
  const products = view.maker.id === null ? 'Products of this kind' : `Products of ${maker}`
  if (listing.vendor === null) return `${products} may fall under “${listing.name}”`
  const since = listing.from === null ? '' : ` (on the list since ${listing.from})`
  if (inherited || listing.isNamed === false)
    return `${maker} belongs to ${nameOfListing(listing, view)}${since} as a subsidiary or affiliate`
  return path.length > 1
    ? `${maker} is a trade name of ${listing.name}${since}`
    : `${maker} is listed by name${since}`
}
