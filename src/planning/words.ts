/** How figures are said to people. Pure. */
import { formatDollars } from '../money.ts'
import type { ScheduleDocument } from './documents.ts'

/** `80 in 100 chance`. */
export function chanceWords(percent: number): string {
  return `${Math.round(percent)} in 100 chance`
}

/** Whole dollars with separators: no cents where a range is spoken of. */
export function dollars(cents: number): string {
  return formatDollars(BigInt(Math.round(cents / 100)) * 100n).replace(/\.00$/, '')
}

/** Whether the crews make the deadline, and when the order is due. */
export function sentenceOfTime(rollout: NonNullable<ScheduleDocument['rollout']>): string {
  const order =
    rollout.orderLateByDays > 0
      ? `The order was due by ${rollout.latestOrderOn}.`
      : `Order by ${rollout.latestOrderOn} at the latest.`
  if (rollout.shortfall === 0) {
    return `Crews can be done by ${rollout.completeOn ?? rollout.startOn}, before the deadline ${rollout.deadline}. ${order}`
  }
  return `${rollout.shortfall} devices would still stand after the deadline ${rollout.deadline}; ${rollout.requiredRate === null ? 'no working day is left' : `${Number(rollout.requiredRate)} devices a day would do instead of ${rollout.ratePerDay}`}. ${order}`
}
