/**
 * Licenses of the register as determinations count them: for every act but firmware updates, which the firmware risk
 * tests with channel, publisher and model. Pure.
 *
 * What is on record says more than a determination can test. A license that hangs on such a thing lifts nothing here.
 */
import { LRUCache } from 'lru-cache'
import type { JurisdictionFacts } from '../catalogue/facts.ts'
import { ACTIVITIES, type Activity } from '../catalogue/outcomes.ts'
import type { Condition, License } from '../catalogue/rules.ts'
import type { FirmwareHoldings } from '../firmware-risk/holdings.ts'
import { daysHeld } from '../firmware-risk/licenses/days.ts'
import { FIRMWARE_UPDATE, type License as LicenseRecord } from '../firmware-risk/licenses/license.ts'
import { isInTerritory } from '../firmware-risk/licenses/scope.ts'
import { indexOfModels, type ModelIndex } from '../firmware-risk/model-index.ts'
import { getOrMake, memoryOf } from '../lib/memory.ts'

/** One value for all who hold none, so that they share what is remembered. */
const NONE: readonly License[] = []

interface Held {
  readonly always: readonly License[]
  /** Those for some models, each with what knows its models. */
  readonly forModels: readonly { readonly license: License; readonly models: ModelIndex<string> }[]
}

/** By what a jurisdiction holds, then by what everybody may, then by place. */
const heldBy = memoryOf((holdings: FirmwareHoldings) =>
  memoryOf((shared: readonly LicenseRecord[]) => {
    const places = new LRUCache<string, Held>({ max: PLACES_MOST })
    return (place: string) =>
      getOrMake(places, place, () => heldIn(place, [...shared, ...holdings.licenses], holdings))
  }),
)
/** A jurisdiction is in one place, and in another after it was corrected; those without holdings share one value. */
const PLACES_MOST = 100

/** Cities that may rely on the same get the same array, so that they share what is remembered. */
const oneOfThose = memoryOf((_: readonly LicenseRecord[]) => {
  const byText = new LRUCache<string, readonly License[]>({ max: SETS_MOST })
  return (held: readonly License[]) => getOrMake(byText, textOf(held), () => held)
})
/** Sets of licenses that devices of all cities may rely on. */
const SETS_MOST = 1_000

/** What a jurisdiction may rely on for a model: what everybody may, and its own. */
export function heldLicenses(
  shared: readonly LicenseRecord[],
  holdings: FirmwareHoldings,
  { country, state }: JurisdictionFacts,
  model: string | null,
): readonly License[] {
  if (shared.length === 0 && holdings.licenses.length === 0) return NONE
  const place = [country ?? 'US', ...(state === null ? [] : [state])].join('-')
  const { always, forModels } = heldBy(holdings)(shared)(place)
  const named = model === null ? [] : forModels.filter(({ models }) => models.find(model).length > 0)
  const held = named.length === 0 ? always : [...always, ...named.map(({ license }) => license)]
  return held.length === 0 ? NONE : oneOfThose(shared)(held)
}

/** Of one license, since devices by the thousand ask. */
const textOfOne = memoryOf((license: License) => ({ text: JSON.stringify(license) }))

function textOf(held: readonly License[]): string {
  return held.map((license) => textOfOne(license).text).join()
}

function heldIn(place: string, records: readonly LicenseRecord[], holdings: FirmwareHoldings): Held {
  const replaced = new Set(records.map(({ supersedes }) => supersedes))
  const testable = records.filter((record) => !replaced.has(record.id) && isTestable(record, place))
  return {
    always: testable
      .filter(({ models = 'any' }) => models === 'any')
      .flatMap((record) => forActs(record, holdings)),
    forModels: testable.flatMap((record) => {
      const { models = 'any' } = record
      if (models === 'any') return []
      const index = indexOfModels(models)
      return forActs(record, holdings).map((license) => ({ license, models: index }))
    }),
  }
}

/** Whether nothing is left to ask but what a determination knows. */
function isTestable(record: LicenseRecord, place: string): boolean {
  const { channels = 'any', territory, conditions, status, statusSince } = record
  return (
    channels === 'any' &&
    (territory === 'any' || isInTerritory(territory, place)) &&
    conditions.every(({ isMet }) => isMet === true) &&
    (status === 'active' || statusSince !== null)
  )
}

function forActs(record: LicenseRecord, { jurisdiction, timezone }: FirmwareHoldings): readonly License[] {
  const { id, regime, type, entities, program, products } = record
  const name = [
    record.authority,
    `${type.replaceAll('-', ' ')}${LICENSES.has(type) ? ' license' : ''}`,
    record.number,
  ]
    .filter((part) => part !== null)
    .join(' ')
  const activities = record.activities.filter(
    (name): name is Activity => name !== FIRMWARE_UPDATE && ACTIVITIES.some((one) => one === name),
  )
  const kind = type === 'general' || type === 'temporary-general' ? 'general' : 'specific'
  const holder = holderOf(record, jurisdiction, kind)
  if (activities.length === 0 || holder === null) return []
  const when: Condition | null = products === 'any' ? null : { in: ['deviceClass', products] }
  const days = daysHeld(record, timezone)
  return [
    {
      ...{ id, name, regime, kind, entities, program, activities, holder, when, days },
      includesOwned: record.includesOwned === true,
      from: null,
      to: null,
      status: 'active',
    },
  ]
}

/** Types that are not a noun by themselves. */
const LICENSES: ReadonlySet<string> = new Set(['general', 'temporary-general', 'specific'])

/** A specific license is for whom it names. */
function holderOf({ holder }: LicenseRecord, jurisdiction: string | null, kind: License['kind']) {
  if (holder.kind === 'any-us-person') return kind === 'general' ? 'anyone' : null
  return holder.id === jurisdiction ? 'jurisdiction' : holder.id
}
