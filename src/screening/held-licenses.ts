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
import { getOrMake, memoryOf } from '../lib/memory.ts'

/** One value for all who hold none, so that they share what is remembered. */
const NONE: readonly License[] = []

/** By what a jurisdiction holds, then by what everybody may, then by place. */
const heldIn = memoryOf((holdings: FirmwareHoldings) =>
  memoryOf((shared: readonly LicenseRecord[]) => {
    const places = new LRUCache<string, readonly License[]>({ max: PLACES_MOST })
    return (place: string) =>
      getOrMake(places, place, () => licensesIn(place, [...shared, ...holdings.licenses], holdings))
  }),
)
/** A jurisdiction is in one place, and in another after it was corrected; those without holdings share one value. */
const PLACES_MOST = 100

/** What a jurisdiction may rely on: what everybody may, and its own. */
export function heldLicenses(
  shared: readonly LicenseRecord[],
  holdings: FirmwareHoldings,
  { country, state }: JurisdictionFacts,
): readonly License[] {
  if (shared.length === 0 && holdings.licenses.length === 0) return NONE
  const place = [country ?? 'US', ...(state === null ? [] : [state])].join('-')
  return heldIn(holdings)(shared)(place)
}

function licensesIn(place: string, records: readonly LicenseRecord[], holdings: FirmwareHoldings) {
  const replaced = new Set(records.map(({ supersedes }) => supersedes))
  const held = records
    .filter((record) => !replaced.has(record.id) && isTestable(record, place))
    .flatMap((record) => forActs(record, holdings))
  return held.length === 0 ? NONE : held
}

/** Whether nothing is left to ask but what a determination knows. */
function isTestable(record: LicenseRecord, place: string): boolean {
  const { models = 'any', channels = 'any', territory, conditions, status, statusSince } = record
  return (
    models === 'any' &&
    channels === 'any' &&
    (territory === 'any' || isInTerritory(territory, place)) &&
    conditions.every(({ isMet }) => isMet === true) &&
    (status === 'active' || statusSince !== null)
  )
}

function forActs(record: LicenseRecord, { jurisdiction, timezone }: FirmwareHoldings): readonly License[] {
  const { id, regime, type, entities, programme, products } = record
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
      ...{ id, regime, kind, entities, programme, activities, holder, when, days },
      includesOwned: record.includesOwned === true,
      from: null,
      to: null,
      status: 'active',
    },
  ]
}

/** A specific license is for whom it names. */
function holderOf({ holder }: LicenseRecord, jurisdiction: string | null, kind: License['kind']) {
  if (holder.kind === 'any-us-person') return kind === 'general' ? 'anyone' : null
  return holder.id === jurisdiction ? 'jurisdiction' : holder.id
}
