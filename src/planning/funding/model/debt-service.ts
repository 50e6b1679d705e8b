/** What a bond costs after it has paid: level payments, one a year from the fiscal year after the money is drawn. */
import {
  type Cents,
  divide,
  minus,
  ONE,
  percent,
  plus,
  power,
  type Ratio,
  ratio,
  roundHalfUp,
  sum,
  times,
} from '../../../lib/money.ts'
import type { FiscalYear } from '../../model/fiscal-year.ts'

export interface DebtTerms {
  readonly ratePercent: number
  readonly years: number
}

/** Rounded once; the last payment takes the rest, so that the principal is paid to the cent. */
export function levelPayments(principal: Cents, { ratePercent, years }: DebtTerms): readonly Cents[] {
  const rate = percent(ratePercent)
  const level = roundHalfUp(levelOf(ratio(principal), rate, years))
  const payments: Cents[] = []
  let balance = principal
  for (let i = 1; i < years; i++) {
    const interest = roundHalfUp(times(ratio(balance), rate))
    payments.push(level)
    balance -= level - interest
  }
  return [...payments, balance + roundHalfUp(times(ratio(balance), rate))]
}

function levelOf(principal: Ratio, rate: Ratio, years: number): Ratio {
  if (rate.n === 0n) return divide(principal, ratio(BigInt(years)))
  const grown = power(plus(ONE, rate), years)
  return divide(times(principal, times(rate, grown)), minus(grown, ONE))
}

/** The payments of all that is drawn, by fiscal year, and the interest in them. */
export function debtServiceOf(
  draws: readonly { readonly fiscalYear: FiscalYear; readonly cents: Cents }[],
  terms: DebtTerms,
): {
  readonly years: readonly { readonly fiscalYear: FiscalYear; readonly cents: Cents }[]
  readonly interest: Cents
} {
  const years = new Map<FiscalYear, Cents>()
  for (const { fiscalYear, cents } of draws)
    for (const [i, payment] of levelPayments(cents, terms).entries())
      years.set(fiscalYear + 1 + i, (years.get(fiscalYear + 1 + i) ?? 0n) + payment)
  return {
    years: [...years]
      .map(([fiscalYear, cents]) => ({ fiscalYear, cents }))
      .sort((a, b) => a.fiscalYear - b.fiscalYear),
    interest: sum(years.values()) - sum(draws.map(({ cents }) => cents)),
  }
}
