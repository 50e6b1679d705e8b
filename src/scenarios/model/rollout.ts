/** When crews are done with the devices that a scenario hits, city by city. Pure. */
import { daysBetween, earlier, type PlainDate } from '../../lib/calendar.ts'
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
  /** Over devices that are cut off: days from the cut-off to their replacement. */
  readonly unpatchableDeviceDays: number
}

/** null when nothing is to be replaced. Throws InvalidInput for a calendar without working days. */
export function rolloutOf(groups: readonly Replaced[], terms: RolloutTerms): CityRollout | null {
  const order = groups.toSorted((a, b) => b.urgency - a.urgency)
  const cutOffs = order.flatMap(({ devices, cutOffOn }) =>
    new Array<PlainDate | null>(devices).fill(cutOffOn),
  )
  if (cutOffs.length === 0) return null
  const { settings, effectiveOn } = terms
  const orderedOn = settings.orderOn ?? effectiveOn
  const deadline = settings.deadline ?? terms.windDownLastDay ?? effectiveOn
  const ratePerDay = rateOf(settings, terms.surge)
  const firstYear = Number(earlier(orderedOn, deadline).slice(0, 4)) - 1
  const result = rollOut({
    ...{ orderedOn, deadline, ratePerDay },
    leadDays: settings.leadDays,
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
    answer: shown(result, { orderedOn, deadline, ratePerDay, devices: cutOffs.length }),
    unpatchableDeviceDays,
  }
}

/** As far ahead as a schedule looks, and a little further. */
const YEARS_OF_HOLIDAYS = 42

/** Devices a working day, all crews together. */
function rateOf({ crews, devicesPerCrewDay }: PlanSettings, surge: number): string {
  const rate = times(times(ratio(BigInt(crews)), decimal(devicesPerCrewDay)), decimal(surge))
  return toFixed(rate, 4)
}

function shown(
  result: Rollout,
  asked: Pick<RolloutAnswer, 'orderedOn' | 'deadline' | 'ratePerDay' | 'devices'>,
): RolloutAnswer {
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
