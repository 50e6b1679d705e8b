/** From the effects on distinct facts to what three people read. Pure. */
import { ACTIVITIES, type Activity } from '../../catalogue/outcomes.ts'
import type { ScreenedDevice } from '../../device/screened-device.ts'
import { isStopped } from '../../firmware-risk/levels.ts'
import { addDays, type PlainDate } from '../../lib/calendar.ts'
import { compareText } from '../../lib/compare.ts'
import type { Steps } from '../../lib/steps.ts'
import type { PlanSettings } from '../../planning/settings.ts'
import type { ApplicationAnswer, CityAnswer, ScenarioDocument } from '../schemas.ts'
import type { Effect } from './evaluate.ts'
import { type Replaced, rolloutOf } from './rollout.ts'
import { PATH_WORDS, PATHS } from './ways.ts'

/** Devices of one city that a scenario does the same to. */
export interface Hit {
  /** Digest of the facts. */
  readonly id: string
  readonly jurisdictionId: string
  readonly devices: number
  readonly facts: ScreenedDevice
  readonly effect: Effect
}

export interface AskedCity {
  readonly id: string
  readonly name: string
  readonly state: string | null
  readonly devices: number
  readonly fiscalYearStartMonth: number
  readonly settings: PlanSettings
}

export interface AnswerTerms {
  readonly cities: readonly AskedCity[]
  readonly effectiveOn: PlainDate
  readonly windDownLastDay: PlainDate | null
  readonly endsOn: PlainDate | null
  readonly regime: { readonly id: string; readonly title: string; readonly authority: string }
  readonly vendorName: (id: string) => string
  readonly surge: number | null
}

type Counted = Pick<
  ScenarioDocument,
  'paths' | 'activities' | 'missingFacts' | 'firmware' | 'applications' | 'cities' | 'reviewer' | 'surge'
>

const CRITICAL: readonly (string | null)[] = ['public-safety', 'critical-infrastructure']

/** The answer as far as it follows from the hits; a step for each city. */
export function* answering(hits: readonly Hit[], terms: AnswerTerms): Steps<Counted> {
  const byCity = groupBy(hits, ({ jurisdictionId }) => jurisdictionId)
  const cities: CityAnswer[] = []
  for (const city of terms.cities) {
    cities.push(cityOf(city, byCity.get(city.id) ?? [], terms))
    yield
  }
  const devices = total(terms.cities)
  return {
    paths: pathsOf(hits),
    activities: activitiesOf(hits),
    missingFacts: missingOf(hits),
    firmware: firmwareOf(hits, terms),
    applications: terms.cities.flatMap((city) => applicationOf(city, byCity.get(city.id) ?? [], terms)),
    cities,
    reviewer: {
      share: shareOf(total(hits), devices),
      unpatchableDeviceDays: cities.reduce((sum, city) => sum + (city.unpatchableDeviceDays ?? 0), 0),
      citiesHit: cities.filter(({ hit }) => hit > 0).length,
      citiesThatCannotFinish: cities.flatMap(({ canFinish, name }) => (canFinish ? [] : [name])),
    },
    surge: surgeOf(byCity, terms),
  }
}

export const total = (groups: readonly { readonly devices: number }[]) =>
  groups.reduce((sum, { devices }) => sum + devices, 0)

const shareOf = (part: number, whole: number) => (whole === 0 ? 0 : Number((part / whole).toFixed(4)))

export const isOpen = ({ effect }: Hit) => effect.way.certainty === 'open'

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

function pathsOf(hits: readonly Hit[]): ScenarioDocument['paths'] {
  return PATHS.map((path) => {
    const own = hits.filter(({ effect }) => effect.way.path === path)
    return {
      path,
      meaning: PATH_WORDS[path],
      certain: total(own.filter((hit) => !isOpen(hit))),
      open: total(own.filter(isOpen)),
    }
  }).filter(({ certain, open }) => certain + open > 0)
}

function activitiesOf(hits: readonly Hit[]): ScenarioDocument['activities'] {
  return ACTIVITIES.flatMap((activity) => {
    const groups = groupBy(hits, ({ effect: { headline } }) =>
      JSON.stringify([
        headline.before[activity],
        headline.after[activity],
        headline.ended?.[activity] ?? null,
      ]),
    )
    return [...groups.values()]
      .map((own) => {
        const { before, after, ended } = own[0]!.effect.headline
        return {
          activity,
          before: before[activity],
          after: after[activity],
          ended: ended?.[activity] ?? null,
          devices: total(own),
        }
      })
      .toSorted(
        (a, b) => b.devices - a.devices || compareText(a.after, b.after) || compareText(a.before, b.before),
      )
  })
}

