/** The capital page: expenditure by element and funding by source over the fiscal years, in the same columns. */
import { type Cents, split } from '../../../lib/money.ts'
import type { Category } from '../../costs/model/catalogue.ts'
import type { CapitalPage, EstimateDocument } from '../../documents.ts'
import { isWithoutUplift } from '../../estimate/model/cost-lines.ts'
import type { StoredLine } from '../../estimate/model/job.ts'
import type { Commitment } from '../../funding/model/commitments.ts'
import type { NamedSource } from '../../funding/model/rules.ts'
import type { FiscalYear } from '../../model/fiscal-year.ts'
import { moneyOfYears } from './funded-lines.ts'
import type { FundedLine, PlacedLine } from './job.ts'

const ELEMENTS = [
  'Engineering and design',
  'Land',
  'Construction and installation',
  'Inspection',
  'Equipment and software',
  'Removal and disposal',
  'Administration, training, other',
] as const
type Element = (typeof ELEMENTS)[number]

function elementOf(line: StoredLine): Element {
  const code = line.tags.code ?? ''
  if (code === 'HRS-SURVEY') return 'Engineering and design'
  if (code === 'HRS-ASBUILT') return 'Inspection'
  const category = (line.tags.category ?? '') as Category
  if (category === 'disposal') return 'Removal and disposal'
  if (category.startsWith('labour') || category === 'access') return 'Construction and installation'
  if (category === 'soft') return 'Administration, training, other'
  return 'Equipment and software'
}

/** Where a percentage on top of cost belongs. */
function elementOfUplift(code: string, of: Element): Element {
  if (code === 'SFT-ENG') return 'Engineering and design'
  if (code === 'SFT-PM' || code === 'SFT-PROC') return 'Administration, training, other'
  return of
}

interface PageParts {
  readonly estimate: EstimateDocument
  readonly estimatedLines: readonly StoredLine[]
  readonly sources: readonly NamedSource[]
  readonly years: readonly FiscalYear[]
  readonly placed: readonly PlacedLine[]
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
function expenditureOf({ estimate, estimatedLines, years, placed }: PageParts) {
  const inYear = moneyOfYears(estimate.settings)
  type Amount = { readonly year: FiscalYear; readonly cents: Cents }
  const elements = new Map<Element, Amount[]>(ELEMENTS.map((element) => [element, []]))
  const uplifts = upliftsOf(estimate)
  const contingency: Amount[] = []
  for (const one of placed) {
    const line = estimatedLines[one.line]!
    const year = one.fiscalYear
    const expected = inYear(one.expected, year)
    const own = elementOf(line)
    const shares = uplifts(line)
    const amounts = split(
      expected,
      shares.map((share) => share.weight),
    )
    for (const [i, share] of shares.entries())
      elements.get(elementOfUplift(share.code, own))!.push({ year, cents: amounts[i]! })
    contingency.push({ year, cents: one.budget - expected })
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

/** The parts of a line's expected cost: the thing itself and each percentage on top, by whole weights. */
function upliftsOf(estimate: EstimateDocument) {
  const { percentCodes, contractorPercent } = estimate.settings
  const prices = new Map(estimate.prices.map((price) => [price.code, price]))
  const known = new Map<string, readonly { code: string; weight: bigint }[]>()
  const weightOf = (percentage: number) => BigInt(Math.round(percentage * 1e6))
  return (line: StoredLine) => {
    const category = line.tags.category ?? ''
    let parts = known.get(category)
    if (!parts) {
      const isBare = isWithoutUplift(category)
      const isGoods = category.startsWith('hardware') || category === 'material'
      const bearing = isBare
        ? []
        : percentCodes.filter((code) => isGoods || prices.get(code)?.unit === 'percent-of-direct')
      parts = [
        { code: '', weight: weightOf(isBare ? 100 : 100 + contractorPercent) },
        ...bearing.map((code) => ({ code, weight: weightOf(prices.get(code)!.expected) })),
      ]
      known.set(category, parts)
    }
    return parts
  }
}
