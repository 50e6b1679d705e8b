/** What is written off: the book value of what is removed, in the fiscal year in which it goes. */
import type { PlainDate } from '../../../lib/calendar.ts'
import { type Cents, sum } from '../../../lib/money.ts'
import type { ScheduleDocument } from '../../documents.ts'
import { NO_SITE } from '../../estimate/model/lines.ts'
import { type FiscalYear, fiscalYearOf } from '../../model/fiscal-year.ts'
import type { Purchase, ScheduleJob } from '../../schedule/model/build.ts'
import { capitalisation, writeOff } from './rules.ts'

export function writeOffOf(
  job: Pick<ScheduleJob, 'estimate' | 'purchases' | 'fiscalYearStartMonth'>,
  /** Last day of work per site. */
  doneOnOf: (siteKey: string) => PlainDate | undefined,
): ScheduleDocument['writeOff'] {
  const { books } = job.estimate.settings
  const years = new Map<FiscalYear, Cents>()
  const lotOf = (purchase: Purchase) => `${purchase.inServiceOn} ${purchase.unitCents}`
  // A purchase was one whatever sites it went to.
  const lots = new Map<string, number>()
  for (const one of job.purchases) lots.set(lotOf(one), (lots.get(lotOf(one)) ?? 0) + one.count)
  let [valued, unknown] = [0, 0]
  for (const [i, purchase] of job.purchases.entries()) {
    const doneOn = doneOnOf(purchase.siteId ?? NO_SITE)
    if (purchase.unitCents === null || purchase.inServiceOn === null) {
      unknown += purchase.count
      continue
    }
    if (doneOn === undefined) continue
    valued += purchase.count
    const unitCents = BigInt(purchase.unitCents)
    const cohort = {
      key: String(i),
      quantity: purchase.count,
      unitCents,
      inServiceOn: purchase.inServiceOn,
      lifeMonths: books.lifeMonths,
      capitalisation: capitalisation(
        { quantity: lots.get(lotOf(purchase))!, unitCents },
        { thresholdCents: BigInt(books.thresholdCents), groupsPurchases: books.groupsPurchases },
      ),
    }
    const { totalCents } = writeOff([cohort], {
      on: doneOn,
      convention: books.convention,
      fiscalYearStartMonth: job.fiscalYearStartMonth,
    })
    const year = fiscalYearOf(doneOn, job.fiscalYearStartMonth)
    years.set(year, (years.get(year) ?? 0n) + totalCents)
  }
  return {
    totalCents: Number(sum(years.values())),
    years: [...years]
      .sort(([a], [b]) => a - b)
      .map(([fiscalYear, cents]) => ({ fiscalYear, cents: Number(cents) })),
    devicesValued: valued,
    devicesWithoutCost: unknown,
  }
}