function missingOf(hits: readonly Hit[]): ScenarioDocument['missingFacts'] {
  const counts = new Map<string, number>()
  for (const { effect, devices } of hits)
    for (const fact of effect.missingFacts) counts.set(fact, (counts.get(fact) ?? 0) + devices)
  return [...counts]
    .map(([fact, devices]) => ({ fact, devices }))
    .toSorted((a, b) => b.devices - a.devices || compareText(a.fact, b.fact))
}

/** The latest thing that is said. */
const lastLevel = ({ effect: { level } }: Hit) => level.ended ?? level.after

/** Updates could be had, and cannot any more. */
const isCutOff = (hit: Hit) => !isStopped(hit.effect.level.before) && isStopped(lastLevel(hit))

function firmwareOf(hits: readonly Hit[], terms: AnswerTerms): ScenarioDocument['firmware'] {
  const levels = [...groupBy(hits, ({ effect }) => JSON.stringify(Object.values(effect.level))).values()]
  const lost = new Map<string, { isKnownExploited: boolean; devices: number }>()
  for (const { effect, devices } of hits) {
    for (const { id, isKnownExploited } of effect.lost)
      lost.set(id, { isKnownExploited, devices: (lost.get(id)?.devices ?? 0) + devices })
  }
  return {
    levels: levels
      .map((own) => ({ ...own[0]!.effect.level, devices: total(own) }))
      .toSorted((a, b) => b.devices - a.devices || compareText(a.after, b.after)),
    cutOffs: cutOffsOf(hits, terms),
    images: imagesOf(hits, terms),
    unpatchable: [...lost]
      .map(([id, one]) => ({ id, ...one }))
      .toSorted(
        (a, b) =>
          Number(b.isKnownExploited) - Number(a.isKnownExploited) ||
          b.devices - a.devices ||
          compareText(a.id, b.id),
      ),
    devicesLosingPatches: total(hits.filter(({ effect }) => effect.lost.length > 0)),
  }
}

/** First day without updates; the scenario's own days where the law of today has cut them off otherwise. */
export function cutOffOf(
  hit: Hit,
  { effectiveOn, endsOn }: Pick<AnswerTerms, 'effectiveOn' | 'endsOn'>,
): PlainDate | null {
  if (!isCutOff(hit)) return null
  const { level, cutOffOn } = hit.effect
  return cutOffOn ?? (isStopped(level.after) ? effectiveOn : endsOn)
}

function cutOffsOf(hits: readonly Hit[], terms: AnswerTerms): ScenarioDocument['firmware']['cutOffs'] {
  const cut = hits.flatMap((hit) => {
    const day = cutOffOf(hit, terms)
    return day === null ? [] : [{ ...hit, day }]
  })
  return [...groupBy(cut, ({ day }) => day)]
    .map(([cutOffOn, own]) => ({
      cutOffOn,
      saveBy: addDays(cutOffOn, -1),
      devices: total(own),
      withoutImage: total(own.filter(({ effect }) => !effect.hasImage)),
    }))
    .toSorted((a, b) => compareText(a.cutOffOn, b.cutOffOn))
}

const IMAGES_MOST = 1000

function imagesOf(hits: readonly Hit[], terms: AnswerTerms): ScenarioDocument['firmware']['images'] {
  const cut = hits.flatMap((hit) => {
    const day = cutOffOf(hit, terms)
    if (day === null) return []
    const { model, firmwareVersion, updateChannel } = hit.facts
    const { maker, brand, hasImage } = hit.effect
    const of = {
      maker: maker ?? brand,
      model,
      firmwareVersion,
      updateChannel,
      saveBy: addDays(day, -1),
      isKept: hasImage,
    }
    return [{ of, devices: hit.devices }]
  })
  return [...groupBy(cut, ({ of }) => JSON.stringify(of)).values()]
    .map((own) => ({ ...own[0]!.of, devices: total(own) }))
    .toSorted((a, b) => b.devices - a.devices || compareText(JSON.stringify(a), JSON.stringify(b)))
    .slice(0, IMAGES_MOST)
}

/** What is replaced: what is certain. What is open may be spared by a look at it. */
function replacedOf(hits: readonly Hit[], terms: AnswerTerms): Replaced[] {
  return hits
    .filter((hit) => !isOpen(hit))
    .map((hit) => ({
      devices: hit.devices,
      cutOffOn: cutOffOf(hit, terms),
      urgency:
        (hit.effect.lost.some(({ isKnownExploited }) => isKnownExploited) ? 1000 : 0) +
        (CRITICAL.includes(hit.facts.purpose) ? 500 : 0) +
        hit.effect.firmwareScore,
    }))
}

