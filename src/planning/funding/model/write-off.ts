/** What is written off: the book value of what is removed, in the fiscal year in which it goes. */
import type { PlainDate } from '../../../lib/calendar.ts'
import { type Cents, sum } from '../../../lib/money.ts'
import type { ScheduleDocument } from '../../documents.ts'
import { NO_SITE } from '../../estimate/model/lines.ts'
import { type FiscalYear, fiscalYearOf } from '../../model/fiscal-year.ts'
import type { PlanSettings } from '../../settings.ts'
import { capitalization, writeOff } from './book-value.ts'

/** Devices bought together, as far as the register knows. */
export interface Purchase {
  readonly siteId: string | null
  /** null when the register has no cost in the plan's currency, or no date. */
  readonly unitCents: number | null
  readonly inServiceOn: PlainDate | null
  readonly count: number
}

export function writeOffOf(
  of: {
    readonly purchases: readonly Purchase[]
    readonly books: PlanSettings['books']
    readonly fiscalYearStartMonth: number
  },
  /** Last day of work per site. */
  doneOnOf: (siteKey: string) => PlainDate | undefined,
): ScheduleDocument['writeOff'] {
  const { books, purchases, fiscalYearStartMonth } = of
  const years = new Map<FiscalYear, Cents>()
  const lotOf = (purchase: Purchase) => `${purchase.inServiceOn} ${purchase.unitCents}`
  // A purchase was one whatever sites it went to.
  const lots = new Map<string, number>()
  for (const one of purchases) lots.set(lotOf(one), (lots.get(lotOf(one)) ?? 0) + one.count)
  let [valued, unknown] = [0, 0]
  for (const [i, purchase] of purchases.entries()) {
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
      capitalization: capitalization(
        { quantity: lots.get(lotOf(purchase))!, unitCents },
        { thresholdCents: BigInt(books.thresholdCents), groupsPurchases: books.groupsPurchases },
      ),
    }
    const { totalCents } = writeOff([cohort], {
      on: doneOn,
      convention: books.convention,
      fiscalYearStartMonth,
    })
    const year = fiscalYearOf(doneOn, fiscalYearStartMonth)
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
