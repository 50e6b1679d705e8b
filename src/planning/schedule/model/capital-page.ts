/** The capital page: expenditure by element and funding by source over the fiscal years, in the same columns. */
import type { Cents } from '../../../lib/money.ts'
import type { CapitalPage, EstimateDocument } from '../../documents.ts'
import type { StoredLine } from '../../estimate/model/job.ts'
import type { Commitment } from '../../funding/model/commitments.ts'
import type { NamedSource } from '../../funding/model/rules.ts'
import type { FiscalYear } from '../../model/fiscal-year.ts'
import { ELEMENTS, type Element, elementsIn } from './elements.ts'
import type { FundedLine } from './job.ts'

interface PageParts {
  readonly estimate: EstimateDocument
  readonly estimatedLines: readonly StoredLine[]
  readonly sources: readonly NamedSource[]
  readonly years: readonly FiscalYear[]
  readonly funded: readonly FundedLine[]
  /** Ordered or paid for this plan. */
  readonly commitments: readonly Commitment[]
  /** What comes every year afterwards, once all that is scheduled is done and by fiscal year. */
  readonly operating: Pick<CapitalPage, 'operatingImpactCents' | 'operating'>
}

export function capitalPageOf(parts: PageParts): CapitalPage {
  const { sources, years, commitments } = parts
  const expenditure = [
    ...expenditureOf(parts),
    ...(commitments.length === 0
      ? []
      : [{ element: 'Ordered or paid', cents: rowOf(years, commitments.map(atYear)) }]),
  ]
  const funds = new Map<string | null, { year: FiscalYear; cents: Cents }[]>(
    sources.map((source) => [source.id, []]),
  )
  const ofFund = (id: string | null) => {
    const known = funds.get(id) ?? []
    funds.set(id, known)
    return known
  }
  for (const line of parts.funded)
    ofFund(line.fundingSourceId).push({ year: line.fiscalYear, cents: BigInt(line.budgetCents) })
  for (const one of commitments)
    if (one.fundingSourceId !== null) ofFund(one.fundingSourceId).push(atYear(one))
  const nameOf = (id: string | null) =>
    id === null ? 'Not funded yet' : (sources.find((one) => one.id === id)?.name ?? 'Other source')
  const unnamed = commitments.filter((one) => one.fundingSourceId === null).map(atYear)
  const funding = [
    ...[...funds].map(([id, amounts]) => ({
      source: nameOf(id),
      fundingSourceId: id,
      cents: rowOf(years, amounts),
    })),
    ...(unnamed.length === 0
      ? []
      : [
          {
            source: 'Ordered or paid, fund not recorded',
            fundingSourceId: null,
            cents: rowOf(years, unnamed),
          },
        ]),
  ].filter((row) => row.fundingSourceId !== null || row.cents.at(-1) !== 0)
  const width = years.length + 2
  return {
    columns: ['prior', ...years.map((year) => `FY${year}`), 'total'],
    expenditure,
    expenditureTotal: totals(expenditure, width),
    funding,
    fundingTotal: totals(funding, width),
    ...parts.operating,
  }
}

function atYear({ fiscalYear, cents }: Commitment) {
  return { year: fiscalYear, cents }
}

/** A row of the page: before the first year, each year, in all. Later than the last year counts to the last. */
function rowOf(
  years: readonly FiscalYear[],
  amounts: readonly { readonly year: FiscalYear; readonly cents: Cents }[],
): number[] {
  const row = new Array<bigint>(years.length + 2).fill(0n)
  for (const { year, cents } of amounts) {
    const column = Math.min(Math.max(year - (years[0] ?? year) + 1, 0), years.length)
    row[column]! += cents
    row[row.length - 1]! += cents
  }
  return row.map(Number)
}

/** What is still to be spent, by element; contingency is what the budget has above expected cost. */
function expenditureOf({ estimate, estimatedLines, years, funded }: PageParts) {
  type Amount = { readonly year: FiscalYear; readonly cents: Cents }
  const elements = new Map<Element, Amount[]>(ELEMENTS.map((element) => [element, []]))
  const elementsOf = elementsIn(estimate)
  const contingency: Amount[] = []
  for (const { line, fiscalYear: year, expectedCents, budgetCents } of funded) {
    for (const { element, cents } of elementsOf(estimatedLines[line]!, BigInt(expectedCents)))
      elements.get(element)!.push({ year, cents })
    contingency.push({ year, cents: BigInt(budgetCents - expectedCents) })
  }
  return [
    ...[...elements].map(([element, amounts]) => ({
      element: element as string,
      cents: rowOf(years, amounts),
    })),
    { element: `Contingency to P${estimate.confidence}`, cents: rowOf(years, contingency) },
  ]
}

function totals(rows: readonly { readonly cents: readonly number[] }[], width: number): number[] {
  return Array.from({ length: width }, (_, i) => rows.reduce((total, row) => total + row.cents[i]!, 0))
}
