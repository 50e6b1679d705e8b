/** What comes every year for what is scheduled: nothing in the year of the work, the whole of it in each later one. */
import { type Cents, sum } from '../../../lib/money.ts'
import type { CapitalPage, EstimateDocument } from '../../documents.ts'
import type { FiscalYear } from '../../model/fiscal-year.ts'
import { moneyOfYears } from './funded-lines.ts'

export function operatingOf(
  { yearly, settings }: Pick<EstimateDocument, 'yearly' | 'settings'>,
  sites: readonly { readonly key: string; readonly year: FiscalYear | null }[],
  years: readonly FiscalYear[],
): Pick<CapitalPage, 'operatingImpactCents' | 'operating'> {
  const own = new Map(yearly?.bySite.map(({ value, cents }) => [value, BigInt(cents)]))
  const inYear = moneyOfYears(settings)
  const of = (isCounted: (year: FiscalYear) => boolean): Cents =>
    sum(sites.flatMap(({ key, year }) => (year !== null && isCounted(year) ? [own.get(key) ?? 0n] : [])))
  return {
    operatingImpactCents: Number(of(() => true)),
    operating: years.map((fiscalYear) => ({
      fiscalYear,
      cents: Number(
        inYear(
          of((year) => year < fiscalYear),
          fiscalYear,
        ),
      ),
    })),
  }
}
