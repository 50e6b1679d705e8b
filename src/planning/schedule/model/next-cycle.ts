/** When what is bought now has to be replaced again, and what that costs in the money of its year. */
import { escalated, percent, ratio, roundHalfUp } from '../../../lib/money.ts'
import type { EstimateDocument, ScheduleDocument } from '../../documents.ts'
import type { FiscalYear } from '../../model/fiscal-year.ts'

export function nextCycleOf(
  { yearly, settings }: Pick<EstimateDocument, 'yearly' | 'settings'>,
  years: ScheduleDocument['outcome']['years'],
): NonNullable<ScheduleDocument['nextCycle']> {
  const life = Math.round(yearly?.lifeYears ?? 0)
  if (life === 0) return []
  const rate = percent(settings.escalationPercent)
  return years
    .filter(({ spendCents }) => spendCents > 0)
    .map(({ fiscalYear, spendCents }): { fiscalYear: FiscalYear; cents: number } => ({
      fiscalYear: fiscalYear + life,
      cents: Number(roundHalfUp(escalated(ratio(BigInt(spendCents)), rate, life))),
    }))
}
