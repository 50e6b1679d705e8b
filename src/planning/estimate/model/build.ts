/** The estimate of a plan: everything that follows from its devices, prices and settings. Pure but for the digest. */
import { createHash } from 'node:crypto'
import { centsOf, type Ratio } from '../../../lib/money.ts'
import type { Price } from '../../costs/model/prices.ts'
import type { EstimateDocument, Share, UsedPrice } from '../../documents.ts'
import { fiscalYearLabel } from '../../model/fiscal-year.ts'
import type { PlanSettings } from '../../settings.ts'
import type { EstimateLine, Percentile } from './cost-model.ts'
import type { ComputedEstimate, EstimateJob, StoredLine } from './job.ts'
import { type DeviceGroup, type LinePlan, NO_SITE, planLines, siteKeyOf } from './lines.ts'
import { inverseNormal } from './random.ts'
import { shareBy } from './share-by.ts'
import { type Simulation, simulate } from './simulate.ts'
import { type Estimate, type EstimatedLine, estimate } from './three-point.ts'
import { checkAgainstTurnkey } from './turnkey.ts'
import { warningsOf } from './warnings.ts'
import { yearlyCostsOf } from './yearly.ts'

/** Changes when the same inputs would give other figures. */
const METHOD = 'camledger-planning-2 (GAO-20-195G steps 8, 9)'

/** Factors in the tornado. */
const TORNADO_MOST = 15

/** Everything that was worked out for an estimate, of which its document is written. */
interface Result extends LinePlan {
  readonly job: EstimateJob
  readonly prices: ReadonlyMap<string, Price>
  readonly closed: Estimate
  readonly drawn: Simulation
}

/** Throws InvalidInput. `onProgress` is given the part that is done, 0 to 1. */
export function computeEstimate(job: EstimateJob, onProgress?: (done: number) => void): ComputedEstimate {
  const { distribution, correlation, confidence, trials, seed } = job.settings
  const prices = new Map(job.prices.map((price) => [price.code, price]))
  const { lines, unpriced } = planLines(job.groups, job.settings, prices, job.fiscalYearStartMonth)
  const closed = estimate({ lines, distribution, correlation, confidence })
  const drawn = simulate({
    lines,
    correlation,
    confidence,
    trials,
    seed,
    ...(onProgress ? { onTrials: (done: number) => onProgress(done / trials) } : {}),
  })
  const document = documentOf({ job, prices, lines, unpriced, closed, drawn })
  const byKey = new Map(closed.lines.map((line) => [line.key, line]))
  return {
    document: { ...document, warnings: warningsOf(document, job) },
    lines: lines.map((line) => stored(line, byKey.get(line.key)!)),
  }
}

function documentOf(result: Result): EstimateDocument {
  const { job, prices, lines, unpriced } = result
  const { settings } = job
  const sites = sitesOf(job.groups)
  return {
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
    catalogVersion: job.catalogVersion,
    knowledgeVersion: job.knowledgeVersion,
    grounds: job.grounds,
    devices: job.groups.reduce((total, group) => total + group.count, 0),
    missingDevices: job.missingDevices,
    sites: sites.size,
    ...closedFigures(result),
    simulation: simulationOf(result),
    tornado: tornadoOf(result),
    ...sharesOf(result, sites),
    unpriced: [...unpriced],
    turnkey: turnkeyOf(job, lines, prices),
    candidates: [...job.candidates],
    ...(job.makers === undefined ? {} : { makers: job.makers }),
    yearly: yearlyCostsOf(job.groups, settings, prices, job.fiscalYearStartMonth),
    prices: usedPrices(result),
    settings,
    warnings: [],
  }
}

function closedFigures({ closed, job }: Result) {
  return {
    pointCents: Number(closed.pointCents),
    meanCents: Number(closed.meanCents),
    sdCents: Number(closed.sdCents),
    sumOfLowsCents: Number(closed.sumOfLowsCents),
    sumOfHighsCents: Number(closed.sumOfHighsCents),
    percentiles: closed.percentiles.map(toPercentile),
    confidence: job.settings.confidence,
    atConfidenceCents: Number(closed.atConfidenceCents),
    contingencyCents: Number(closed.contingencyCents),
    contingencyRatio: closed.contingencyRatio,
    chancePointSuffices: closed.chancePointSuffices,
    curve: curveOf(closed.lognormal, Number(closed.meanCents)),
  }
}

