/** The default prices: dated rows of three values, each with its source. */
import { z } from 'zod'
import type { Confidence } from '../../../catalogue/vendors.ts'
import { isPlainDate, type PlainDate } from '../../../lib/calendar.ts'
import { compare, decimal, type Ratio } from '../../../lib/money.ts'
import { InvalidInput, type Issue, refuse } from '../../model/errors.ts'

/** What the three values of a row count. */
export type Measure = 'cents' | 'percent' | 'hours' | 'years'

const UNITS = [
  'each',
  'pair',
  'TB',
  'camera',
  'camera-month',
  'camera-week',
  'camera-year',
  'drop',
  'foot',
  'hour',
  'crew-hour',
  'day',
  'half-day',
  'site',
  'visit',
  'permit',
  'drive',
  'pickup',
  'pallet-month',
  'session',
  'project',
  'years',
  'percent',
  'percent-of-direct',
  'percent-of-hardware',
  'percent-per-year',
] as const
type Unit = (typeof UNITS)[number]

export const CATEGORIES = [
  'hardware.camera',
  'hardware.recorder',
  'hardware.storage',
  'hardware.network',
  'material',
  'software.license',
  'recurring.license',
  'recurring.subscription',
  'recurring.connectivity',
  'labor.install',
  'labor.rate',
  'labor.hours',
  'access',
  'disposal',
  'soft',
  'soft.percent',
  'operations',
  'turnkey',
  'rate.percent',
  'life',
] as const
export type Category = (typeof CATEGORIES)[number]

export interface CostRow {
  readonly code: string
  readonly category: Category
  readonly description: string
  readonly unit: Unit
  readonly measure: Measure
  readonly low: number
  readonly expected: number
  readonly high: number
  /** Devices it is meant for, `form:ptz`; entries with the same word before the colon are alternatives. */
  readonly appliesTo: readonly string[]
  readonly source: string
  readonly confidence: Confidence
  /** Date of the price evidence. */
  readonly asOf: PlainDate
}

export interface CostCatalogue {
  readonly version: string
  readonly currency: string
  readonly rows: readonly CostRow[]
}

const plainDay = z.string().refine(isPlainDate, 'is not a day written YYYY-MM-DD')

export const CostRowShape = z.strictObject({
  code: z.string().regex(/^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$/, 'is not a code such as CAM-PTZ'),
  category: z.enum(CATEGORIES),
  description: z.string().min(1).max(500),
  unit: z.enum(UNITS),
  measure: z.enum(['cents', 'percent', 'hours', 'years']),
  low: z.number().min(0).max(1e12),
  expected: z.number().min(0).max(1e12),
  high: z.number().min(0).max(1e12),
  appliesTo: z.array(z.string().min(1).max(60)).max(20),
  source: z.string().min(1).max(1000),
  confidence: z.enum(['high', 'medium', 'low']),
  asOf: plainDay,
})

const CostCatalogueShape = z.object({
  version: z.string().min(1),
  currency: z.string().regex(/^[A-Z]{3}$/, 'is not an ISO 4217 code'),
  rows: z.array(CostRowShape),
})

/** The catalog in parsed JSON. Throws InvalidInput with every fault: shape, order of values, codes, units. */
export function readCostCatalogue(json: unknown): CostCatalogue {
  const parsed = CostCatalogueShape.safeParse(json)
  if (!parsed.success) throw new InvalidInput(issuesOf(parsed.error))
  const issues = parsed.data.rows.flatMap((row, i) => faultsOfRow(row, `/rows/${i}`))
  const seen = new Set<string>()
  for (const [i, row] of parsed.data.rows.entries()) {
    if (seen.has(row.code))
      issues.push({ pointer: `/rows/${i}/code`, detail: `${row.code} is listed twice.` })
    seen.add(row.code)
  }
  refuse(issues)
  return parsed.data
}

/** Whether a row is a percentage that comes on top of other lines. */
export function isUplift(row: CostRow): boolean {
  return row.measure === 'percent' && row.category === 'soft.percent'
}

/** In what the values of a row of that unit and category are given. */
export function measureOf(unit: string, category: string): Measure {
  if (unit.startsWith('percent')) return 'percent'
  if (category === 'labor.hours') return 'hours'
  return category === 'life' ? 'years' : 'cents'
}

/** What is wrong with a row beyond its shape. */
export function faultsOfRow(row: CostRow, pointer: string): Issue[] {
  const issues: Issue[] = []
  if (row.measure !== measureOf(row.unit, row.category))
    issues.push({
      pointer: `${pointer}/measure`,
      detail: `${row.unit} of ${row.category} is not in ${row.measure}.`,
    })
  const values = [row.low, row.expected, row.high]
  if (
    values.some((value) => !Number.isFinite(value) || value < 0 || (Math.abs(value) < 1e-6 && value !== 0))
  ) {
    issues.push({ pointer, detail: `${row.code} has a value that is not a plain number of zero or more.` })
    return issues
  }
  if (row.measure === 'cents' && !values.every(Number.isSafeInteger))
    issues.push({ pointer, detail: `${row.code} is finer than a cent.` })
  const [low, expected, high] = values.map(decimal) as [Ratio, Ratio, Ratio]
  if (compare(low, expected) > 0 || compare(expected, high) > 0)
    issues.push({ pointer, detail: `${row.code} needs low <= expected <= high.` })
  return issues
}

/** Faults of shape, each with the field it is in. */
export function issuesOf(error: z.ZodError): Issue[] {
  return error.issues.map((issue) => ({
    pointer: `/${issue.path.map(String).join('/')}`,
    detail: issue.message,
  }))
}
