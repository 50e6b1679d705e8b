/** The devices that a scenario hits, as they are listed: each of a city's own, or groups of them over several cities. */

import { addDays, type PlainDate } from '../lib/calendar.ts'
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

/** One line for each device of a city. */
export function linesOfMembers(members: readonly HitMember[], terms: LineTerms): ScenarioDevice[] {
  return members.map(({ member, hit }) => lineOf(hit, terms, { ...member, deviceId: member.id, devices: 1 }))
}

/** One line for each group of devices that the same facts were recorded of; places of devices are not in it. */
export function linesOfGroups(hits: readonly Hit[], terms: LineTerms): ScenarioDevice[] {
  const lines = new Map<string, ScenarioDevice>()
  for (const hit of hits) {
    const { devices, facts } = hit
    const line = lineOf(hit, terms, { ...NOWHERE, ...facts, assetTag: null, name: null, devices: 0 })
    const key = JSON.stringify(line)
    const known = lines.get(key)
    lines.set(key, { ...line, devices: (known?.devices ?? 0) + devices })
  }
  return [...lines.values()]
}

const NOWHERE = { deviceId: null, site: null } as const

type Shown = Pick<
  ScenarioDevice,
  | 'deviceId'
  | 'assetTag'
  | 'name'
  | 'site'
  | 'devices'
  | 'manufacturer'
  | 'model'
  | 'deviceClass'
  | 'purpose'
  | 'firmwareVersion'
  | 'updateChannel'
>

function lineOf(hit: Hit, terms: LineTerms, shown: Shown): ScenarioDevice {
  const { effect, jurisdictionId } = hit
  const cutOffOn = cutOffOf(hit, terms)
  return {
    hypothetical: true,
    scenario: terms.scenario,
    jurisdictionId,
    city: terms.cities.find(({ id }) => id === jurisdictionId)!.name,
    deviceId: shown.deviceId,
    assetTag: shown.assetTag,
    name: shown.name,
    site: shown.site,
    devices: shown.devices,
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
