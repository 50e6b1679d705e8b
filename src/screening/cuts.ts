/** What profiles were cut by since they were answered, and whether a day in the law tells apart what one of them holds. */
import type { CutOfVersion } from '../catalogue/versions.ts'
import type { ScreenedDevice } from '../device/screened-device.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { memoryOf } from '../lib/memory.ts'
import { epochDates } from './profile.ts'

/** By version of the knowledge. */
export type Cuts = ReadonlyMap<number, CutOfVersion>

/**
 * Days by which every device was cut that came into a profile since that version; undefined for one that is not on
 * record. Devices come in under each version, and one of them may not have known a day that others know.
 */
export function daysSince(cuts: Cuts, version: number): readonly PlainDate[] | undefined {
  return since(cuts)(version)
}

const since = memoryOf((cuts: Cuts) => {
  const known = new Map<number, readonly PlainDate[] | undefined>()
  return (version: number) => {
    if (!known.has(version)) known.set(version, commonDays(cuts, version))
    return known.get(version)
  }
})

function commonDays(cuts: Cuts, version: number): readonly PlainDate[] | undefined {
  const first = cuts.get(version)
  if (first === undefined) return undefined
  const later = [...cuts].flatMap(([other, { boundaries }]) => (other > version ? [new Set(boundaries)] : []))
  return first.boundaries.filter((day) => later.every((days) => days.has(day)))
}

/** Whether one of the days `now` lies inside a span between days `before` that a profile's facts stand for. */
export function isCutInTwo(
  facts: ScreenedDevice,
  before: readonly PlainDate[],
  now: readonly PlainDate[],
): boolean {
  return epochDates(facts).some((start) => {
    const end = before.find((day) => day > start)
    return now.some((day) => day > start && (end === undefined || day < end))
  })
}
