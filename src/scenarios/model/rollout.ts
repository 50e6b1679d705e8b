/** When crews are done with the devices that a scenario hits, city by city. Pure. */
import { addDays, daysBetween, earlier, type PlainDate } from '../../lib/calendar.ts'
import { decimal, ratio, times, toFixed } from '../../lib/money.ts'
import { calendarOf, type Rollout, rollOut } from '../../planning/schedule/model/crew-calendar.ts'
import type { PlanSettings } from '../../planning/settings.ts'
import type { RolloutAnswer } from '../schemas.ts'

/** Equal devices that are replaced. */
export interface Replaced {
  readonly devices: number
  /** From which day on they cannot be patched; null while they can. */
  readonly cutOffOn: PlainDate | null
  /** Higher comes first. */
  readonly urgency: number
}

export interface RolloutTerms {
  readonly settings: PlanSettings
  readonly effectiveOn: PlainDate
  /** null without one. */
  readonly windDownLastDay: PlainDate | null
  readonly fiscalYearStartMonth: number
  /** Times the rate of the settings; 1 for just that. */
  readonly surge: number
}

export interface CityRollout {
  readonly answer: RolloutAnswer
  /** Over devices that are cut off: days from the cut-off to their replacement; null when they are never done. */
  readonly unpatchableDeviceDays: number | null
}

/** null when nothing is to be replaced. Throws InvalidInput for a calendar without working days. */
export function rolloutOf(groups: readonly Replaced[], terms: RolloutTerms): CityRollout | null {
  const order = groups.toSorted((a, b) => b.urgency - a.urgency)
  const cutOffs = order.flatMap(({ devices, cutOffOn }) =>
    new Array<PlainDate | null>(devices).fill(cutOffOn),
  )
  if (cutOffs.length === 0) return null
  const { settings, effectiveOn } = terms
  const { leadDays } = settings
  const orderedOn = settings.orderOn ?? effectiveOn
  const deadline = settings.deadline ?? terms.windDownLastDay ?? effectiveOn
  const ratePerDay = rateOf(settings, terms.surge)
  const workingDays = new Set(settings.workweek).size * WEEKS_MOST
  if (cutOffs.length > Number(ratePerDay) * workingDays) {
    return beyond({ orderedOn, leadDays, deadline, ratePerDay, devices: cutOffs.length })
  }
  const firstYear = Number(earlier(orderedOn, deadline).slice(0, 4)) - 1
  const result = rollOut({
    ...{ orderedOn, deadline, ratePerDay, leadDays },
    devices: cutOffs.map((_, i) => String(i)),
    calendar: calendarOf(settings, firstYear, firstYear + YEARS_OF_HOLIDAYS),
    fiscalYearStartMonth: terms.fiscalYearStartMonth,
  })
  const unpatchableDeviceDays = cutOffs.reduce(
    (total, cutOffOn, i) =>
      cutOffOn === null ? total : total + Math.max(0, daysBetween(cutOffOn, result.replacedOn[i]!)),
    0,
  )
  return {
    answer: shown(result, { orderedOn, leadDays, deadline, ratePerDay, devices: cutOffs.length }),
    unpatchableDeviceDays,
  }
}

/** As far ahead as a schedule looks, and a little further. */
const YEARS_OF_HOLIDAYS = 42

type AskedOfCrews = Pick<RolloutAnswer, 'orderedOn' | 'deadline' | 'ratePerDay' | 'devices'> & {
  readonly leadDays: number
}

/** Weeks of forty years, less those that holidays and days off take of them. */
const WEEKS_MOST = 1_800

/** Crews that need decades finish in no time that anybody plans for. */
function beyond(asked: AskedOfCrews): CityRollout {
  const startOn = addDays(asked.orderedOn, asked.leadDays)
  const days = Math.max(0, daysBetween(startOn, asked.deadline) + 1)
  // At most: as if every day were a working day.
  const doneByDeadline = Math.min(asked.devices, Math.floor(days * Number(asked.ratePerDay)))
  return {
    answer: {
      ...asked,
      ratePerDay: asked.ratePerDay.replace(/\.?0+$/, ''),
      startOn,
      doneByDeadline,
      shortfall: asked.devices - doneByDeadline,
      completeOn: null,
      requiredRate: days === 0 ? null : (asked.devices / days).toFixed(4),
      latestOrderOn: null,
      orderLateByDays: null,
      deviceDaysOverDeadline: null,
    },
    unpatchableDeviceDays: null,
  }
}

/** Devices a working day, all crews together. */
function rateOf({ crews, devicesPerCrewDay }: PlanSettings, surge: number): string {
  const rate = times(times(ratio(BigInt(crews)), decimal(devicesPerCrewDay)), decimal(surge))
  return toFixed(rate, 4)
}

function shown(result: Rollout, asked: AskedOfCrews): RolloutAnswer {
  return {
    ...asked,
    ratePerDay: asked.ratePerDay.replace(/\.?0+$/, ''),
    startOn: result.startOn,
    doneByDeadline: result.doneByDeadline,
    shortfall: result.shortfall,
    completeOn: result.completeOn,
    requiredRate: result.requiredRate,
    latestOrderOn: result.latestOrderOn,
    orderLateByDays: result.orderLateByDays,
    deviceDaysOverDeadline: result.deviceDaysOverDeadline,
  }
}
