/** The devices that a scenario hits, as they are listed: each of a city's own, or groups of them over several cities. */

import { addDays, type PlainDate } from '../lib/calendar.ts'
import type { Steps } from '../lib/steps.ts'
import type { Member, Touched } from './load.ts'
import { type AskedCity, cutOffOf, type Hit } from './model/answer.ts'
import type { Effect } from './model/evaluate.ts'
import type { ScenarioDevice } from './schemas.ts'

interface LineTerms {
  readonly scenario: string
  readonly cities: readonly AskedCity[]
  readonly effectiveOn: PlainDate
  readonly endsOn: PlainDate | null
  readonly vendorName: (id: string) => string
}

/** A device and what is done to it. */
export interface HitMember {
  readonly member: Member
  readonly hit: Hit
}

/** Finds the hit of each device, by the facts under which it was evaluated. */
export function hitMembers(
  members: readonly Member[],
  hits: ReadonlyMap<string, Hit>,
  { regrouped }: Touched,
): HitMember[] {
  return members.flatMap((member) => {
    const hit = hits.get(regrouped.get(member.id)?.id ?? member.profileId)
    return hit === undefined ? [] : [{ member, hit }]
  })
}

/** What is stored of the devices: what many share once, and of each what is its own. */
export interface StoredDevices {
  readonly shared: readonly Shared[]
  readonly devices: readonly Own[]
}

/** Place of what is shared, number of devices, and of a city's own device its id, tag, name and site. */
type Own = readonly [
  shared: number,
  devices: number,
  id?: string,
  tag?: string | null,
  name?: string | null,
  site?: string | null,
]
type Shared = Omit<ScenarioDevice, 'deviceId' | 'assetTag' | 'name' | 'site' | 'devices'>

/** The text that is stored; a step for some hundred devices. Without members groups, which name no place of a device. */
export function* storing(
  hits: readonly Hit[],
  members: readonly HitMember[] | null,
  terms: LineTerms,
): Steps<string> {
  const places = new Map<string, number>()
  const shared: string[] = []
  const placeOf = (hit: Hit) => {
    const text = JSON.stringify(sharedOf(hit, terms))
    const place = places.get(text) ?? shared.push(text) - 1
    places.set(text, place)
    return place
  }
  const ofHit = new Map<Hit, number>()
  const groups = new Map<number, number>()
  for (const [i, hit] of hits.entries()) {
    const place = placeOf(hit)
    ofHit.set(hit, place)
    groups.set(place, (groups.get(place) ?? 0) + hit.devices)
    if (i % STEP === 0) yield
  }
  const own: string[] = []
  if (members === null) own.push(...[...groups].map((group) => JSON.stringify(group)))
  for (const [i, { member, hit }] of (members ?? []).entries()) {
    const { id, assetTag, name, site } = member
    own.push(JSON.stringify([ofHit.get(hit), 1, id, assetTag, name, site]))
    if (i % STEP === 0) yield
  }
  return `{"shared":[${shared.join(',')}],"devices":[${own.join(',')}]}`
}

const STEP = 200

/** Some of the stored devices as they are shown. */
export function shownDevices(
  { shared, devices }: StoredDevices,
  from = 0,
  to = devices.length,
): ScenarioDevice[] {
  return devices.slice(from, to).map(([place, count, id = null, tag = null, name = null, site = null]) => {
    const { hypothetical, scenario, jurisdictionId, city, ...rest } = shared[place]!
    return {
      ...{ hypothetical, scenario, jurisdictionId, city },
      deviceId: id,
      assetTag: tag,
      name,
      site,
      devices: count,
      ...rest,
    }
  })
}

function sharedOf(hit: Hit, terms: LineTerms): Shared {
  const { effect, jurisdictionId, facts: shown } = hit
  const cutOffOn = cutOffOf(hit, terms)
  return {
    hypothetical: true,
    scenario: terms.scenario,
    jurisdictionId,
    city: terms.cities.find(({ id }) => id === jurisdictionId)!.name,
    manufacturer: shown.manufacturer,
    model: shown.model,
    deviceClass: shown.deviceClass,
    purpose: shown.purpose,
    firmwareVersion: shown.firmwareVersion,
    updateChannel: shown.updateChannel,
    ...found(effect, terms),
    saveImagesBy: cutOffOn === null ? null : addDays(cutOffOn, -1),
    hasImage: effect.hasImage,
    vulnerabilitiesLost: effect.lost.map(({ id }) => id),
    needsLicenseFor: [...effect.needsLicense],
  }
}

function found(effect: Effect, { vendorName }: LineTerms) {
  const { maker, way, confidence, headline, level } = effect
  return {
    maker: maker === null ? null : vendorName(maker),
    path: way.path,
    certainty: way.certainty,
    way: way.steps.join(' → '),
    confidence,
    headline,
    level,
  }
}
