/** The lines of the estimate in the years of their sites, by who pays them. */
import {
  type Cents,
  escalated,
  percent,
  ratio,
  roundHalfUp,
  split,
  weightsOrEqual,
} from '../../../lib/money.ts'
import type { EstimateDocument } from '../../documents.ts'
import type { StoredLine } from '../../estimate/model/job.ts'
import type { FiscalYear } from '../../model/fiscal-year.ts'
import type { PlanSettings } from '../../settings.ts'
import type { FundedLine, PlacedLine } from './job.ts'
import type { Plan } from './phasing/outcome.ts'
import type { CostsOfSites, SitePart } from './site-costs.ts'
import type { SourceUse } from './source-use.ts'

interface Cell {
  readonly fiscalYear: FiscalYear
  readonly lines: readonly number[]
  /** Still to be paid, and before what is ordered or paid was taken off. */
  cents: Cents
  fullCents: Cents
  readonly paid: Map<string | null, Cents>
}

/** Every line of every placed site in its year; what the project pays once is one line a year. */
export function placedLinesOf(of: {
  readonly lines: readonly StoredLine[]
  readonly costs: CostsOfSites
  readonly plan: Plan
  readonly uses: readonly SourceUse[]
  /** null for what no source pays. */
  readonly idOf: (fund: number) => string | null
}): readonly PlacedLine[] {
  const cells = new Map<string, Cell>()
  const overheadOf = new Map<number, Cents>()
  const cellOf = (site: string, part: SitePart, fiscalYear: FiscalYear): Cell => {
    const key = `${part.isOverhead ? '' : site}/${part.lines[0]}/${fiscalYear}`
    const known = cells.get(key)
    if (known) return known
    const made = { fiscalYear, lines: part.lines, cents: 0n, fullCents: 0n, paid: new Map() }
    cells.set(key, made)
    return made
  }
  for (const { key, parts } of of.costs.sites) {
    const window = of.plan.get(key) ?? null
    for (const part of parts) {
      const first = [...part.fullCents.values()][0] ?? 0n
      if (part.isOverhead) overheadOf.set(part.lines[0]!, (overheadOf.get(part.lines[0]!) ?? 0n) + first)
      if (window === null) continue
      const cell = cellOf(key, part, window.year)
      cell.cents += part.costCents.get(window.year)!
      // Overhead is compared with all of it, in the money of the first year.
      cell.fullCents += part.isOverhead ? first : part.fullCents.get(window.year)!
    }
  }
  for (const { site, part, window, fund, cents } of of.uses) {
    const { paid } = cellOf(site, part, window.year)
    const id = of.idOf(fund)
    paid.set(id, (paid.get(id) ?? 0n) + cents)
  }
  return [...cells.values()].flatMap((cell) => linesOf(cell, of.lines, overheadOf.get(cell.lines[0]!)))
}

function linesOf(cell: Cell, all: readonly StoredLine[], overhead: Cents | undefined): PlacedLine[] {
  const means = cell.lines.map((i) => BigInt(all[i]!.meanCents))
  const budgets = split(cell.cents, weightsOrEqual(means))
  const open = [...budgets]
  const paid = [...cell.paid].map(([id, cents]) => {
    const parts = cents === 0n ? open.map(() => 0n) : split(cents, open)
    for (const [i, part] of parts.entries()) open[i]! -= part
    return { id, parts }
  })
  // Of a site, what is still to be paid of its cost; of the project, the part that falls to this year.
  const scale = (cents: number): Cents => {
    const [n, d] = overhead === undefined ? [cell.cents, cell.fullCents] : [cell.fullCents, overhead]
    return d === 0n ? 0n : roundHalfUp(ratio(BigInt(cents) * n, d))
  }
  return cell.lines.map((i, l) => {
    const line = all[i]!
    return {
      line: i,
      fiscalYear: cell.fiscalYear,
      budget: budgets[l]!,
      low: scale(line.lowCents),
      expected: scale(line.pointCents),
      high: scale(line.highCents),
      paid: new Map(paid.map(({ id, parts }) => [id, parts[l]!])),
    }
  })
}

/** Turns an amount in the plan's money into the money of a fiscal year. */
export function moneyOfYears({
  escalationPercent,
  firstFiscalYear,
}: PlanSettings): (cents: Cents, year: FiscalYear) => Cents {
  const rate = percent(escalationPercent)
  return (cents, year) => roundHalfUp(escalated(ratio(cents), rate, year - firstFiscalYear))
}

/** Each placed line by who pays it; parts add up to the line. */
export function fundedLinesOf(
  estimate: EstimateDocument,
  placed: readonly PlacedLine[],
): readonly FundedLine[] {
  const at = (p: number) => estimate.percentiles.find((one) => one.percent === p)?.cents ?? 0
  const scaled = (cents: Cents, to: number) =>
    estimate.atConfidenceCents === 0
      ? 0n
      : roundHalfUp(ratio(cents * BigInt(to), BigInt(estimate.atConfidenceCents)))
  const inYear = moneyOfYears(estimate.settings)
  const lines = placed.flatMap((one): FundedLine[] => {
    const payers = [...one.paid].filter(([, cents]) => cents > 0n)
    if (payers.length === 0) payers.push([null, 0n])
    const weights = weightsOrEqual(payers.map(([, cents]) => cents))
    const year = one.fiscalYear
    const columns = [
      inYear(one.low, year),
      inYear(one.expected, year),
      inYear(one.high, year),
      scaled(one.budget, at(50)),
      scaled(one.budget, at(80)),
    ].map((amount) => split(amount, weights).map(Number))
    return payers.map(([fundingSourceId, cents], s) => ({
      line: one.line,
      fiscalYear: year,
      fundingSourceId,
      lowCents: columns[0]![s]!,
      expectedCents: columns[1]![s]!,
      highCents: columns[2]![s]!,
      p50Cents: columns[3]![s]!,
      p80Cents: columns[4]![s]!,
      budgetCents: Number(cents),
    }))
  })
  return lines.sort((a, b) => a.fiscalYear - b.fiscalYear || a.line - b.line)
}
