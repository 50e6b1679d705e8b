/** The funding of a schedule: what each source pays in which year, and its caps. */
import { type Cents, sum } from '../../../lib/money.ts'
import type { ScheduleDocument } from '../../documents.ts'
import { debtServiceOf } from '../../funding/model/debt-service.ts'
import { matchFor } from '../../funding/model/rules.ts'
import { type FiscalYear, overlaps } from '../../model/fiscal-year.ts'
import type { ScheduleJob } from './job.ts'
import { isShared, matchFundsOf } from './phasing/payments.ts'
import type { PhasingProblem } from './phasing/problem.ts'
import { least, leftIn, totalLeft } from './phasing/windows.ts'
import type { ScheduleResult } from './result.ts'
import { reasonsOf, type SourceUse } from './source-use.ts'

/** What each source pays, and what is left over. */
export function fundingOf(result: ScheduleResult): ScheduleDocument['funding'] {
  const { job, problem, best } = result
  const isUnfunded = job.sources.length === 0
  const years = best.outcome.years
    .filter((year) => year.sites.length > 0)
    .map(({ year, spendCents }) => ({
      fiscalYear: year,
      needCents: Number(spendCents),
      paidCents: isUnfunded ? 0 : Number(spendCents),
      gapCents: isUnfunded ? Number(spendCents) : 0,
    }))
  return {
    sources: job.sources.map((_, f) => sourceOf(result, f)),
    years,
    gapCents: years.reduce((total, year) => total + year.gapCents, 0),
    caps: problem.years.map((year) => ({ fiscalYear: year, cents: capIn(job, problem, year) })),
  }
}

function sourceOf(result: ScheduleResult, f: number): ScheduleDocument['funding']['sources'][number] {
  const { job, problem, best, uses } = result
  const [source, fund] = [job.sources[f]!, problem.funds[f]!]
  const own = best.payments.filter((payment) => payment.payer.fund === f)
  const paid = sum(own.map((payment) => payment.cents))
  const yearOf = (payment: (typeof own)[number]) => payment.payer.year ?? payment.window.year
  const others = new Set(isShared(fund) ? matchFundsOf(fund, problem.funds) : [])
  const mayPay = (use: SourceUse) => use.payers.some((payer) => payer.fund === f)
  const elsewhere = job.elsewhere.filter((one) => one.fundingSourceId === source.id)
  const total = totalLeft(fund)
  return {
    fundingSourceId: source.id,
    name: source.name,
    isFederal: source.isFederal,
    eligibleCents: Number(sum(uses.filter(mayPay).map((use) => use.cents))),
    paidCents: Number(paid),
    committedCents: Number(fund.committedCents),
    usedElsewhereCents: Number(sum(elsewhere.map((one) => one.cents))),
    leftCents: total === null ? null : Number(total - paid),
    matchRequiredCents: Number(matchFor(paid, source.sharePercent)),
    matchFoundCents: Number(
      sum(uses.filter((use) => mayPay(use) && others.has(use.fund)).map((use) => use.cents)),
    ),
    years: [...new Set([...own.map(yearOf), ...(fund.yearCaps ?? []).map((cap) => cap.fiscalYear)])]
      .sort()
      .map((fiscalYear) => ({
        fiscalYear,
        paidCents: Number(sum(own.filter((one) => yearOf(one) === fiscalYear).map((one) => one.cents))),
        capCents:
          fund.yearCaps === null
            ? null
            : Number(
                sum(fund.yearCaps.filter((cap) => cap.fiscalYear === fiscalYear).map((cap) => cap.cents)),
              ),
      })),
    ineligible: reasonsOf(problem, uses, f),
    ...debtOf(
      job,
      source.id,
      own.map((one) => ({ fiscalYear: one.window.year, cents: one.cents })),
    ),
    citation: source.citation,
  }
}

/** What a source that is borrowed costs in the years after. */
function debtOf(
  { estimate }: ScheduleJob,
  id: string,
  draws: readonly { readonly fiscalYear: FiscalYear; readonly cents: Cents }[],
): Pick<ScheduleDocument['funding']['sources'][number], 'debtService'> {
  const terms = estimate.settings.debts?.find((debt) => debt.fundingSourceId === id)
  if (terms === undefined) return {}
  const byYear = new Map<FiscalYear, Cents>()
  for (const { fiscalYear, cents } of draws) byYear.set(fiscalYear, (byYear.get(fiscalYear) ?? 0n) + cents)
  const { years, interest } = debtServiceOf(
    [...byYear].map(([fiscalYear, cents]) => ({ fiscalYear, cents })),
    terms,
  )
  return {
    debtService: {
      ratePercent: terms.ratePercent,
      years: terms.years,
      interestCents: Number(interest),
      payments: years.map(({ fiscalYear, cents }) => ({ fiscalYear, cents: Number(cents) })),
    },
  }
}

/** The most that the sources can pay in a year; null when there is none, or one of them has no limit then. */
function capIn(job: ScheduleJob, problem: PhasingProblem, year: FiscalYear): number | null {
  if (job.sources.length === 0) return null
  let cap = 0n
  for (const fund of problem.funds) {
    if (!overlaps(year, problem.fiscalYearStartMonth, fund.period)) continue
    const total = totalLeft(fund)
    const inYear = fund.yearCaps === null ? null : leftIn(fund, year)
    if (total === null && inYear === null) return null
    cap += total === null ? inYear! : least(inYear, total)
  }
  return Number(cap)
}