const rolloutTerms = (city: AskedCity, { effectiveOn, windDownLastDay }: AnswerTerms, surge: number) => ({
  ...{ settings: city.settings, fiscalYearStartMonth: city.fiscalYearStartMonth },
  ...{ effectiveOn, windDownLastDay, surge },
})

function cityOf(city: AskedCity, hits: readonly Hit[], terms: AnswerTerms): CityAnswer {
  const rollout = rolloutOf(replacedOf(hits, terms), rolloutTerms(city, terms, 1))
  const hit = total(hits)
  return {
    jurisdictionId: city.id,
    ...{ name: city.name, state: city.state, devices: city.devices, hit },
    open: total(hits.filter(isOpen)),
    share: shareOf(hit, city.devices),
    criticalHit: total(hits.filter(({ facts }) => CRITICAL.includes(facts.purpose))),
    cutOff: total(hits.filter(isCutOff)),
    losesPatches: total(hits.filter(({ effect }) => effect.lost.length > 0)),
    rollout: rollout?.answer ?? null,
    canFinish: rollout === null || rollout.answer.shortfall === 0,
    unpatchableDeviceDays: rollout === null ? 0 : rollout.unpatchableDeviceDays,
  }
}

function surgeOf(byCity: ReadonlyMap<string, Hit[]>, terms: AnswerTerms): ScenarioDocument['surge'] {
  const [city] = terms.cities
  if (terms.surge === null || city === undefined || terms.cities.length > 1) return null
  const replaced = replacedOf(byCity.get(city.id) ?? [], terms)
  const rollout = rolloutOf(replaced, rolloutTerms(city, terms, terms.surge))
  return rollout && { factor: terms.surge, rollout: rollout.answer }
}

const MODELS_MOST = 50

/** What a city would have to ask the authority for. */
function applicationOf(city: AskedCity, hits: readonly Hit[], terms: AnswerTerms): ApplicationAnswer[] {
  const needing = hits.filter(({ effect }) => effect.needsLicense.length > 0)
  if (needing.length === 0) return []
  const activities = ACTIVITIES.filter((activity) =>
    needing.some(({ effect }) => effect.needsLicense.includes(activity)),
  )
  const models = [...groupBy(needing, ({ facts }) => facts.model ?? 'model not recorded')]
    .map(([model, own]) => ({ model, devices: total(own) }))
    .toSorted((a, b) => b.devices - a.devices || compareText(a.model, b.model))
  const entities = [...new Set(needing.flatMap(({ effect }) => effect.way.steps.at(-1) ?? []))].toSorted()
  const vulnerabilities = [
    ...new Set(needing.flatMap(({ effect }) => effect.lost.map(({ id }) => id))),
  ].toSorted()
  const from = terms.endsOn ?? terms.effectiveOn
  const known = { activities, entities, vulnerabilities, devices: total(needing), from }
  return [
    {
      jurisdictionId: city.id,
      city: city.name,
      regime: terms.regime.id,
      authority: terms.regime.authority,
      ...known,
      models: models.slice(0, MODELS_MOST),
      facts: factsOf(city, { ...known, models: models.length, hits: needing }, terms),
    },
  ]
}

interface ApplicationFacts {
  readonly activities: readonly Activity[]
  readonly entities: readonly string[]
  readonly vulnerabilities: readonly string[]
  readonly devices: number
  readonly models: number
  readonly from: PlainDate
  readonly hits: readonly Hit[]
}

const ASKED: Readonly<Record<Activity, string>> = {
  procure: 'buy',
  use: 'go on using',
  'federal-funding': 'pay with federal money for',
  'firmware-update': 'obtain and install firmware updates for',
  'return-export': 'send back for repair or export',
  dispose: 'dispose of',
}

function factsOf(city: AskedCity, known: ApplicationFacts, { regime }: AnswerTerms): string[] {
  const critical = total(known.hits.filter(({ facts }) => CRITICAL.includes(facts.purpose)))
  return [
    `Applicant: ${city.name}${city.state === null ? '' : `, ${city.state}`}.`,
    `Authority: ${regime.authority}, under ${regime.title}.`,
    `The applicant asks to ${known.activities.map((activity) => ASKED[activity]).join(', ')} ${known.devices} devices of ${known.models} models made, sold or owned through ${known.entities.join(', ') || 'a listed company'}.`,
    `${critical} of them serve public safety or critical infrastructure.`,
    known.vulnerabilities.length === 0
      ? 'No open vulnerability of them is on record whose fix would be lost.'
      : `Open vulnerabilities whose fix could no longer be had: ${known.vulnerabilities.slice(0, 20).join(', ')}.`,
    `The license would be needed from ${known.from} until the devices are replaced.`,
    'To be added by the applicant: who signs, how updates reach the devices, what they are isolated from, and the plan of replacement.',
  ]
}
