/** The estimate of a plan: everything that follows from its devices, prices and settings. Pure but for the digest. */
import { createHash } from 'node:crypto'
import { centsOf, type Ratio } from '../../../lib/money.ts'
import { checkAgainstTurnkey, type Price } from '../../costs/model/catalogue.ts'
import type { CandidateUse, EstimateDocument, Share, UsedPrice, Warning } from '../../documents.ts'
import { fiscalYearLabel } from '../../model/fiscal-year.ts'
import type { PlanSettings } from '../../settings.ts'
import { type DeviceGroup, NO_SITE, planLines, siteKeyOf } from './lines.ts'
import { inverseNormal } from './random.ts'
import {
  type CostClass,
  type EstimatedLine,
  type EstimateLine,
  estimate,
  shareBy,
  simulate,
  type Variable,
} from './three-point.ts'

/** Changes when the same inputs would give other figures. */
export const METHOD = 'camledger-planning-1 (GAO-20-195G steps 8, 9)'

/** Factors in the tornado. */
const TORNADO_MOST = 15

export interface EstimateJob {
  readonly id: string
  readonly planId: string
  readonly jurisdictionId: string
  readonly revision: number
  readonly createdAt: string
  readonly asOf: string
  readonly currency: string
  readonly fiscalYearStartMonth: number
  readonly settings: PlanSettings
  readonly catalogueVersion: string
  readonly knowledgeVersion: number
  readonly groups: readonly DeviceGroup[]
  readonly prices: readonly Price[]
  readonly candidates: readonly CandidateUse[]
  readonly siteNames: Readonly<Record<string, string>>
  readonly missingDevices: number
  /** Plans that are not archived and hold devices of this one too. */
  readonly otherPlans: readonly { readonly name: string; readonly devices: number }[]
}

/** A line as it is stored: what went in, and what came out. */
export interface StoredLine {
  readonly key: string
  readonly label: string
  readonly class: CostClass
  readonly quantity: string
  readonly factors: readonly Variable[]
  /** `n/d`. */
  readonly multiplier: string
  readonly tags: Readonly<Record<string, string>>
  readonly lowCents: number
  readonly pointCents: number
  readonly highCents: number
  readonly meanCents: number
  readonly sdCents: number
}

export interface ComputedEstimate {
  readonly document: EstimateDocument
  readonly lines: readonly StoredLine[]
}

/** Throws InvalidInput. `onProgress` is given the part that is done, 0 to 1. */
export function computeEstimate(job: EstimateJob, onProgress?: (done: number) => void): ComputedEstimate {
  const { settings } = job
  const prices = new Map(job.prices.map((price) => [price.code, price]))
  const { lines, unpriced } = planLines(job.groups, settings, prices, job.fiscalYearStartMonth)
  const { distribution, correlation, confidence, trials, seed } = settings
  const closed = estimate({ lines, distribution, correlation, confidence })
  const drawn = simulate({
    lines,
    correlation,
    confidence,
    trials,
    seed,
    ...(onProgress ? { onTrials: (done: number) => onProgress(done / trials) } : {}),
  })
  const label = (code: string) => prices.get(code)?.row.description ?? code
  const sites = sitesOf(job.groups)
  const siteName = (key: string) =>
    key === '' ? 'Whole project' : key === NO_SITE ? 'No site' : (job.siteNames[key] ?? key)
  const shares = (tag: string, name: (value: string) => string): Share[] =>
    shareBy(closed.lines, tag, closed.atConfidenceCents).map(({ value, lines: count, ...share }) => ({
      value,
      label: name(value),
      lines: count,
      pointCents: Number(share.pointCents),
      meanCents: Number(share.meanCents),
      budgetCents: Number(share.amountCents),
    }))
  const toPercentile = ({ percent, cents }: { percent: number; cents: bigint }) => ({
    percent,
    cents: Number(cents),
  })
  const used = new Set([
    ...lines.flatMap((line) => line.factors.map((factor) => factor.key)),
    ...(lines.length > 0 ? settings.percentCodes : []),
  ])
  const usedPrices = job.prices.filter((price) => used.has(price.code)).map(toUsedPrice)
  const turnkey = turnkeyOf(job, lines, prices)
  const devices = job.groups.reduce((total, group) => total + group.count, 0)
  const document: EstimateDocument = {
    id: job.id,
    planId: job.planId,
    jurisdictionId: job.jurisdictionId,
    revision: job.revision,
    createdAt: job.createdAt,
    asOf: job.asOf,
    currency: job.currency,
    moneyOf: fiscalYearLabel(settings.firstFiscalYear, job.fiscalYearStartMonth),
    method: METHOD,
    inputsDigest: digestOf(lines, settings),
    catalogueVersion: job.catalogueVersion,
    knowledgeVersion: job.knowledgeVersion,
    devices,
    missingDevices: job.missingDevices,
    sites: sites.size,
    pointCents: Number(closed.pointCents),
    meanCents: Number(closed.meanCents),
    sdCents: Number(closed.sdCents),
    sumOfLowsCents: Number(closed.sumOfLowsCents),
    sumOfHighsCents: Number(closed.sumOfHighsCents),
    percentiles: closed.percentiles.map(toPercentile),
    confidence,
    atConfidenceCents: Number(closed.atConfidenceCents),
    contingencyCents: Number(closed.contingencyCents),
    contingencyRatio: closed.contingencyRatio,
    chancePointSuffices: closed.chancePointSuffices,
    curve: curveOf(closed.lognormal, Number(closed.meanCents)),
    simulation: {
      distribution: 'triangular',
      trials,
      seed,
      meanCents: Number(drawn.meanCents),
      sdCents: Number(drawn.sdCents),
      percentiles: drawn.percentiles.map(toPercentile),
      curve: drawn.curve.map(toPercentile),
      atConfidenceCents: Number(drawn.atConfidenceCents),
      contingencyCents: Number(drawn.contingencyCents),
      chancePointSuffices: drawn.chancePointSuffices,
      agreesWithClosedForm: drawn.agreesWithClosedForm,
    },
    tornado: closed.tornado.slice(0, TORNADO_MOST).map((swing) => ({
      code: swing.variable,
      label: label(swing.variable),
      lowCents: Number(swing.lowCents),
      highCents: Number(swing.highCents),
      swingCents: Number(swing.swingCents),
    })),
    bySite: shares('site', siteName).map((share) => ({
      ...share,
      devices: sites.get(share.value)?.devices ?? 0,
      riskPoints: sites.get(share.value)?.riskPoints ?? 0,
    })),
    byCategory: shares('category', (value) => value),
    byCostKind: shares('costKind', (value) => value),
    byScope: shares('scope', (value) => value),
    unpriced: [...unpriced],
    turnkey,
    candidates: [...job.candidates],
    prices: usedPrices,
    settings,
    warnings: [],
  }
  return {
    document: { ...document, warnings: warningsOf(document, job) },
    lines: lines.map((line) => store(line, closed.lines)),
  }
}

