/** What a supposed listing does to one distinct combination of facts. Pure. */

import type { JurisdictionFacts } from '../../catalogue/facts.ts'
import { ACTIVITIES, type Activity, isFinding, type Outcome, severity } from '../../catalogue/outcomes.ts'
import type { Regime } from '../../catalogue/rules.ts'
import type { Headline } from '../../determination/determination.ts'
import type { ScreenedDevice } from '../../device/screened-device.ts'
import { firmwareRisk } from '../../firmware-risk/firmware-risk.ts'
import type { FirmwareHoldings } from '../../firmware-risk/holdings.ts'
import type { Level } from '../../firmware-risk/levels.ts'
import { productOf } from '../../firmware-risk/product.ts'
import { matchingReleases } from '../../firmware-risk/release-models.ts'
import { addDays, earlier, type PlainDate } from '../../lib/calendar.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import type { LocalLaw } from '../../screening/local-law.ts'
import { firmwareQuestion, type Screening, screenIn } from '../../screening/screen.ts'
import type { Way, WayFinder } from './ways.ts'

export interface Terms {
  readonly before: Knowledge
  readonly after: Knowledge
  readonly regime: string
  /** The day from which is looked ahead. */
  readonly asOf: PlainDate
  readonly effectiveOn: PlainDate
  /** First day without any supposed license; null when none ends. */
  readonly endsOn: PlainDate | null
  readonly wayOf: WayFinder
}

export interface CityTerms {
  readonly facts: JurisdictionFacts
  readonly firmware: FirmwareHoldings
  readonly localLaws: readonly LocalLaw[]
}

/** One answer at three moments: without what is supposed, from its day on, and once its licenses have ended. */
interface Moments<T> {
  readonly before: T
  readonly after: T
  /** null when no license ends. */
  readonly ended: T | null
}

interface LostPatch {
  readonly id: string
  readonly isKnownExploited: boolean
}

export interface Effect {
  readonly way: Way
  readonly brand: string | null
  readonly maker: string | null
  /** Of the identification, 0 to 1. */
  readonly confidence: number
  readonly headline: Moments<Headline>
  /** What the regime itself says. */
  readonly ofRegime: Moments<Headline>
  readonly level: Moments<Level>
  /** First day on which an update needs a license or is barred, as far as it does not today. */
  readonly cutOffOn: PlainDate | null
  /** A verified image of the model is kept. */
  readonly hasImage: boolean
  /** Open vulnerabilities whose fix can be had now and not once updates are cut off. */
  readonly lost: readonly LostPatch[]
  /** What the city goes on doing and would need a license for that nobody holds, at the latest moment. */
  readonly needsLicense: readonly Activity[]
  /** Facts that are not recorded, so that the stricter answer of the regime was taken. */
  readonly missingFacts: readonly string[]
  /** 0 to 100, at the latest moment. */
  readonly firmwareScore: number
}

/** null where what is supposed changes nothing. */
export function effectOn(facts: ScreenedDevice, city: CityTerms, terms: Terms): Effect | null {
  const { before, after, effectiveOn, endsOn, regime } = terms
  const at = (knowledge: Knowledge, day: PlainDate) => screenIn(city, facts, knowledge, day)
  const [without, from] = [at(before, effectiveOn), at(after, effectiveOn)]
  const later = endsOn === null ? null : { without: at(before, endsOn), supposed: at(after, endsOn) }
  const isHit = differs(without, from) || (later !== null && differs(later.without, later.supposed))
  if (!isHit) return null
  const last = later?.supposed ?? from
  const moments = <T>(of: (screening: Screening) => T): Moments<T> => ({
    before: of(without),
    after: of(from),
    ended: later === null ? null : of(later.supposed),
  })
  const question = firmwareQuestion(facts, city.facts, after, city.firmware)
  const { brand, maker, confidence } = from.identification
  const ofRegime = moments((screening) => outcomesUnder(regime, screening))
  const final = ofRegime.ended ?? ofRegime.after
  return {
    way: terms.wayOf(from.identification),
    ...{ brand, maker, confidence, ofRegime },
    headline: moments(({ headline }) => headline),
    level: moments(({ firmwareRisk }) => firmwareRisk.level),
    cutOffOn: firmwareRisk(question, earlier(terms.asOf, addDays(effectiveOn, -1))).cutOffOn,
    hasImage: matchingReleases(city.firmware.images, productOf(question)).some(
      ({ isVerified }) => isVerified,
    ),
    lost: lostPatches(without, last),
    needsLicense: needsLicense(ofRegime.before, final, after.regimes.byId.get(regime)!),
    missingFacts: missingUnder(regime, last),
    firmwareScore: last.firmwareRisk.score,
  }
}

/** Whether any law, or what may be patched, says another thing. */
function differs(a: Screening, b: Screening): boolean {
  if (a.firmwareRisk.level !== b.firmwareRisk.level) return true
  const others = new Map(b.determinations.map((one) => [`${one.regime}/${one.activity}`, one.outcome]))
  return a.determinations.some((one) => others.get(`${one.regime}/${one.activity}`) !== one.outcome)
}

/** What is done with equipment that is there; nobody is licensed to buy more of it. */
const GOING_ON: readonly Activity[] = ['use', 'firmware-update', 'return-export']

function needsLicense(before: Headline, final: Headline, { licensing }: Regime): Activity[] {
  const isBarred = (outcome: Outcome) => severity(outcome) < severity('conditional')
  const canBe = (activity: Activity) =>
    licensing?.specific[activity] !== undefined || licensing?.general[activity] !== undefined
  return GOING_ON.filter(
    (activity) => isBarred(final[activity]) && !isBarred(before[activity]) && canBe(activity),
  )
}

function missingUnder(regime: string, { determinations }: Screening): string[] {
  const open = determinations.filter((one) => one.regime === regime && isFinding(one.outcome))
  return [...new Set(open.flatMap(({ missingFacts }) => missingFacts))].toSorted()
}

function outcomesUnder(regime: string, { determinations }: Screening): Headline {
  const own = new Map(
    determinations.flatMap((one) => (one.regime === regime ? [[one.activity, one.outcome] as const] : [])),
  )
  return Object.fromEntries(
    ACTIVITIES.map((activity) => [activity, own.get(activity) ?? 'not-applicable']),
  ) as unknown as Headline
}

function lostPatches(without: Screening, last: Screening): LostPatch[] {
  const then = new Map(last.firmwareRisk.vulnerabilities.map((one) => [one.id, one]))
  return without.firmwareRisk.vulnerabilities
    .filter(({ id, fixObtainable }) => fixObtainable !== 'no' && then.get(id)?.fixObtainable === 'no')
    .map(({ id, isKnownExploited }) => ({ id, isKnownExploited }))
}
