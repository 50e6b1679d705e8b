/** The long format: one row per line, fund and fiscal year, for pivot tables. Pure. */
import { addDays } from '../../../lib/calendar.ts'
import { formatCents } from '../../../lib/money.ts'
import type { StoredLine } from '../../estimate/model/job.ts'
import { type FiscalYear, fiscalYearPeriod } from '../../model/fiscal-year.ts'
import type { FundedLine } from '../../schedule/model/job.ts'
import { citationsOf, groundsIn, ruleIdsOf, rulesOf } from './grounds.ts'
import type { PlanReport, StoredLines } from './report.ts'

export interface ReportLines {
  readonly estimated: readonly StoredLine[]
  readonly funded: readonly FundedLine[] | null
}

export function parseLines({ estimated, funded }: StoredLines): ReportLines {
  return { estimated: JSON.parse(estimated), funded: funded === null ? null : JSON.parse(funded) }
}

export interface LongLine {
  readonly city: string
  readonly department: string
  readonly site: string
  readonly purpose: string
  readonly vendor: string
  readonly restriction_level: string
  /** Rules for which its devices are in the plan, and where they are written. */
  readonly rules: string
  readonly citations: string
  readonly fund: string
  readonly fiscal_year: FiscalYear | null
  readonly fy_start: string
  readonly fy_end: string
  readonly cost_kind: string
  readonly category: string
  readonly code: string
  readonly description: string
  readonly scope: string
  readonly quantity: number
  readonly unit: string
  readonly lowCents: number
  readonly expectedCents: number
  readonly highCents: number
  readonly p50Cents: number
  readonly p80Cents: number
  /** At the chosen confidence: what the capital page adds up. */
  readonly budgetCents: number
  readonly currency: string
  readonly price_as_of: string
  readonly scenario_id: string
  readonly estimate_id: string
  readonly catalog_version: string
  readonly law_as_of: string
  readonly lists_read_on: string
}

/** Rows of the schedule; before there is one, rows of the estimate without fund and year. */
export function* longLines(report: PlanReport, lines: ReportLines): Generator<LongLine> {
  for (const { line } of linesWithSource(report, lines)) yield line
}

export interface SourcedLine {
  readonly line: LongLine
  /** What it was computed from. */
  readonly stored: StoredLine
}

export function* linesWithSource(report: PlanReport, lines: ReportLines): Generator<SourcedLine> {
  const { estimate, schedule, city } = report
  const prices = new Map(estimate.prices.map((price) => [price.code, price]))
  const sites = new Map(estimate.bySite.map((share) => [share.value, share.label]))
  const funds = new Map(schedule?.funding.sources.map((source) => [source.fundingSourceId, source.name]))
  const grounds = groundsIn(estimate)
  const reasons = reasonsOf(grounds)
  const row = (place: number, amounts: Amounts, fiscalYear: FiscalYear | null, fund: string): SourcedLine => {
    const stored = lines.estimated[place]!
    const line = stored
    const { tags } = line
    const code = tags.code ?? ''
    const period = fiscalYear === null ? null : fiscalYearPeriod(fiscalYear, city.fiscalYearStartMonth)
    const long = {
      city: city.name,
      department: tags.department ?? '',
      site: sites.get(tags.site ?? '') ?? '',
      purpose: tags.purpose ?? '',
      vendor: tags.vendor ?? '',
      restriction_level: tags.restriction ?? '',
      ...reasons(tags),
      fund,
      fiscal_year: fiscalYear,
      fy_start: period?.from ?? '',
      fy_end: period === null ? '' : addDays(period.to, -1),
      cost_kind: tags.costKind ?? '',
      category: tags.category ?? '',
      code,
      description: line.label,
      scope: tags.scope ?? '',
      quantity: Number(line.quantity),
      unit: prices.get(code)?.unit ?? '',
      ...amounts,
      currency: estimate.currency,
      price_as_of: prices.get(code)?.asOf ?? '',
      scenario_id: schedule?.id ?? '',
      estimate_id: estimate.id,
      catalog_version: estimate.catalogVersion,
      law_as_of: grounds.lawAsOf,
      lists_read_on: grounds.listsReadOn,
    }
    return { line: long, stored }
  }
  if (lines.funded === null || schedule === null) {
    for (const [i, line] of lines.estimated.entries()) yield row(i, amountsOf(line, report), null, '')
    return
  }
  for (const { line, fiscalYear, fundingSourceId, ...amounts } of lines.funded) {
    const fund = fundingSourceId === null ? 'Not funded yet' : (funds.get(fundingSourceId) ?? fundingSourceId)
    yield row(line, amounts, fiscalYear, fund)
  }
}

type Amounts = Pick<
  LongLine,
  'lowCents' | 'expectedCents' | 'highCents' | 'p50Cents' | 'p80Cents' | 'budgetCents'
>

/** Of a line that is not laid over years: its part of what the whole comes to. */
function amountsOf({ lowCents, pointCents, highCents, meanCents }: StoredLine, report: PlanReport): Amounts {
  const { estimate } = report
  const part = (amount: number) => shareOf(meanCents, estimate.meanCents, amount)
  return {
    lowCents,
    expectedCents: pointCents,
    highCents,
    p50Cents: part(at(report, 50)),
    p80Cents: part(at(report, 80)),
    budgetCents: part(estimate.atConfidenceCents),
  }
}

/** Many lines are of the same devices. */
function reasonsOf(grounds: ReturnType<typeof groundsIn>) {
  const known = new Map<string, Pick<LongLine, 'rules' | 'citations'>>()
  return ({ site = '', vendor = '', restriction = '' }: StoredLine['tags']) => {
    const key = JSON.stringify([site, vendor, restriction])
    let reasons = known.get(key)
    if (reasons === undefined) {
      const rules = rulesOf(grounds, { site, vendor, restriction })
      reasons = { rules: ruleIdsOf(rules), citations: citationsOf(rules) }
      known.set(key, reasons)
    }
    return reasons
  }
}

function at({ estimate }: PlanReport, percent: number): number {
  return estimate.percentiles.find((one) => one.percent === percent)?.cents ?? 0
}

function shareOf(part: number, whole: number, amount: number): number {
  return whole === 0 ? 0 : Math.round((amount * part) / whole)
}

/** Columns of the CSV; money in plain dollars. */
export const LONG_COLUMNS: readonly { header: string; value: (line: LongLine) => string | number | null }[] =
  [
    ...(
      [
        'city',
        'department',
        'site',
        'purpose',
        'vendor',
        'restriction_level',
        'rules',
        'citations',
        'fund',
        'fiscal_year',
        'fy_start',
        'fy_end',
        'cost_kind',
        'category',
        'code',
        'description',
        'scope',
        'quantity',
        'unit',
      ] as const
    ).map((field) => ({ header: field, value: (line: LongLine) => line[field] })),
    ...(
      [
        ['low', 'lowCents'],
        ['expected', 'expectedCents'],
        ['high', 'highCents'],
        ['p50', 'p50Cents'],
        ['p80', 'p80Cents'],
        ['budget', 'budgetCents'],
      ] as const
    ).map(([header, field]) => ({ header, value: (line: LongLine) => formatCents(BigInt(line[field])) })),
    ...(
      [
        'currency',
        'price_as_of',
        'scenario_id',
        'estimate_id',
        'catalog_version',
        'law_as_of',
        'lists_read_on',
      ] as const
    ).map((field) => ({ header: field, value: (line: LongLine) => line[field] })),
  ]