function sitesOf(
  groups: readonly DeviceGroup[],
): ReadonlyMap<string, { devices: number; riskPoints: number }> {
  const sites = new Map<string, { devices: number; riskPoints: number }>()
  for (const { siteId, count, riskPoints } of groups) {
    const key = siteKeyOf(siteId)
    const known = sites.get(key) ?? { devices: 0, riskPoints: 0 }
    sites.set(key, {
      devices: known.devices + count,
      riskPoints: known.riskPoints + count * riskPoints,
    })
  }
  return sites
}

function store(line: EstimateLine, all: readonly EstimatedLine[]): StoredLine {
  const result = byKeyOf(all).get(line.key)!
  const multiplier: Ratio = line.multiplier ?? { n: 1n, d: 1n }
  return {
    key: line.key,
    label: line.label,
    class: line.class,
    quantity: String(line.quantity),
    factors: line.factors,
    multiplier: `${multiplier.n}/${multiplier.d}`,
    tags: line.tags ?? {},
    lowCents: Number(result.lowCents),
    pointCents: Number(result.pointCents),
    highCents: Number(result.highCents),
    meanCents: Number(result.meanCents),
    sdCents: Number(centsOf(result.sd)),
  }
}

const indexes = new WeakMap<readonly EstimatedLine[], ReadonlyMap<string, EstimatedLine>>()

function byKeyOf(lines: readonly EstimatedLine[]): ReadonlyMap<string, EstimatedLine> {
  let index = indexes.get(lines)
  if (!index) {
    index = new Map(lines.map((line) => [line.key, line]))
    indexes.set(lines, index)
  }
  return index
}

/** A stored line as it went into the estimate. */
export function lineOfStored(line: StoredLine): EstimateLine {
  const [n, d] = line.multiplier.split('/') as [string, string]
  const { key, label, quantity, factors, tags } = line
  return {
    key,
    label,
    class: line.class,
    quantity,
    factors,
    multiplier: { n: BigInt(n), d: BigInt(d) },
    tags,
  }
}