function simulationOf({ drawn }: Result): EstimateDocument['simulation'] {
  return {
    distribution: 'triangular',
    trials: drawn.trials,
    seed: drawn.seed,
    meanCents: Number(drawn.meanCents),
    sdCents: Number(drawn.sdCents),
    percentiles: drawn.percentiles.map(toPercentile),
    curve: drawn.curve.map(toPercentile),
    atConfidenceCents: Number(drawn.atConfidenceCents),
    contingencyCents: Number(drawn.contingencyCents),
    chancePointSuffices: drawn.chancePointSuffices,
    agreesWithClosedForm: drawn.agreesWithClosedForm,
  }
}

function toPercentile({ percent, cents }: Percentile) {
  return { percent, cents: Number(cents) }
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

function tornadoOf({ closed, prices }: Result): EstimateDocument['tornado'] {
  return closed.tornado.slice(0, TORNADO_MOST).map((swing) => ({
    code: swing.variable,
    label: prices.get(swing.variable)?.row.description ?? swing.variable,
    lowCents: Number(swing.lowCents),
    highCents: Number(swing.highCents),
    swingCents: Number(swing.swingCents),
  }))
}

interface SiteTotals {
  readonly devices: number
  readonly riskPoints: number
  readonly unpriced: number
}

function sitesOf(groups: readonly DeviceGroup[]): ReadonlyMap<string, SiteTotals> {
  const sites = new Map<string, SiteTotals>()
  for (const { siteId, count, riskPoints, costCode } of groups) {
    const key = siteKeyOf(siteId)
    const known = sites.get(key) ?? { devices: 0, riskPoints: 0, unpriced: 0 }
    sites.set(key, {
      devices: known.devices + count,
      riskPoints: known.riskPoints + count * riskPoints,
      unpriced: known.unpriced + (costCode === null ? count : 0),
    })
  }
  return sites
}

/** The budget by site, category, kind of cost and scope. */
function sharesOf({ job, closed }: Result, sites: ReadonlyMap<string, SiteTotals>) {
  const siteName = (key: string) =>
    key === '' ? 'Whole project' : key === NO_SITE ? 'No site' : (job.siteNames[key] ?? key)
  const shares = (tag: string, name = (value: string) => value): Share[] =>
    shareBy(closed.lines, tag, closed.atConfidenceCents).map(({ value, lines: count, ...share }) => ({
      value,
      label: name(value),
      lines: count,
      pointCents: Number(share.pointCents),
      meanCents: Number(share.meanCents),
      budgetCents: Number(share.amountCents),
    }))
  return {
    bySite: shares('site', siteName).map((share) => ({
      ...share,
      ...(sites.get(share.value) ?? { devices: 0, riskPoints: 0, unpriced: 0 }),
    })),
    byCategory: shares('category'),
    byCostKind: shares('costKind'),
    byScope: shares('scope'),
  }
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

function usedPrices({ job, lines }: Result): UsedPrice[] {
  const used = new Set([
    ...lines.flatMap((line) => line.factors.map((factor) => factor.key)),
    ...(lines.length > 0 ? job.settings.percentCodes : []),
  ])
  return job.prices.filter((price) => used.has(price.code)).map(toUsedPrice)
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
    // A price that the city was given or has paid is known, whatever the default's evidence was worth.
    confidence: price.basis === 'catalog' ? price.row.confidence : 'high',
    source: price.quote?.source ?? price.row.source,
    asOf: price.asOf,
    isStale: price.isStale,
  }
}

function stored(line: EstimateLine, result: EstimatedLine): StoredLine {
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

/** SHA-256 of the lines in the order of their keys and of what they are computed with. */
function digestOf(lines: readonly EstimateLine[], settings: PlanSettings): string {
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
