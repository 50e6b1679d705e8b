/**
 * How well cells resolve to vendors: `node build/src/eval-names.js [FILE] [--restricted a,b,...] [--failures]`.
 *
 * FILE is CSV with `query`, `category` and `vendor` (or `expected_canonical`; empty or NONE for nobody), and
 * perhaps `restricted` (1 or 0). Without that column the vendors of the project's own fixture that are marked
 * restricted there count, or those given. Exit 1 when the gate is missed.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Relationship, Vendor } from '../catalogue/vendors.ts'
import { buildMatcher, type Matcher } from '../identification/match/matcher.ts'
import { readCsv } from '../intake/csv-read.ts'

export interface LabeledCell {
  readonly query: string
  /** Vendor id; null for nobody in the catalog. */
  readonly vendor: string | null
  readonly category: string
  readonly isRestricted: boolean
}

export interface Tally {
  readonly category: string
  readonly rows: number
  /** Band `match` with the right vendor, or no match for a cell that names nobody. */
  readonly right: number
  readonly restricted: number
  /** Restricted cells in band `match` with the right vendor. */
  readonly restrictedFound: number
  /** Restricted cells in band `review` with the right vendor. */
  readonly restrictedInReview: number
  readonly unrestricted: number
  /** Other cells in band `match` of a restricted vendor. */
  readonly falseRestricted: number
  /** Near misses in band `match` of a restricted vendor other than their own. */
  readonly nearMissMatched: number
}

export interface Failure {
  readonly cell: LabeledCell
  readonly vendor: string | null
  readonly band: string
  readonly score: number
}

export interface Report {
  readonly total: Tally
  readonly categories: readonly Tally[]
  readonly failures: readonly Failure[]
  /** What the gate demands and the cells do not reach; empty when passed. */
  readonly missed: readonly string[]
}

/** The gate of the name matcher, as ratios. */
export const GATE = {
  accuracy: 0.98,
  restrictedRecall: 0.99,
  falseRestricted: 0.005,
  nearMissMatched: 0,
} as const

export function evaluateNames(
  cells: readonly LabeledCell[],
  matcher: Matcher,
  restricted: ReadonlySet<string>,
): Report {
  const failures: Failure[] = []
  const byCategory = new Map<string, Mutable<Tally>>()
  const total = emptyTally('all')
  for (const cell of cells) {
    const found = matcher.match(cell.query)
    const named = found.band === 'match' ? found.vendor : null
    const isRight = named === cell.vendor
    const isFalse = !cell.isRestricted && named !== null && restricted.has(named)
    if (!isRight) failures.push({ cell, vendor: found.vendor, band: found.band, score: found.score })
    const own = byCategory.get(cell.category) ?? emptyTally(cell.category)
    byCategory.set(cell.category, own)
    for (const tally of [own, total]) {
      tally.rows++
      tally.right += Number(isRight)
      tally.restricted += Number(cell.isRestricted)
      tally.restrictedFound += Number(cell.isRestricted && isRight)
      tally.restrictedInReview += Number(
        cell.isRestricted && found.band === 'review' && found.vendor === cell.vendor,
      )
      tally.unrestricted += Number(!cell.isRestricted)
      tally.falseRestricted += Number(isFalse)
      tally.nearMissMatched += Number(isFalse && cell.category === 'near_miss_negative')
    }
  }
  return { total, categories: [...byCategory.values()], failures, missed: missedGates(total) }
}

function missedGates(total: Tally): string[] {
  const missed: string[] = []
  if (total.right < GATE.accuracy * total.rows) missed.push(`accuracy below ${GATE.accuracy}`)
  if (total.restrictedFound < GATE.restrictedRecall * total.restricted)
    missed.push(`restricted recall below ${GATE.restrictedRecall}`)
  if (total.falseRestricted > GATE.falseRestricted * total.unrestricted)
    missed.push(`false restricted above ${GATE.falseRestricted}`)
  if (total.nearMissMatched > GATE.nearMissMatched) missed.push('a near miss matches a restricted vendor')
  return missed
}

/** Labeled cells of a CSV text; see the head of this file for its columns. */
export function readCells(csv: string, restricted: ReadonlySet<string>): LabeledCell[] {
  return readCsv(csv).rows.map(({ record, problem }) => {
    if (problem !== null) throw new Error(problem)
    const row: Readonly<Record<string, string | undefined>> = record
    const named = row.vendor ?? row.expected_canonical ?? ''
    const vendor = named === '' || named === 'NONE' ? null : named
    const isRestricted =
      row.restricted === undefined ? vendor !== null && restricted.has(vendor) : row.restricted === '1'
    return { query: row.query ?? '', vendor, category: row.category ?? '', isRestricted }
  })
}

/** Vendors that some cell marks restricted. */
export function restrictedVendors(cells: readonly LabeledCell[]): Set<string> {
  return new Set(cells.flatMap((cell) => (cell.isRestricted && cell.vendor ? [cell.vendor] : [])))
}

export function renderReport(report: Report): string {
  const percent = (part: number, of: number) => (of === 0 ? '-' : `${((100 * part) / of).toFixed(2)}`)
  const line = (t: Tally) =>
    [
      t.category.padEnd(22),
      String(t.rows).padStart(5),
      percent(t.right, t.rows).padStart(9),
      String(t.restricted).padStart(11),
      percent(t.restrictedFound, t.restricted).padStart(8),
      String(t.restrictedInReview).padStart(7),
      String(t.falseRestricted).padStart(6),
      String(t.nearMissMatched).padStart(10),
    ].join(' ')
  return [
    `${'category'.padEnd(22)}  rows  accuracy  restricted  recall  review  false  near miss`,
    ...report.categories.map(line),
    line(report.total),
    report.missed.length === 0 ? 'gate passed' : `gate missed: ${report.missed.join('; ')}`,
  ].join('\n')
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function emptyTally(category: string): Mutable<Tally> {
  return {
    category,
    rows: 0,
    right: 0,
    restricted: 0,
    restrictedFound: 0,
    restrictedInReview: 0,
    unrestricted: 0,
    falseRestricted: 0,
    nearMissMatched: 0,
  }
}

function main(args: readonly string[]): number {
  const root = new URL('../../../', import.meta.url)
  const option = (name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined)
  const catalogue = option('--catalogue') ?? new URL('data/vendors.json', root)
  const fixture = new URL('test/fixtures/names.csv', root)
  const file = args[0] !== undefined && !args[0].startsWith('--') ? args[0] : fixture
  const given = option('--restricted')
  const restricted = new Set(
    given?.split(',') ?? restrictedVendors(readCells(readFileSync(fixture, 'utf8'), new Set())),
  )
  const vendors = readItems<Vendor>(catalogue)
  const relationships = readItems<Relationship>(new URL('data/relationships.json', root))
  const matcher = buildMatcher(vendors, new Map(), relationships)
  const report = evaluateNames(readCells(readFileSync(file, 'utf8'), restricted), matcher, restricted)
  console.log(renderReport(report))
  if (args.includes('--failures')) {
    for (const { cell, vendor, band, score } of report.failures) {
      console.log(
        `  ${cell.category}: ${JSON.stringify(cell.query)} is ${cell.vendor}, got ${band} ${vendor} ${score}`,
      )
    }
  }
  return report.missed.length === 0 ? 0 : 1
}

function readItems<T>(file: string | URL): T[] {
  return (JSON.parse(readFileSync(file, 'utf8')) as { items: T[] }).items
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2))