/** SHA-256 of the lines in the order of their keys and of what they are computed with. */
export function digestOf(lines: readonly EstimateLine[], settings: PlanSettings): string {
  const { distribution, correlation, confidence, trials, seed } = settings
  const hash = createHash('sha256')
  hash.update(JSON.stringify([METHOD, distribution, correlation, confidence, trials, seed]))
  for (const line of [...lines].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const multiplier = line.multiplier ? `${line.multiplier.n}/${line.multiplier.d}` : '1/1'
    const factors = line.factors.map(({ key, low, expected, high }) => [key, low, expected, high].map(String))
    const tags = Object.entries(line.tags ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
    hash.update(JSON.stringify([line.key, line.class, String(line.quantity), factors, multiplier, tags]))
  }
  return hash.digest('hex')
}

/** P1 to P99 of the lognormal; a straight wall when nothing varies. */
function curveOf(lognormal: { mu: number; sigma: number } | null, meanCents: number) {
  return Array.from({ length: 99 }, (_, i) => ({
    percent: i + 1,
    cents: lognormal
      ? Number(centsOf(Math.exp(lognormal.mu + inverseNormal((i + 1) / 100) * lognormal.sigma)))
      : meanCents,
  }))
}

function turnkeyOf(
  job: EstimateJob,
  lines: readonly EstimateLine[],
  prices: ReadonlyMap<string, Price>,
): EstimateDocument['turnkey'] {
  return (['building', 'pole'] as const).flatMap((mount) => {
    const cameras = job.groups
      .filter((group) => group.mount === mount && (group.deviceClass ?? 'camera') === 'camera')
      .filter((group) => group.costCode !== null)
      .reduce((total, group) => total + group.count, 0)
    const own = lines.filter((line) => line.tags?.mount === mount && line.tags.deviceClass === 'camera')
    const check = checkAgainstTurnkey({ mount, vms: job.settings.vms, cameras }, own, prices)
    if (!check) return []
    return [
      {
        mount,
        code: check.code,
        builtUpCents: Number(check.builtUpCents),
        lowCents: Number(check.lowCents),
        highCents: Number(check.highCents),
        verdict: check.verdict,
      },
    ]
  })
}

function toUsedPrice(price: Price): UsedPrice {
  return {
    code: price.code,
    description: price.row.description,
    category: price.row.category,
    unit: price.row.unit,
    measure: price.row.measure,
    low: price.low,
    expected: price.expected,
    high: price.high,
    basis: price.basis,
    confidence: price.row.confidence,
    source: price.quote?.source ?? price.row.source,
    asOf: price.asOf,
    isStale: price.isStale,
  }
}

function warningsOf(estimated: EstimateDocument, job: EstimateJob): Warning[] {
  const warnings: Warning[] = []
  const warn = (code: string, message: string) => warnings.push({ code, message })
  const plural = (n: number, one: string) => `${n} ${one}${n === 1 ? '' : 's'}`
  if (estimated.devices === 0) warn('no-devices', 'The plan has no devices, so it costs nothing.')
  if (estimated.unpriced.length > 0) {
    const without = estimated.unpriced.reduce((total, one) => total + one.devices, 0)
    const classes = estimated.unpriced.map((one) => `${one.devices} ${one.deviceClass}`).join(', ')
    warn(
      'unpriced',
      `${plural(without, 'device')} without a price, in no figure: ${classes}. Give them a candidate with a price, or a costCode.`,
    )
  }
  if (job.missingDevices > 0)
    warn(
      'missing',
      `${plural(job.missingDevices, 'device')} of the plan no longer in service or on the register.`,
    )
  for (const { name, devices } of job.otherPlans)
    warn(
      'in-other-plans',
      `${plural(devices, 'device')} ${devices === 1 ? 'is' : 'are'} in another plan too: ${name}. Each is paid for twice if both go ahead.`,
    )
  const homeless = estimated.bySite.find((share) => share.value === NO_SITE)
  if (homeless) {
    warn('no-site', `${plural(homeless.devices, 'device')} at no site, planned as one batch.`)
  }
  const stale = estimated.prices.filter((price) => price.isStale)
  if (stale.length > 0) {
    warn(
      'stale-prices',
      `${plural(stale.length, 'price')} with evidence older than 24 months: ${stale.map((price) => price.code).join(', ')}.`,
    )
  }
  const assumed = estimated.prices.filter(
    (price) => price.confidence === 'low' && price.basis === 'catalogue',
  )
  if (assumed.length > 0) {
    warn(
      'assumed-prices',
      `${assumed.length} of ${estimated.prices.length} prices are planning assumptions; a local quote replaces them.`,
    )
  }
  for (const check of estimated.turnkey) {
    if (check.verdict === 'inside') continue
    warn(
      'turnkey',
      `One camera on a ${check.mount} comes to $${Math.round(check.builtUpCents / 100).toLocaleString('en-US')}, ${check.verdict} what whole jobs cost elsewhere (${check.code}).`,
    )
  }
  for (const candidate of estimated.candidates) {
    if (candidate.verdict === 'review' && candidate.devices > 0) {
      warn(
        'candidate-review',
        `${candidate.manufacturer ?? 'A candidate'} ${candidate.model ?? ''} needs review before it is bought; federal money does not pay for it meanwhile.`,
      )
    }
  }
  if (estimated.simulation.agreesWithClosedForm === false)
    warn('simulation', 'The simulation and the closed form of the same model differ more than they should.')
  return warnings
}
