/**
 * What things cost: dated default rows, a city's own quotes over them, and the lines that one replaced
 * camera or one visit to a site is made of.
 */
import { z } from 'zod'
import type { Confidence } from '../../../catalogue/vendors.ts'
import { isPlainDate, type PlainDate } from '../../../lib/calendar.ts'
import {
  type Cents,
  compare,
  decimal,
  formatCents,
  formatDollars,
  minus,
  ONE,
  parseCents,
  percent,
  plus,
  type Ratio,
  ratio,
  roundHalfUp,
  sum,
  times,
  toNumber,
} from '../../../lib/money.ts'
import type { CostClass, Decimal, EstimateLine, Variable } from '../../estimate/model/three-point.ts'
import type { CostKind } from '../../funding/model/rules.ts'
import { InvalidInput, type Issue, refuse } from '../../model/errors.ts'
import { addMonths } from '../../model/fiscal-year.ts'

/** What the three values of a row count. */
export type Measure = 'cents' | 'percent' | 'hours' | 'years'

export const UNITS = [
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
export type Unit = (typeof UNITS)[number]

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
  'labour.install',
  'labour.rate',
  'labour.hours',
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

const CostRowShape = z.strictObject({
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

/** The catalogue in parsed JSON. Throws InvalidInput with every fault: shape, order of values, codes, units. */
export function readCostCatalogue(json: unknown): CostCatalogue {
  const parsed = CostCatalogueShape.safeParse(json)
  if (!parsed.success) throw new InvalidInput(issuesOf(parsed.error, ''))
  const issues = parsed.data.rows.flatMap((row, i) => faultsOf(row, `/rows/${i}`))
  const seen = new Set<string>()
  for (const [i, row] of parsed.data.rows.entries()) {
    if (seen.has(row.code))
      issues.push({ pointer: `/rows/${i}/code`, detail: `${row.code} is listed twice.` })
    seen.add(row.code)
  }
  refuse(issues)
  return parsed.data
}

/** Columns of a catalogue as a table, for import and export; money in dollars. */
export const COST_COLUMNS = [
  'code',
  'category',
  'description',
  'unit',
  'low',
  'expected',
  'high',
  'applies_to',
  'source',
  'confidence',
  'as_of',
] as const
export type CostRecord = Readonly<Record<(typeof COST_COLUMNS)[number], string>>

export function recordOfRow(row: CostRow): CostRecord {
  const value = (n: number) => (row.measure === 'cents' ? formatCents(BigInt(n)) : String(n))
  return {
    code: row.code,
    category: row.category,
    description: row.description,
    unit: row.unit,
    low: value(row.low),
    expected: value(row.expected),
    high: value(row.high),
    applies_to: row.appliesTo.join(';'),
    source: row.source,
    confidence: row.confidence,
    as_of: row.asOf,
  }
}

/** A row of a table, or what is wrong with it; the pointer names the column. */
export function rowOfRecord(
  record: Readonly<Record<string, string | undefined>>,
):
  | { readonly row: CostRow; readonly issues: readonly [] }
  | { readonly row: null; readonly issues: readonly Issue[] } {
  const text = (column: (typeof COST_COLUMNS)[number]) => (record[column] ?? '').trim()
  const measure = measureOf(text('unit'), text('category'))
  const unreadable: Issue[] = []
  const value = (column: 'low' | 'expected' | 'high'): number => {
    const cents = measure === 'cents' ? parseCents(text(column)) : null
    if (cents !== null) return Number(cents)
    if (measure !== 'cents' && /^\d{1,9}(\.\d{1,6})?$/.test(text(column))) return Number(text(column))
    unreadable.push({
      pointer: `/${column}`,
      detail: `${text(column) || 'An empty cell'} is not a value in ${measure}.`,
    })
    return 0
  }
  const parsed = CostRowShape.safeParse({
    code: text('code'),
    category: text('category'),
    description: text('description'),
    unit: text('unit'),
    measure,
    low: value('low'),
    expected: value('expected'),
    high: value('high'),
    appliesTo: text('applies_to')
      .split(';')
      .filter((part) => part !== ''),
    source: text('source'),
    confidence: text('confidence'),
    asOf: text('as_of'),
  })
  if (!parsed.success) {
    const columns = issuesOf(parsed.error, '').map((issue) => ({
      ...issue,
      pointer: issue.pointer.replace('/appliesTo', '/applies_to').replace('/asOf', '/as_of'),
    }))
    return { row: null, issues: [...unreadable, ...columns] }
  }
  const issues = unreadable.length > 0 ? unreadable : faultsOf(parsed.data, '')
  return issues.length > 0 ? { row: null, issues } : { row: parsed.data, issues: [] }
}

export type CostBasis = 'catalogue' | 'vendor-quote' | 'contract-price' | 'actual-history'

/** A city's own price for a catalogue row, in the row's measure and the catalogue's currency. */
export interface Quote {
  readonly code: string
  readonly basis: Exclude<CostBasis, 'catalogue'>
  readonly currency: string
  readonly low: number
  readonly expected: number
  readonly high: number
  readonly quotedOn: PlainDate
  /** Last day on which it holds; null when it does not say. */
  readonly validUntil: PlainDate | null
  readonly source: string
}

export interface Price {
  readonly code: string
  readonly row: CostRow
  /** The quote that stands for the row; null when the default does. */
  readonly quote: Quote | null
  readonly basis: CostBasis
  readonly low: number
  readonly expected: number
  readonly high: number
  readonly asOf: PlainDate
  /** Quote minus default in the row's measure, and the expected value's part of it; null without a quote. */
  readonly difference: {
    readonly low: number
    readonly expected: number
    readonly high: number
    /** −0.1 is a tenth cheaper; null when the default is zero. */
    readonly expectedRatio: number | null
  } | null
  /** The evidence is more than 24 months old. */
  readonly isStale: boolean
}

export type Prices = ReadonlyMap<string, Price>

/**
 * The prices a city plans with on a day: for each row the city's latest quote that holds, else the default.
 * A quote for an unknown code, in another currency or with values out of order is an InvalidInput.
 */
export function pricesInForce(catalogue: CostCatalogue, quotes: readonly Quote[], on: PlainDate): Prices {
  const rows = new Map(catalogue.rows.map((row) => [row.code, row]))
  refuse(
    quotes.flatMap((quote, i) => {
      const row = rows.get(quote.code)
      if (!row) return [{ pointer: `/quotes/${i}/code`, detail: `${quote.code} is not in the catalogue.` }]
      if (quote.currency !== catalogue.currency)
        return [{ pointer: `/quotes/${i}/currency`, detail: `The catalogue is in ${catalogue.currency}.` }]
      return faultsOf({ ...row, ...valuesOf(quote) }, `/quotes/${i}`)
    }),
  )
  const latest = new Map<string, Quote>()
  for (const quote of quotes) {
    const isInForce = quote.quotedOn <= on && (quote.validUntil === null || on <= quote.validUntil)
    const known = latest.get(quote.code)
    // Of one day the one that was recorded last: it puts the other right.
    if (isInForce && (!known || quote.quotedOn >= known.quotedOn)) latest.set(quote.code, quote)
  }
  return new Map(catalogue.rows.map((row) => [row.code, priceOf(row, latest.get(row.code) ?? null, on)]))
}

/** Whether price evidence is more than 24 months old. */
export function isStale(asOf: PlainDate, on: PlainDate): boolean {
  return addMonths(asOf, 24) < on
}

function priceOf(row: CostRow, quote: Quote | null, on: PlainDate): Price {
  const used = quote ?? row
  const asOf = quote?.quotedOn ?? row.asOf
  return {
    code: row.code,
    row,
    quote,
    basis: quote?.basis ?? 'catalogue',
    ...valuesOf(used),
    asOf,
    difference: quote && {
      low: less(quote.low, row.low),
      expected: less(quote.expected, row.expected),
      high: less(quote.high, row.high),
      expectedRatio: row.expected === 0 ? null : less(quote.expected, row.expected) / row.expected,
    },
    isStale: isStale(asOf, on),
  }
}

// From prices to lines.

/** The class whose errors a row shares; null for rows that are no line: rates, lives, check figures. */
export function costClassOf(category: Category): CostClass | null {
  switch (category) {
    case 'hardware.camera':
    case 'hardware.recorder':
    case 'hardware.storage':
    case 'hardware.network':
    case 'material':
    case 'operations':
      return 'equip'
    case 'software.license':
    case 'recurring.license':
    case 'recurring.subscription':
    case 'recurring.connectivity':
    case 'soft':
      return 'soft'
    case 'labour.install':
    case 'labour.rate':
    case 'labour.hours':
      return 'labour'
    case 'access':
      return 'access'
    case 'disposal':
      return 'disp'
    case 'soft.percent':
    case 'turnkey':
    case 'rate.percent':
    case 'life':
      return null
    default:
      return category satisfies never
  }
}

/** How grants and bonds see a cost. */
export function costKindOf(category: Category): CostKind {
  if (category.startsWith('recurring')) return 'recurring'
  return category.startsWith('soft') && category !== 'software.license' ? 'soft' : 'hard'
}

/** Whether a row is a percentage that comes on top of other lines. */
export function isUplift(row: CostRow): boolean {
  return row.measure === 'percent' && row.category === 'soft.percent'
}

/** The three points of a price as a variable of the estimate; its key is the code, so that lines share it. */
export function variableOf(price: Price): Variable {
  return { key: price.code, ...valuesOf(price) }
}

export interface LineOrder {
  /** Put before the code to make the line's key; unique per site and bundle. */
  readonly keyPrefix: string
  readonly codes: readonly string[]
  readonly quantity: Decimal
  readonly multiplier?: Ratio
  readonly tags?: Readonly<Record<string, string>>
}

/** One estimate line from one code, or from hours and the rate that pays them. Throws InvalidInput. */
export function lineOf(order: LineOrder, prices: Prices): EstimateLine {
  const parts = order.codes.map((code) => priceFor(code, prices))
  const lead = parts[0]!
  const ofClass = costClassOf(lead.row.category)
  if (ofClass === null || parts.filter((part) => part.row.measure === 'cents').length !== 1)
    refuse([{ pointer: '/codes', detail: `${order.codes.join(' x ')} is not a cost: one price is needed.` }])
  return {
    key: `${order.keyPrefix}${order.codes.join('*')}`,
    label: lead.row.description,
    class: ofClass!,
    quantity: order.quantity,
    factors: parts.map(variableOf),
    multiplier: order.multiplier ?? ONE,
    tags: {
      ...order.tags,
      code: lead.code,
      category: lead.row.category,
      costKind: costKindOf(lead.row.category),
      activity: lead.row.category === 'disposal' ? 'disposal' : 'replacement',
    },
  }
}

export type Mount = 'building' | 'pole'

export interface BundleOrder {
  readonly site: string
  readonly mount: Mount
  readonly cameraCode: string
  readonly cameras: number
  /** How the new camera gets into the video management system. */
  readonly vms: 'new-licence' | 'move-licence' | 'cloud'
  /** Poles only: with an enclosure; on a public way, which needs lane closures and permits. */
  readonly hasEnclosure: boolean
  readonly isInRightOfWay: boolean
  /** Poles that a crew with a bucket truck does in a day. */
  readonly polesPerDay: number
  /** Rate that pays for installation: LAB-TECH for a contractor, LAB-TECH-INH for own staff. */
  readonly installRate: 'LAB-TECH' | 'LAB-TECH-INH'
  readonly tags?: Readonly<Record<string, string>>
}

/**
 * Everything that is paid per camera. Building: camera, mount, cable ends, hours. Pole: camera, enclosure,
 * twice the crew hours, bucket truck and lane closure by the day, permits. Both: set-up, video management,
 * removal, sanitising, recycling. Nothing for no cameras.
 */
export function bundleLines(order: BundleOrder, prices: Prices): readonly EstimateLine[] {
  const { cameras: n, mount } = order
  if (!Number.isInteger(n) || n < 0 || !(order.polesPerDay > 0))
    refuse([{ pointer: '/cameras', detail: 'A whole number of cameras, and more than zero poles a day.' }])
  if (n === 0) return []
  const keyPrefix = `${order.site}/${mount}/${order.cameraCode}/`
  const tags = { ...order.tags, site: order.site }
  const parts = [
    ...cameraParts(order),
    ...(mount === 'pole' ? poleDayParts(Math.ceil(n / order.polesPerDay), order.isInRightOfWay) : []),
  ]
  return linesOf(parts, { keyPrefix, tags }, prices)
}

/** Codes that are multiplied with each other, and how many units of them are paid. */
export type Part = readonly [codes: readonly string[], quantity: number]

/** What each camera of a bundle pays for itself, without the truck days that poles of a site share. */
export function cameraParts(
  order: Pick<BundleOrder, 'mount' | 'cameraCode' | 'cameras' | 'hasEnclosure' | 'isInRightOfWay'> & {
    readonly vms: BundleOrder['vms'] | null
    readonly installRate: BundleOrder['installRate']
  },
): readonly Part[] {
  const n = order.cameras
  const ofBuilding: Part[] = [
    [['INF-MOUNT'], n],
    [['INF-RETERM'], n],
    [['HRS-BLDG', order.installRate], n],
  ]
  const ofPole: Part[] = [
    [['INF-ENCL'], order.hasEnclosure ? n : 0],
    [['HRS-POLE', order.installRate], 2 * n],
    [['ACC-PERMIT'], order.isInRightOfWay ? n : 0],
  ]
  return [
    [[order.cameraCode], n],
    ...(order.mount === 'pole' ? ofPole : ofBuilding),
    [['HRS-CFG', 'LAB-IT'], n],
    ...(order.vms === null ? [] : [[[VMS_CODES[order.vms]], n] as const]),
    [['DSP-REMOVE'], n],
    [['DSP-SAN'], n],
    [['DSP-RECYCLE'], n],
  ]
}

/** What is paid by the day on which a crew works on poles. */
export function poleDayParts(days: number, isInRightOfWay: boolean): readonly Part[] {
  return [
    [['ACC-BUCKET-D'], days],
    [['ACC-TTC'], isInRightOfWay ? days : 0],
  ]
}

/** Lines of parts, those of no units left out. Throws InvalidInput. */
export function linesOf(
  parts: readonly Part[],
  terms: {
    readonly keyPrefix: string
    readonly tags?: Readonly<Record<string, string>>
    /** Given the row that leads the line and the one that is paid, which are the same for a plain price. */
    readonly multiplierOf?: (lead: Price, paid: Price) => Ratio
  },
  prices: Prices,
): readonly EstimateLine[] {
  const { keyPrefix, tags, multiplierOf } = terms
  return parts
    .filter(([, quantity]) => quantity > 0)
    .map(([codes, quantity]) => {
      const parts = codes.map((code) => priceFor(code, prices))
      const paid = parts.find((part) => part.row.measure === 'cents')
      const multiplier = multiplierOf && paid ? multiplierOf(parts[0]!, paid) : ONE
      return lineOf({ keyPrefix, codes, quantity, multiplier, ...(tags ? { tags } : {}) }, prices)
    })
}

const VMS_CODES = { 'new-licence': 'VMS-LIC', 'move-licence': 'VMS-REMAP', cloud: 'VMS-CLOUD' } as const

/** What is paid once per visit to a site, whatever is done there: why batches by site are cheaper. */
export function visitLines(
  order: { readonly site: string; readonly visits: number; readonly tags?: Readonly<Record<string, string>> },
  prices: Prices,
): readonly EstimateLine[] {
  if (order.visits === 0) return []
  const line = (codes: readonly string[], quantity: number) =>
    lineOf(
      { keyPrefix: `${order.site}/visit/`, codes, quantity, tags: { ...order.tags, site: order.site } },
      prices,
    )
  return [
    line(['ACC-MOB'], order.visits),
    // Survey and drawings are made once for a site, however often the crew comes.
    line(['HRS-SURVEY', 'LAB-TECH'], 1),
    line(['HRS-ASBUILT', 'LAB-TECH'], 1),
  ]
}

/**
 * The multiplier of a line: 1 plus the expected values of the percent rows that bear on its category, plus
 * the general contractor's part. Percentages of direct cost bear on everything but soft cost, those of
 * hardware and tax on equipment and material. They add up, they do not compound.
 */
export function upliftOf(
  category: Category,
  terms: { readonly percentCodes: readonly string[]; readonly contractorPercent: Decimal },
  prices: Prices,
): Ratio {
  if (category.startsWith('soft') && category !== 'software.license') return ONE
  const isGoods = category.startsWith('hardware') || category === 'material'
  let uplift = plus(ONE, percent(terms.contractorPercent))
  for (const code of terms.percentCodes) {
    const price = priceFor(code, prices)
    if (!isUplift(price.row))
      refuse([{ pointer: '/percentCodes', detail: `${code} is not a percentage on top of cost.` }])
    if (price.row.unit === 'percent-of-direct' || isGoods) uplift = plus(uplift, percent(price.expected))
  }
  return uplift
}

export interface TurnkeyCheck {
  readonly code: string
  /** Expected cost of one camera, built up from its lines. */
  readonly builtUpCents: Cents
  readonly lowCents: Cents
  readonly highCents: Cents
  readonly verdict: 'inside' | 'below' | 'above'
  /** null when inside. */
  readonly warning: string | null
}

/**
 * Compares a built-up cost per camera with what whole jobs were paid elsewhere. Outside the range means a
 * line is missing or doubled more often than that the city is special.
 */
export function checkAgainstTurnkey(
  order: Pick<BundleOrder, 'mount' | 'vms' | 'cameras'>,
  lines: readonly EstimateLine[],
  prices: Prices,
): TurnkeyCheck | null {
  if (order.cameras === 0) return null
  const code = order.mount === 'pole' ? 'TURN-POLE' : order.vms === 'cloud' ? 'TURN-CLOUD' : 'TURN-INDOOR'
  const price = priceFor(code, prices)
  const points = lines.map((line) =>
    roundHalfUp(
      line.factors.reduce(
        (product, factor) => times(product, decimal(factor.expected)),
        times(decimal(line.quantity), line.multiplier ?? ONE),
      ),
    ),
  )
  const builtUpCents = roundHalfUp(ratio(sum(points), BigInt(order.cameras)))
  const [lowCents, highCents] = [BigInt(price.low), BigInt(price.high)]
  const verdict = builtUpCents < lowCents ? 'below' : builtUpCents > highCents ? 'above' : 'inside'
  const range = `${formatDollars(lowCents)} to ${formatDollars(highCents)}`
  return {
    code,
    builtUpCents,
    lowCents,
    highCents,
    verdict,
    warning:
      verdict === 'inside'
        ? null
        : `${formatDollars(builtUpCents)} per camera is ${verdict} what whole jobs cost elsewhere (${range}, ${code}).`,
  }
}

function priceFor(code: string, prices: Prices): Price {
  const price = prices.get(code)
  if (!price) throw new InvalidInput([{ pointer: '/codes', detail: `${code} is not in the catalogue.` }])
  return price
}

function valuesOf({ low, expected, high }: { low: number; expected: number; high: number }) {
  return { low, expected, high }
}

/** a − b without the noise of binary decimals. */
function less(a: number, b: number): number {
  return toNumber(minus(decimal(a), decimal(b)))
}

function measureOf(unit: string, category: string): Measure {
  if (unit.startsWith('percent')) return 'percent'
  if (category === 'labour.hours') return 'hours'
  return category === 'life' ? 'years' : 'cents'
}

function faultsOf(row: CostRow, pointer: string): Issue[] {
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

function issuesOf(error: z.ZodError, prefix: string): Issue[] {
  return error.issues.map((issue) => ({
    pointer: `${prefix}/${issue.path.map(String).join('/')}`,
    detail: issue.message,
  }))
}
