import { readFileSync } from 'node:fs'
import t from 'tap'
import { addDays } from '../src/lib/calendar.ts'
import {
  centsOf,
  compare,
  decimal,
  formatCents,
  formatDollars,
  ONE,
  parseCents,
  percent,
  plus,
  presentValue,
  ratio,
  roundHalfUp,
  split,
  sum,
  times,
  toFixed,
  toNumber,
} from '../src/lib/money.ts'
import { type CostCatalogue, readCostCatalogue } from '../src/planning/costs/model/catalogue.ts'
import { pricesInForce, type Quote } from '../src/planning/costs/model/prices.ts'
import { COST_COLUMNS, recordOfRow, rowOfRecord } from '../src/planning/costs/model/table.ts'
import { lineOf, upliftOf } from '../src/planning/estimate/model/cost-lines.ts'
import type {
  Correlation,
  CostClass,
  Distribution,
  EstimateLine,
} from '../src/planning/estimate/model/cost-model.ts'
import { type DeviceGroup, planLines } from '../src/planning/estimate/model/lines.ts'
import { moments } from '../src/planning/estimate/model/moments.ts'
import { inverseNormal, normalCdf, sfc32 } from '../src/planning/estimate/model/random.ts'
import { shareBy } from '../src/planning/estimate/model/share-by.ts'
import { simulate } from '../src/planning/estimate/model/simulate.ts'
import { type Estimate, estimate } from '../src/planning/estimate/model/three-point.ts'
import { checkAgainstTurnkey } from '../src/planning/estimate/model/turnkey.ts'
import { bookValue, capitalization, writeOff } from '../src/planning/funding/model/book-value.ts'
import { debtServiceOf, levelPayments } from '../src/planning/funding/model/debt-service.ts'
import { ineligibility, matchFor, type NeedActivity } from '../src/planning/funding/model/rules.ts'
import { InvalidInput } from '../src/planning/model/errors.ts'
import {
  addMonths,
  escalationBetween,
  fiscalYearLabel,
  fiscalYearOf,
  fiscalYearPeriod,
  middleOf,
  monthsBetween,
  overlaps,
} from '../src/planning/model/fiscal-year.ts'
import { roundedGrid } from '../src/planning/outputs/model/rounded.ts'
import { lawsOf } from '../src/planning/outputs/model/why.ts'
import { loadSolver } from '../src/planning/schedule/highs.ts'
import {
  burnDown,
  MONDAY_TO_FRIDAY,
  rollOut,
  usFederalHolidays,
  workingDay,
  workingDaysBetween,
} from '../src/planning/schedule/model/crew-calendar.ts'
import { handMade, optimize } from '../src/planning/schedule/model/phasing/optimize.ts'
import {
  compareOutcomes,
  evaluate,
  type Outcome,
  type Plan,
} from '../src/planning/schedule/model/phasing/outcome.ts'
import { prepare } from '../src/planning/schedule/model/phasing/prepare.ts'
import {
  NO_LIMITS,
  type PhasingFund,
  type PhasingKind,
  type PhasingProblem,
  type PhasingSite,
} from '../src/planning/schedule/model/phasing/problem.ts'
import { costsByYear } from '../src/planning/schedule/model/site-costs.ts'
import { defaultSettings, type PlanSettings } from '../src/planning/settings.ts'
import fc from './support/properties.ts'

const solver = await loadSolver(1)
const DEFAULT_CORRELATION: Correlation = { withinClass: 0.5, acrossClasses: 0.2, betweenFactors: 0 }
const read = (path: string) => JSON.parse(readFileSync(new URL(import.meta.resolve(`#root/${path}`)), 'utf8'))
const case1 = read('test/fixtures/planning/case-1-one-site.json')
const case2 = read('test/fixtures/planning/case-2-phasing.json')
const case3 = read('test/fixtures/planning/case-3-designation.json')
const catalogue: CostCatalogue = readCostCatalogue(read('data/costs.json'))

const dollars = (text: string | number): bigint => {
  const cents = parseCents(String(text))
  if (cents === null) throw new Error(`not an amount: ${text}`)
  return cents
}
/** A figure in cents squared, as dollars squared to four places. */
const squared = (cents2: number) => (cents2 / 1e4).toFixed(4)
const INDEPENDENT = { withinClass: 0, acrossClasses: 0, betweenFactors: 0 }
const at = (e: Pick<Estimate, 'percentiles'>, percent: number) =>
  formatCents(e.percentiles.find((p) => p.percent === percent)!.cents)

// ---- money ----

t.test('an amount is read as written or not at all, and prints back to itself', async (t) => {
  const cases: [string, bigint | null][] = [
    ['1234.5', 123450n],
    ['$1,234.50', 123450n],
    ['-12', -1200n],
    ['(12.00)', -1200n],
    ['0', 0n],
    ['90071992547409931.07', 9007199254740993107n],
    ['1.005', null],
    ['12,34', null],
    ['1e3', null],
    ['', null],
    ['(5', null],
    ['EUR 5', null],
  ]
  for (const [text, cents] of cases) t.equal(parseCents(text), cents, text)
  t.equal(formatDollars(-123456789n), '-$1,234,567.89')
  t.equal(formatDollars(5n), '$0.05')
  fc.assert(fc.property(fc.bigInt(-(10n ** 20n), 10n ** 20n), (c) => parseCents(formatCents(c)) === c))
})

t.test('rounding is half-up away from zero, once, on the exact fraction', async (t) => {
  t.equal(roundHalfUp(ratio(1n, 2n)), 1n)
  t.equal(roundHalfUp(ratio(-1n, 2n)), -1n)
  t.equal(roundHalfUp(ratio(57411073_5n, 10n)), 57411074n)
  t.equal(roundHalfUp(ratio(10n ** 40n + 1n, 2n * 10n ** 40n)), 1n)
  t.equal(roundHalfUp(ratio(10n ** 40n - 1n, 2n * 10n ** 40n)), 0n)
  t.equal(toFixed(ratio(2n, 3n), 4), '0.6667')
  t.equal(toFixed(ratio(-1n, 3n), 0), '0')
  t.equal(toNumber(ratio(10n ** 400n, 3n * 10n ** 399n)), 10 / 3)
  t.throws(() => decimal('1e3'), RangeError)
  t.throws(() => decimal('.5'), RangeError)
  t.throws(() => ratio(1n, 0n), RangeError)
  t.throws(() => centsOf(Number.NaN), RangeError)
})

t.test('parts of a split add up, none is negative, none exceeds its weight', async (t) => {
  const weights = fc.array(fc.bigInt(0n, 10n ** 9n), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(weights, fc.bigInt(0n, 10n ** 12n), (w, amount) => {
      fc.pre(sum(w) > 0n)
      const parts = split(amount, w)
      const cap = amount <= sum(w)
      return sum(parts) === amount && parts.every((part, i) => part >= 0n && (!cap || part <= w[i]!))
    }),
  )
  t.same(split(100n, [1n, 1n, 1n]), [33n, 34n, 33n])
  t.same(
    split(50n, new Array(100).fill(1n)).filter((p) => p < 0n),
    [],
  )
  t.same(split(0n, []), [])
  t.throws(() => split(1n, [0n]), RangeError)
})

t.test('a grid in whole dollars adds up as it is shown, in rows, columns and all', async (t) => {
  const cents = fc.integer({ min: 0, max: 10 ** 9 })
  const grids = fc.integer({ min: 1, max: 6 }).chain((columns) =>
    fc.array(fc.array(fc.oneof(fc.constant(0), cents), { minLength: columns, maxLength: columns }), {
      minLength: 1,
      maxLength: 8,
    }),
  )
  const total = (amounts: readonly number[]) => amounts.reduce((a, b) => a + b, 0)
  fc.assert(
    fc.property(grids, (rows) => {
      const columns = rows[0]!.length
      const grid = roundedGrid(
        rows.map((row) => ({ label: '', cents: row })),
        columns,
      )
      const all = Array.from({ length: columns + 1 }, (_, c) =>
        total(grid.rows.map((row) => row.dollars[c]!)),
      )
      return (
        grid.rows.every(({ dollars }) => total(dollars.slice(0, -1)) === dollars.at(-1)) &&
        all.every((sum, c) => sum === grid.total[c]) &&
        grid.total.at(-1) === Math.round(total(rows.flat()) / 100) &&
        grid.rows.every(({ dollars }, r) =>
          rows[r]!.every((amount, c) => Math.abs(dollars[c]! - amount / 100) < 1),
        )
      )
    }),
  )
  const thirds = roundedGrid(
    [33_33, 33_33, 33_34].map((one) => ({ label: '', cents: [one] })),
    1,
  )
  t.same(
    thirds.rows.map(({ dollars }) => dollars[0]),
    [33, 33, 34],
    'not 33, 33 and 33 below a total of 100',
  )
})

t.test('why: laws worst first, each with the devices that one of its rules reaches', async (t) => {
  const rule = (law: string, outcome: string, devices: number) =>
    ({
      law,
      outcome,
      devices,
      regime: law,
      activity: 'use',
      ruleId: `${law}:1`,
      citation: '1 USC 1',
    }) as const
  const rules = [rule('B', 'contract-bar', 9), rule('A', 'review', 7), rule('A', 'prohibited', 2)]
  const grounds = { lawAsOf: '', listsReadOn: '', places: [], rules }
  t.same(lawsOf({ grounds }), [
    { title: 'A', outcome: 'prohibited', devices: 7 },
    { title: 'B', outcome: 'contract-bar', devices: 9 },
  ])
})

// ---- fiscal years ----

t.test('FY2027 is the year that ends in 2027, whatever the start month', async (t) => {
  const cases: [string, number, number][] = [
    ['2026-10-01', 10, 2027],
    ['2026-09-30', 10, 2026],
    ['2027-01-15', 7, 2027],
    ['2027-06-30', 7, 2027],
    ['2027-07-01', 7, 2028],
    ['2027-12-31', 1, 2027],
    ['2028-02-29', 3, 2028],
    ['2028-03-01', 3, 2029],
  ]
  for (const [date, start, year] of cases) t.equal(fiscalYearOf(date, start), year, `${date} from ${start}`)
  t.same(fiscalYearPeriod(2027, 10), { from: '2026-10-01', to: '2027-10-01' })
  t.same(fiscalYearPeriod(2027, 1), { from: '2027-01-01', to: '2028-01-01' })
  t.equal(fiscalYearLabel(2028, 3), 'FY2028 (2027-03-01 to 2028-02-29)')
  t.equal(middleOf(2027, 7), '2026-12-31')
  t.ok(overlaps(2027, 7, { from: '2027-06-30', to: null }))
  t.notOk(overlaps(2027, 7, { from: '2027-07-01', to: null }))
  t.throws(() => fiscalYearOf('2027-01-01', 13), RangeError)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40000 }), fc.integer({ min: 1, max: 12 }), (n, start) => {
      const day = addDays('1990-01-01', n)
      const { from, to } = fiscalYearPeriod(fiscalYearOf(day, start), start)
      return from <= day && day < to
    }),
  )
})

t.test('months and escalation survive a leap day', async (t) => {
  t.equal(addMonths('2024-02-29', 12), '2025-02-28')
  t.equal(addMonths('2024-01-31', 1), '2024-02-29')
  t.equal(addMonths('2024-03-31', -13), '2023-02-28')
  t.equal(monthsBetween('2024-02-29', '2025-02-28'), 12)
  t.equal(monthsBetween('2021-07-01', '2027-07-01'), 72)
  t.equal(monthsBetween('2021-07-02', '2027-07-01'), 71)
  t.equal(monthsBetween('2027-07-01', '2021-07-01'), 0)
  const rate = percent('3')
  t.same(escalationBetween('2027-01-01', '2026-01-01', rate), ratio(1n), 'prices are never carried back')
  t.equal(toFixed(escalationBetween('2024-02-29', '2026-02-28', rate), 6), '1.060900')
  t.equal(toFixed(escalationBetween('2025-01-01', '2026-07-02', rate), 8), '1.04540767')
})

// ---- randomness ----

t.test(
  'the generator starts as published for the seed, and normals are exact to the last digits',
  async (t) => {
    const draws = sfc32(20261123)
    t.same(Array.from({ length: 5 }, draws), case1.firstDraws)
    for (const [p, z] of Object.entries<number>(case1.inverseNormal)) t.equal(inverseNormal(Number(p)), z, p)
    // Python: 0.5 * math.erfc(-z / math.sqrt(2))
    const known: [number, number][] = [
      [-6.361340902404056, 1e-10],
      [1.959963984540054, 0.975],
      [-1, 0.15865525393145707],
      [-3, 0.0013498980316300957],
      [0, 0.5],
      [0.3, 0.6179114221889526],
      [-37, 5.725571222525139e-300],
    ]
    for (const [z, p] of known) t.ok(Math.abs(normalCdf(z) / p - 1) < 1e-12, `Φ(${z})`)
    t.equal(normalCdf(-60), 0)
    t.throws(() => inverseNormal(0), RangeError)
    fc.assert(
      fc.property(fc.double({ min: -7, max: 4, noNaN: true }), (z) => {
        return Math.abs(inverseNormal(normalCdf(z)) - z) < 1e-11
      }),
    )
  },
)

// ---- case 1: one site ----

interface PricedFactor {
  readonly key: string
  readonly unit?: 'hours'
  readonly low: number
  readonly expected: number
  readonly high: number
}
const case1Lines = (case1.lines as (Omit<EstimateLine, 'factors'> & { factors: PricedFactor[] })[]).map(
  (line): EstimateLine => ({
    ...line,
    factors: line.factors.map(({ unit, key, low, expected, high }) => {
      const by = unit === 'hours' ? 1 : 100
      return { key, low: low * by, expected: expected * by, high: high * by }
    }),
  }),
)

t.test('case 1: every line and every total of the closed form, to the cent', async (t) => {
  const hours = moments(case1Lines[6]!.factors[0]!, 'pert')
  t.equal(toFixed(hours.mean, 6), case1.hours.mean)
  t.equal(toFixed(hours.variance, 6), case1.hours.variance)
  const rate = moments(case1Lines[6]!.factors[1]!, 'pert')
  t.equal((toNumber(rate.mean) / 100).toFixed(6), case1.rate.mean)
  t.equal((toNumber(rate.variance) / 1e4).toFixed(6), case1.rate.variance)

  for (const distribution of ['pert', 'triangular'] as Distribution[]) {
    const reference = case1[distribution]
    for (const r of reference.byCorrelation) {
      const correlation = { ...INDEPENDENT, withinClass: r.withinClass, acrossClasses: r.acrossClasses }
      const e = estimate({ lines: case1Lines, distribution, correlation, confidence: 80 })
      t.same(
        e.lines.map((line) => ({
          unitMean: (line.unitMean / 100).toFixed(6),
          unitVariance: (line.unitVariance / 1e4).toFixed(6),
          point: formatCents(line.pointCents),
          mean: formatCents(line.meanCents),
          variance: squared(line.variance),
          sd: (line.sd / 100).toFixed(4),
        })),
        reference.lines,
        `${distribution} lines`,
      )
      const normalP80 =
        (toNumber(ratio(e.meanCents)) + 0.8416212335729142 * Math.sqrt(e.variance.total)) / 100
      t.same(
        {
          withinClass: r.withinClass,
          acrossClasses: r.acrossClasses,
          mean: formatCents(e.meanCents),
          independentVariance: squared(e.variance.independent),
          variance: squared(e.variance.total),
          sd: formatCents(e.sdCents),
          cvPercent: (e.coefficientOfVariation * 100).toFixed(4),
          normalP80: normalP80.toFixed(2),
          mu: (e.lognormal!.mu - Math.log(100)).toFixed(9),
          sigma: e.lognormal!.sigma.toFixed(9),
          p50: at(e, 50),
          p80: at(e, 80),
          contingency: formatCents(e.contingencyCents),
          contingencyPercent: (e.contingencyRatio * 100).toFixed(4),
          pointSufficesPercent: (e.chancePointSuffices * 100).toFixed(4),
        },
        r,
        `${distribution} ${r.withinClass}`,
      )
      t.equal(formatCents(e.pointCents), reference.point)
    }
  }
})

t.test('case 1: the correlation sums and the tornado', async (t) => {
  const input = { lines: case1Lines, distribution: 'pert' as const, confidence: 80 }
  const e = estimate({ ...input, correlation: DEFAULT_CORRELATION })
  t.equal(squared(e.variance.pairsWithinClass), case1.pairs.withinClass)
  t.equal(squared(e.variance.pairsAcrossClasses), case1.pairs.acrossClasses)
  t.equal(squared(e.variance.pairsWithinClass + e.variance.pairsAcrossClasses), case1.pairs.allPairs)
  t.equal(squared(e.variance.covariance), case1.pairs.addedCovariance)
  t.equal((e.lines.reduce((total, line) => total + line.sd, 0) / 100).toFixed(4), case1.pairs.sumOfSds)
  t.same(
    e.tornado.map((swing) => ({
      variable: swing.variable,
      low: formatCents(swing.lowCents),
      high: formatCents(swing.highCents),
      swing: formatCents(swing.swingCents),
    })),
    case1.tornado,
  )
})

t.test(
  'case 1: the simulation repeats the reference to the cent and agrees with its closed form',
  async (t) => {
    for (const r of case1.simulation) {
      const correlation = { ...INDEPENDENT, withinClass: r.withinClass, acrossClasses: r.acrossClasses }
      const progress: number[] = []
      const s = simulate({
        lines: case1Lines,
        correlation,
        confidence: 80,
        trials: r.trials,
        seed: r.seed,
        onTrials: (done) => progress.push(done),
      })
      t.equal(formatCents(s.meanCents), r.mean)
      t.equal(formatCents(s.sdCents), r.sd)
      t.same(Object.fromEntries(s.percentiles.map((p) => [p.percent, formatCents(p.cents)])), r.percentiles)
      t.equal(s.agreesWithClosedForm, true)
      t.equal(s.curve[79]!.cents, s.atConfidenceCents)
      t.equal(s.contingencyCents, s.atConfidenceCents - 2586900n)
      t.ok(s.chancePointSuffices > 0.1 && s.chancePointSuffices < 0.35)
      t.same(
        progress,
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => n * 10_000),
      )

      const closed = estimate({
        lines: case1Lines,
        distribution: 'triangular',
        correlation: { ...correlation, betweenFactors: r.withinClass },
        confidence: 80,
      })
      t.same(
        {
          mean: formatCents(closed.meanCents),
          sd: formatCents(closed.sdCents),
          p50: at(closed, 50),
          p80: at(closed, 80),
        },
        r.closedForm,
      )
    }
  },
)

t.test(
  'the trap: a price per unit looks precise and is wrong, and this estimate does not fall into it',
  async (t) => {
    const perUnit = case1Lines.flatMap((line) =>
      Array.from({ length: Number(line.quantity) }, (_, i) => ({
        ...line,
        key: `${line.key}-${String(i).padStart(2, '0')}`,
        quantity: 1,
        factors: line.factors.map((factor) => ({ ...factor, key: `${factor.key}-${line.key}-${i}` })),
      })),
    )
    const input = { distribution: 'pert' as const, correlation: INDEPENDENT, confidence: 80 }
    const wrong = estimate({ ...input, lines: perUnit })
    t.equal(formatCents(wrong.sdCents), case1.unitLevelTrap.sd)
    t.equal(at(wrong, 80), case1.unitLevelTrap.p80)

    const right = estimate({ ...input, lines: case1Lines })
    t.ok(right.sdCents > 2n * wrong.sdCents)
    // The same units as lines of their own that name the same prices: the spread of the unsplit lines.
    const shared = estimate({
      ...input,
      lines: perUnit.map((line) => ({
        ...line,
        factors: case1Lines.find((l) => l.key === line.key.slice(0, 2))!.factors,
      })),
    })
    t.equal(shared.sdCents, right.sdCents)
    t.same(shared.percentiles, right.percentiles)
  },
)

t.test(
  'a rate shared by two kinds of work makes them move together even when nothing else does',
  async (t) => {
    const rate = { key: 'rate', low: 8500, expected: 12500, high: 17500 }
    const work = (key: string, rateKey: string): EstimateLine => ({
      key,
      label: key,
      class: 'labor',
      quantity: 10,
      factors: [
        { key: `hours-${key}`, low: 1, expected: 2, high: 4 },
        { ...rate, key: rateKey },
      ],
    })
    const run = (lines: EstimateLine[], correlation = INDEPENDENT) =>
      estimate({ lines, distribution: 'triangular', correlation, confidence: 80 })
    const shared = run([work('a', 'rate'), work('b', 'rate')])
    const apart = run([work('a', 'rate'), work('b', 'rate-2')])
    t.ok(shared.variance.total > apart.variance.total)
    t.equal(apart.variance.covariance, 0)
    const s = simulate({
      lines: [work('a', 'rate'), work('b', 'rate')],
      correlation: INDEPENDENT,
      confidence: 80,
      trials: 50_000,
      seed: 7,
    })
    t.equal(s.agreesWithClosedForm, true)
    const both = { withinClass: 0.5, acrossClasses: 0.2, betweenFactors: 0.5 }
    t.ok(
      run([work('a', 'rate'), work('b', 'rate')], both).sdCents >
        run([work('a', 'rate'), work('b', 'r2')], both).sdCents,
    )
  },
)

// ---- estimates in general ----

const someLines = fc
  .array(
    fc.record({
      code: fc.integer({ min: 0, max: 11 }),
      quantity: fc.integer({ min: 0, max: 400 }),
      site: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 0, maxLength: 30 },
  )
  .map((specs): EstimateLine[] =>
    specs.map(({ code, quantity, site }, i) => {
      const base = 1000 + code * 7919
      const price = { key: `P${code}`, low: base, expected: base * 2 + 33, high: base * 4 + 71 }
      const hours = { key: `H${code}`, low: '0.75', expected: '1.5', high: '4' }
      return {
        key: String(i).padStart(4, '0'),
        label: '',
        class: (['equip', 'soft', 'labor', 'access', 'disp'] as CostClass[])[code % 5]!,
        quantity,
        factors: code % 5 === 2 ? [hours, price] : [price],
        tags: { site: `S${site}`, ...(site > 2 ? { fund: 'grant' } : {}) },
      }
    }),
  )
const estimated = (lines: readonly EstimateLine[]) =>
  estimate({ lines, distribution: 'pert', correlation: DEFAULT_CORRELATION, confidence: 80 })

t.test('for every grouping the parts add up to the totals', async () => {
  fc.assert(
    fc.property(someLines, fc.constantFrom('site', 'fund', 'nothing'), (lines, tag) => {
      const e = estimated(lines)
      const shares = shareBy(e.lines, tag, e.atConfidenceCents)
      return (
        sum(shares.map((s) => s.amountCents)) === e.atConfidenceCents &&
        sum(shares.map((s) => s.pointCents)) === e.pointCents &&
        sum(shares.map((s) => s.meanCents)) === e.meanCents &&
        shares.reduce((n, s) => n + s.lines, 0) === lines.length
      )
    }),
  )
})

t.test('the order in which lines are handed over changes nothing, to the last bit', async (t) => {
  const run = (lines: readonly EstimateLine[]) => [
    estimated(lines),
    simulate({ lines, correlation: DEFAULT_CORRELATION, confidence: 80, trials: 300, seed: 3 }),
  ]
  const shuffled = someLines.chain((lines) =>
    fc.tuple(fc.constant(lines), fc.shuffledSubarray(lines, { minLength: lines.length })),
  )
  fc.assert(
    fc.property(shuffled, ([lines, other]) => {
      t.same(run(other), run(lines))
    }),
    { numRuns: 40 },
  )
})

t.test('scaling all prices scales all results', async (t) => {
  fc.assert(
    fc.property(someLines, fc.constantFrom(2, 3, 10, 100), (lines, k) => {
      const scaled = lines.map((line) => ({
        ...line,
        factors: line.factors.map((f) =>
          f.key.startsWith('P')
            ? { ...f, low: Number(f.low) * k, expected: Number(f.expected) * k, high: Number(f.high) * k }
            : f,
        ),
      }))
      const [one, many] = [estimated(lines), estimated(scaled)]
      // Each figure was rounded to the cent once before and once after.
      const near = (a: bigint, b: bigint, roundings: number) => {
        const off = a * BigInt(k) - b
        return (off < 0n ? -off : off) <= BigInt(Math.ceil(((k + 1) / 2) * roundings))
      }
      t.ok(near(one.pointCents, many.pointCents, lines.length))
      t.ok(near(one.meanCents, many.meanCents, lines.length))
      t.ok(near(one.sdCents, many.sdCents, 1))
      for (const [i, p] of one.percentiles.entries()) t.ok(near(p.cents, many.percentiles[i]!.cents, 1))
      t.ok(near(one.contingencyCents, many.contingencyCents, 1 + lines.length))
      for (const swing of one.tornado) {
        const other = many.tornado.find((s) => s.variable === swing.variable)!
        t.ok(near(swing.swingCents, other.swingCents, 1))
      }
    }),
    { numRuns: 40 },
  )
})

t.test('more confidence and more correlation never ask for less', async () => {
  fc.assert(
    fc.property(someLines, fc.double({ min: 0, max: 0.9, noNaN: true }), (lines, r) => {
      const at = (within: number, confidence: number) =>
        estimate({
          lines,
          distribution: 'pert',
          confidence,
          correlation: { withinClass: within, acrossClasses: within / 2, betweenFactors: 0 },
        })
      return (
        at(r, 80).atConfidenceCents >= at(r, 50).atConfidenceCents &&
        at(r + 0.1, 80).variance.total >= at(r, 80).variance.total * (1 - 1e-12)
      )
    }),
  )
})

t.test('no devices cost nothing, and a price without a range has no contingency', async (t) => {
  const none = estimated([])
  t.equal(none.pointCents, 0n)
  t.equal(none.atConfidenceCents, 0n)
  t.equal(none.lognormal, null)
  t.equal(none.chancePointSuffices, 1)
  t.same(shareBy(none.lines, 'site', 0n), [])
  const simulated = simulate({ lines: [], correlation: INDEPENDENT, confidence: 80, trials: 10, seed: 1 })
  t.equal(simulated.atConfidenceCents, 0n)
  t.equal(simulated.chancePointSuffices, 1)

  const fixed: EstimateLine = {
    key: 'a',
    label: '',
    class: 'equip',
    quantity: '2.5',
    factors: [{ key: 'p', low: 999, expected: 999, high: 999 }],
    multiplier: plus(ONE, percent(8)),
  }
  const e = estimated([fixed])
  t.equal(e.pointCents, 2697n)
  t.equal(e.contingencyCents, 0n)
  const s = simulate({
    lines: [fixed],
    correlation: DEFAULT_CORRELATION,
    confidence: 95,
    trials: 10,
    seed: 1,
  })
  t.equal(s.atConfidenceCents, 2697n)
  t.equal(s.agreesWithClosedForm, true)
})

t.test(
  'an uncertain count times hours times rate is estimated, and compared only where a closed form exists',
  async (t) => {
    const line: EstimateLine = {
      key: 'a',
      label: '',
      class: 'labor',
      quantity: 1,
      factors: [
        { key: 'count', low: 8, expected: 10, high: 15 },
        { key: 'hours', low: '1.5', expected: '2.5', high: '4' },
        { key: 'rate', low: 8500, expected: 12500, high: 17500 },
      ],
    }
    const run = { lines: [line], confidence: 80, trials: 40_000, seed: 5 }
    t.equal(simulate({ ...run, correlation: INDEPENDENT }).agreesWithClosedForm, true)
    t.equal(simulate({ ...run, correlation: DEFAULT_CORRELATION }).agreesWithClosedForm, null)
    const correlation = { ...DEFAULT_CORRELATION, betweenFactors: 0.5 }
    t.throws(
      () => estimate({ lines: [line], distribution: 'pert', correlation, confidence: 80 }),
      /no closed form/,
    )
  },
)

t.test('faulty lines are refused, all faults at once, each with its place', async (t) => {
  const line = case1Lines[0]!
  const factor = line.factors[0]!
  const cases: [string, EstimateLine[], string][] = [
    ['low above expected', [{ ...line, factors: [{ ...factor, low: 70000 }] }], '/lines/0/factors/0'],
    ['negative', [{ ...line, factors: [{ ...factor, low: -1 }] }], '/lines/0/factors/0'],
    ['not a number', [{ ...line, factors: [{ ...factor, high: 'many' }] }], '/lines/0/factors/0'],
    ['same key', [line, line], '/lines/1/key'],
    ['negative quantity', [{ ...line, quantity: -1 }], '/lines/0/quantity'],
    ['no factor', [{ ...line, factors: [] }], '/lines/0/factors'],
    [
      'one price, two ranges',
      [line, { ...line, key: 'x', factors: [{ ...factor, high: 200000 }] }],
      '/lines/1/factors/0',
    ],
    ['one price, two classes', [line, { ...line, key: 'x', class: 'disp' }], '/lines/1/factors/0'],
    ['twice in a line', [{ ...line, factors: [factor, factor] }], '/lines/0/factors'],
  ]
  for (const [name, lines, pointer] of cases)
    t.same(
      faultsIn(() => estimated(lines)),
      [pointer],
      name,
    )
  const lines = [line]
  const bad = { withinClass: 0.2, acrossClasses: 0.5, betweenFactors: 2 }
  t.same(
    faultsIn(() => estimate({ lines, distribution: 'pert', correlation: bad, confidence: 100 })),
    ['/correlation', '/correlation/betweenFactors', '/confidence'],
  )
  t.same(
    faultsIn(() => simulate({ lines, correlation: INDEPENDENT, confidence: 80, trials: 1, seed: -1 })),
    ['/trials', '/seed'],
  )
})

/** The pointers of what is wrong; empty when nothing is. */
function faultsIn(work: () => unknown): readonly string[] {
  try {
    work()
    return []
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    return error.issues.map((issue) => issue.pointer)
  }
}

// ---- case 2: phasing ----

const case2Terms = {
  contingencyPercent: case2.contingencyPercent,
  escalationPercent: case2.escalationPercent,
  baseYear: 2027,
  years: case2.years as number[],
}
const LOCAL: PhasingFund = { ...NO_LIMITS, id: 'local' }
const capsOf = (caps: Record<string, string>) =>
  Object.entries(caps).map(([year, cap]) => ({ fiscalYear: Number(year), cents: dollars(cap) }))
const ANYTHING: PhasingKind = {
  purpose: 'public-safety',
  activity: 'replacement',
  costKind: 'hard',
  isRestricted: false,
  isBetterment: false,
  leadDays: 0,
}
const case2Problem: PhasingProblem = {
  years: case2.years,
  fiscalYearStartMonth: case2.fiscalYearStartMonth,
  kinds: [ANYTHING],
  discountPercent: case2.discountPercent,
  funds: [{ ...LOCAL, id: 'capital', yearCaps: capsOf(case2.caps) }],
  startOn: '2026-10-01',
  lanes: 100,
  holidays: new Set(),
  workweek: MONDAY_TO_FRIDAY,
  maxSitesPerYear: null,
  sites: case2.sites.map(
    (site: {
      key: string
      cameras: number
      perCamera: number
      mobilisation: number
      score: number
      deadline: string | null
    }): PhasingSite => ({
      key: site.key,
      riskPoints: site.cameras * site.score,
      parts: [
        {
          kind: 0,
          costCents: costsByYear(
            BigInt(site.cameras * site.perCamera + site.mobilisation) * 100n,
            case2Terms,
          ),
        },
      ],
      deadline: site.deadline,
      crewDays: 0,
      after: [],
      boundTo: [],
    }),
  ),
}
const costOf = (site: PhasingSite) => site.parts[0]!.costCents
const case2Prepared = prepare(case2Problem)
const windowIn = (year: number) => case2Prepared.windows.find((window) => window.year === year)!

/** Every assignment of the sites of case 2 to years. */
function* everyPlan(): Generator<Plan> {
  const { sites, years } = case2Problem
  for (let n = 0; n < years.length ** sites.length; n++) {
    let rest = n
    const plan = new Map<string, ReturnType<typeof windowIn>>()
    for (const site of sites) {
      plan.set(site.key, windowIn(years[rest % years.length]!))
      rest = Math.floor(rest / years.length)
    }
    yield plan
  }
}

/** Deadline and caps, by hand. */
function holds(plan: Plan, outcome: Outcome): boolean {
  return (
    case2Problem.sites.every((site) => site.deadline === null || plan.get(site.key)!.from <= site.deadline) &&
    outcome.years.every(({ year, spendCents }) => spendCents <= dollars(case2.caps[year]))
  )
}

const shape = (outcome: Outcome) => ({
  spend: outcome.years.map((year) => formatCents(year.spendCents)),
  riskPointYears: outcome.riskPointYears,
  presentValue: formatCents(outcome.presentValueCents),
})
const full = (plan: Plan, outcome: Outcome) => ({
  plan: yearsOf(plan),
  riskPointYears: outcome.riskPointYears,
  presentValue: formatCents(outcome.presentValueCents),
  spend: Object.fromEntries(outcome.years.map((year) => [year.year, formatCents(year.spendCents)])),
  unused: Object.fromEntries(
    outcome.years.map((year) => [year.year, formatCents(dollars(case2.caps[year.year]) - year.spendCents)]),
  ),
  nominal: formatCents(outcome.nominalCents),
})
const yearsOf = (plan: Plan) =>
  Object.fromEntries(
    [...plan].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, window]) => [key, window?.year ?? null]),
  )

t.test('case 2: base, contingency and escalated costs of every site, to the cent', async (t) => {
  for (const [i, site] of case2.sites.entries()) {
    const { base, costs, riskPoints, perThousand } = site.expected
    const priced = case2Problem.sites[i]!
    t.equal(formatCents(BigInt(site.cameras * site.perCamera + site.mobilisation) * 100n), base)
    t.same([...costOf(priced).values()].map(formatCents), costs)
    t.equal(priced.riskPoints, riskPoints)
    t.equal(((priced.riskPoints * 1e5) / Number(costOf(priced).get(2027)!)).toFixed(4), perThousand)
  }
  const again = costsByYear(dollars(case2.splitVisit.base), case2Terms)
  t.equal(formatCents(again.get(2028)!), case2.splitVisit.inFiscalYear2028)
  t.equal(
    formatCents(
      presentValue(
        [
          { years: 0, cents: 10290500n },
          { years: 1, cents: 12734920n },
          { years: 2, cents: 12434278n },
        ],
        percent(4),
      ),
    ),
    case2.optimum.presentValue,
  )
})

t.test('case 2: four of 729 assignments hold, and the best comes to 5,240', async (t) => {
  let enumerated = 0
  const feasible: { plan: object; outcome: Outcome }[] = []
  for (const plan of everyPlan()) {
    enumerated++
    const outcome = evaluate(case2Prepared, plan)
    if (holds(plan, outcome)) feasible.push({ plan: yearsOf(plan), outcome })
  }
  feasible.sort((a, b) => compareOutcomes(a.outcome, b.outcome))
  t.equal(enumerated, case2.enumerated)
  t.same(
    feasible.map(({ plan, outcome }) => ({ plan, ...shape(outcome) })),
    case2.feasible,
  )
})

t.test('case 2: both greedy plans, and what waiting for the last year costs', async (t) => {
  for (const [order, reference] of [
    ['risk', case2.greedyByRisk],
    ['risk-per-dollar', case2.greedyByRiskPerDollar],
  ] as const) {
    const { plan, outcome } = handMade(case2Prepared, order)
    t.same(full(plan, outcome), reference)
    t.ok(outcome.isComplete)
  }
  const plan = new Map(case2Problem.sites.map((site) => [site.key, windowIn(2029)]))
  const late = evaluate(case2Prepared, plan)
  t.equal(formatCents(late.nominalCents), case2.allInLastYear)
  t.notOk(holds(plan, late))
})

t.test('case 2: the solver proves the same plan', async (t) => {
  const found = optimize(case2Problem, solver, 20)
  t.same(full(found.plan, found.outcome), case2.optimum)
  t.equal(found.status, 'optimal')
  t.same(
    found.stages.map((stage) => [stage.objective, stage.status, stage.gap]),
    [
      ['risk-point-years', 'optimal', 0],
      ['present-value', 'optimal', 0],
      ['years-touched', 'optimal', 0],
    ],
  )
  t.equal(found.greedy.outcome.riskPointYears, case2.greedyByRiskPerDollar.riskPointYears)
  t.same(found.misfits, [])
})

t.test('an impossible plan comes back with what does not fit and why', async (t) => {
  const yearCaps = capsOf(case2.caps).map((cap) => ({ ...cap, cents: cap.cents - 2_000_000n }))
  const tight = { ...case2Problem, funds: [{ ...case2Problem.funds[0]!, yearCaps }] }
  const found = optimize(tight, solver, 20)
  t.equal(found.status, 'optimal')
  t.notOk(found.outcome.isComplete)
  t.same(found.outcome.unplaced, ['C'])
  t.equal(found.misfits.length, 1)
  const [misfit] = found.misfits
  t.same(
    misfit!.obstacles.map((o) => [o.year, o.kind, o.needed]),
    [
      [2027, 'cap', '11720500'],
      [2028, 'cap', '12072115'],
      [2029, 'cap', '12434278'],
    ],
  )
  t.match(misfit!.obstacles[0]!.because, /Needs \$117,205.00 of capital; \$.* are left/)
})

t.test('each kind of obstacle is named', async (t) => {
  const costing = (kind: number, cents: bigint) => [
    { kind, costCents: new Map([2026, 2027].map((year) => [year, cents])) },
  ]
  const site = (key: string, over: Partial<PhasingSite>): PhasingSite => ({
    ...case2Problem.sites[0]!,
    parts: costing(0, 5n),
    key,
    ...over,
  })
  const problem: PhasingProblem = {
    ...case2Problem,
    years: [2026, 2027],
    kinds: [ANYTHING, { ...ANYTHING, activity: 'disposal' }],
    lanes: 1,
    sites: [
      site('done', { crewDays: 3, riskPoints: 9999 }),
      site('late', { deadline: '2026-09-30' }),
      site('poor', { parts: costing(1, 5n) }),
      site('brief', { deadline: '2026-10-02', crewDays: 3 }),
      site('waits', { after: ['late'] }),
      site('long', { crewDays: 260, deadline: '2027-09-30' }),
      site('dear', { parts: costing(0, 10_000_000n) }),
    ],
    funds: [
      {
        ...LOCAL,
        id: 'capital',
        activities: ['replacement'],
        yearCaps: [
          { fiscalYear: 2026, cents: 100n },
          { fiscalYear: 2027, cents: 100n },
        ],
      },
    ],
    maxSitesPerYear: 1,
  }
  const found = optimize(problem, solver, 20)
  const kinds = Object.fromEntries(found.misfits.map((m) => [m.site, m.obstacles.map((o) => o.kind)]))
  t.match(kinds, {
    late: ['lead-time', 'deadline'],
    poor: ['lead-time', 'no-fund'],
    brief: ['lead-time', 'crew-days'],
    waits: ['lead-time', 'precedence', 'sites'],
    dear: ['lead-time', 'sites', 'cap'],
  })
  const poor = found.misfits.find((m) => m.site === 'poor')!.obstacles[1]!
  t.match(poor.because, /disposal, hard cost.*capital: not one of its activities/)
})

t.test('a faulty problem is refused before anything is solved', async (t) => {
  const [first] = case2Problem.sites as [PhasingSite]
  const capital = case2Problem.funds[0]!
  const cases: [string, Partial<PhasingProblem>][] = [
    ['gap in years', { years: [2027, 2029] }],
    ['same site twice', { sites: [first, first] }],
    ['fraction of a point', { sites: [{ ...first, riskPoints: 1.5 }] }],
    ['unknown predecessor', { sites: [{ ...first, after: ['Z'] }] }],
    [
      'circle',
      {
        sites: [
          { ...first, after: ['B'] },
          { ...first, key: 'B', after: ['A'] },
        ],
      },
    ],
    ['negative cap', { funds: [{ ...capital, yearCaps: [{ fiscalYear: 2027, cents: -1n }] }] }],
    ['no share', { funds: [{ ...capital, sharePercent: 0 }] }],
    ['no crew', { lanes: 0 }],
    ['negative cost', { sites: [{ ...first, parts: [{ kind: 0, costCents: new Map([[2027, -1n]]) }] }] }],
  ]
  for (const [name, over] of cases)
    t.throws(() => optimize({ ...case2Problem, ...over }, solver, 1), InvalidInput, name)
  t.throws(() => evaluate(case2Prepared, new Map([['Z', windowIn(2027)]])), InvalidInput)
  const empty = optimize({ ...case2Problem, sites: [] }, solver, 5)
  t.ok(empty.outcome.isComplete)
  t.equal(empty.outcome.presentValueCents, 0n)
})

t.test(
  'a cent too much is not a plan, whatever the solver says, and time that runs out says so',
  async (t) => {
    const years = [2027, 2028]
    const site = (key: string, cents: bigint): PhasingSite => ({
      ...case2Problem.sites[0]!,
      key,
      deadline: null,
      riskPoints: 10,
      parts: [{ kind: 0, costCents: new Map(years.map((year) => [year, cents])) }],
    })
    const problem: PhasingProblem = {
      ...case2Problem,
      years,
      sites: [site('x', 5000n), site('y', 5001n)],
      funds: [
        { ...LOCAL, id: 'capital', yearCaps: years.map((fiscalYear) => ({ fiscalYear, cents: 10_000n })) },
      ],
    }
    const real = await loadSolver(1)
    let plans = 0
    // Columns: x27 x28 y27 y28, left out x2, touched x2, money. The first plan puts both into 2027.
    const found = optimize(
      problem,
      (program, start, limits) => {
        const isPlan = program.cost.length > 8
        if (isPlan && ++plans === 1)
          return { status: 'optimal', values: [1, 0, 1, 0, 0, 0, 1, 0, 100.01, 0], bound: 0, seconds: 0.1 }
        if (isPlan && plans === 2) t.match(program.rows.at(-1), { columns: [0, 2], upper: 1 })
        return real(program, start, limits)
      },
      10,
    )
    t.ok(found.outcome.isComplete)
    t.equal(found.outcome.riskPointYears, 10)
    t.same(found.payments.map((payment) => payment.cents).sort(), [5000n, 5001n], 'and all of it is paid')

    const noTime = optimize(
      problem,
      () => ({ status: 'failed', values: null, bound: Number.NEGATIVE_INFINITY, seconds: 1 }),
      10,
    )
    t.equal(noTime.used, 'greedy')
    t.equal(noTime.status, 'failed')
    t.equal(noTime.payments.length, 2, 'the plan made by hand has its payers too')
    const slow = optimize(
      problem,
      (_, start) => ({ status: 'time-limit', values: start, bound: 0, seconds: 1 }),
      10,
    )
    t.equal(slow.status, 'time-limit')
    t.ok(slow.stages[0]!.gap > 0)
  },
)

// ---- case 3: designation ----

const schedule = case3.schedule
const case3Rollout = (ratePerDay: string) =>
  rollOut({
    orderedOn: schedule.designation,
    leadDays: schedule.leadDays,
    deadline: addDays(schedule.designation, schedule.windDownDays),
    devices: Array.from({ length: schedule.devices }, (_, i) => `D${i + 1}`),
    ratePerDay,
    calendar: { holidays: new Set(schedule.holidays as string[]), workweek: MONDAY_TO_FRIDAY },
    fiscalYearStartMonth: schedule.fiscalYearStartMonth,
  })

t.test('case 3: wind-down, shortfall, surge and the order that came nine days too late', async (t) => {
  const base = case3Rollout(schedule.ratePerDay)
  const surge = case3Rollout(schedule.surgeRatePerDay)
  const inFy2027 = base.fiscalYears.find((year) => year.fiscalYear === 2027)!
  t.same(
    {
      windDownEnd: addDays(schedule.designation, schedule.windDownDays),
      startOn: base.startOn,
      workingDaysAvailable: base.workingDaysAvailable,
      doneByDeadline: base.doneByDeadline,
      shortfall: base.shortfall,
      completeOn: base.completeOn,
      requiredRate: base.requiredRate,
      workingDaysToFiscalYearEnd: inFy2027.workingDays,
      inFiscalYear2027: inFy2027.devices,
      surgeWorkingDays: surge.workingDaysNeeded,
      surgeCompleteOn: surge.completeOn,
      latestStartOn: base.latestStartOn,
      latestOrderOn: base.latestOrderOn,
      orderLateByDays: base.orderLateByDays,
    },
    schedule.expected,
  )
  t.same(
    base.late,
    Array.from({ length: 21 }, (_, i) => `D${220 + i}`),
  )
  t.same(base.replacedOn.filter((day) => day > '2027-07-14').length, 21)
  // 3 devices on each of the seven working days from 07-15 to 07-23: 1+2+5+6+7+8+9 days late.
  t.equal(base.deviceDaysOverDeadline, 3 * (1 + 2 + 5 + 6 + 7 + 8 + 9))
  t.equal(surge.shortfall, 0)
  t.equal(surge.deviceDaysOverDeadline, 0)
  t.same(
    schedule.holidays,
    usFederalHolidays(2027).filter((day) => day > '2027-03-31' && day <= '2027-07-23'),
  )
})

interface Case3Line {
  key: string
  label: string
  class: CostClass
  quantity: number
  low: number
  expected: number
  high: number
  bySegment: Record<string, number>
  results: Record<string, string>
}
const case3Line = (
  line: Case3Line,
  key: string,
  quantity: number,
  multiplier = plus(ONE, percent(case3.markupPercent)),
): EstimateLine => ({
  key,
  label: line.label,
  class: line.class,
  quantity,
  factors: [{ key: line.label, low: line.low * 100, expected: line.expected * 100, high: line.high * 100 }],
  multiplier,
})

t.test('case 3: the estimate, line by line and in total', async (t) => {
  const lines = case3.lines as Case3Line[]
  const plain = estimated(lines.map((line) => case3Line(line, line.key, line.quantity, ONE)))
  const e = estimated(lines.map((line) => case3Line(line, line.key, line.quantity)))
  t.same(
    e.lines.map((line, i) => ({
      unitMean: (line.unitMean / 100).toFixed(6),
      unitVariance: (line.unitVariance / 1e4).toFixed(6),
      pointBeforeMarkup: formatCents(plain.lines[i]!.pointCents),
      meanBeforeMarkup: formatCents(plain.lines[i]!.meanCents),
      mean: formatCents(line.meanCents),
      variance: squared(line.variance),
    })),
    lines.map((line) => line.results),
  )
  t.same(
    {
      point: formatCents(e.pointCents),
      sumOfLows: formatCents(e.sumOfLowsCents),
      sumOfHighs: formatCents(e.sumOfHighsCents),
      mean: formatCents(e.meanCents),
      independentVariance: squared(e.variance.independent),
      withinClassPairs: squared(e.variance.pairsWithinClass),
      allPairs: squared(e.variance.pairsWithinClass + e.variance.pairsAcrossClasses),
      covariance: squared(e.variance.covariance),
      variance: squared(e.variance.total),
      sd: formatCents(e.sdCents),
      cvPercent: (e.coefficientOfVariation * 100).toFixed(2),
      mu: (e.lognormal!.mu - Math.log(100)).toFixed(9),
      sigma: e.lognormal!.sigma.toFixed(9),
      p50: at(e, 50),
      p80: at(e, 80),
      contingency: formatCents(e.contingencyCents),
      contingencyPercent: (e.contingencyRatio * 100).toFixed(4),
    },
    case3.total,
  )
})

/** The lines of case 3 cut up by segment: the same prices, paid by three departments. */
const case3BySegment = () =>
  estimated(
    (case3.lines as Case3Line[]).flatMap((line) =>
      Object.entries(line.bySegment).map(([segment, quantity]) => ({
        ...case3Line(line, `${line.key}/${segment}`, quantity),
        tags: { segment, activity: line.class === 'disp' ? 'disposal' : 'replacement' },
      })),
    ),
  )

t.test('case 3: the P80 shared out to departments is the P80 of the whole', async (t) => {
  const e = case3BySegment()
  t.equal(at(e, 80), case3.total.p80, 'cutting lines up changes no percentile')
  const shares = shareBy(e.lines, 'segment', e.atConfidenceCents)
  t.same(
    Object.fromEntries(
      shares.map((s) => [s.value, { mean: formatCents(s.meanCents), p80: formatCents(s.amountCents) }]),
    ),
    case3.segments,
  )
})

/** Case 3 as places that are done in one year each, paid by grant, utility and general fund; the rest by nobody. */
function case3Payments(grant: Partial<PhasingFund>) {
  const e = case3BySegment()
  const devices = case3Rollout(schedule.ratePerDay).fiscalYears
  const years = devices.map((year) => year.fiscalYear)
  const needs = shareBy(e.lines, 'segment', e.atConfidenceCents).flatMap((segment) => {
    const lines = e.lines.filter((line) => line.tags.segment === segment.value)
    return shareBy(lines, 'activity', segment.amountCents).flatMap((part) =>
      split(
        part.amountCents,
        devices.map((year) => BigInt(year.devices)),
      ).map((cents, i) => ({
        purpose: segment.value,
        activity: part.value as NeedActivity,
        year: years[i]!,
        cents,
      })),
    )
  })
  const f = case3.funding
  const funds: PhasingFund[] = [
    {
      ...LOCAL,
      id: 'grant',
      isFederal: true,
      purposes: ['public-safety'],
      activities: ['replacement'],
      sharePercent: 75,
      totalCapCents: dollars(f.grantCap),
      ...grant,
    },
    { ...LOCAL, id: 'utility', purposes: ['water'] },
    { ...LOCAL, id: 'general', yearCaps: capsOf(f.generalFundCaps) },
    { ...LOCAL, id: 'nobody' },
  ]
  const found = optimize(
    {
      ...case2Problem,
      years,
      fiscalYearStartMonth: 7,
      funds,
      kinds: needs.map(({ purpose, activity }) => ({ ...ANYTHING, purpose, activity })),
      sites: needs.map(({ year, cents }, kind) => ({
        ...case2Problem.sites[0]!,
        key: String(kind),
        deadline: null,
        parts: [{ kind, costCents: new Map([[year, cents]]) }],
      })),
    },
    solver,
    20,
  )
  const paid = (id: string, year?: number) =>
    sum(
      found.payments
        .filter((one) => funds[one.payer.fund]!.id === id && (year ?? one.window.year) === one.window.year)
        .map((one) => one.cents),
    )
  return { needs, years, paid }
}

t.test('case 3: grant, match, utility and the general fund gap, to the cent', async (t) => {
  const f = case3.funding
  // The grant of the case is drawn in proportion to the work: 192 of 240 devices in FY2027.
  const { needs, years, paid } = case3Payments({
    yearCaps: [
      { fiscalYear: 2027, cents: (dollars(f.grantCap) * 192n) / 240n },
      { fiscalYear: 2028, cents: (dollars(f.grantCap) * 48n) / 240n },
    ],
  })
  type Need = (typeof needs)[number]
  const of = (match: (n: Need) => boolean) => sum(needs.filter(match).map((n) => n.cents))
  const isSafety = (n: Need) => n.purpose === 'public-safety'
  const general = (year: number) => paid('general', year) + paid('nobody', year)
  const eligible = of((n) => isSafety(n) && n.activity === 'replacement')
  t.same(
    {
      disposal: formatCents(of((n) => isSafety(n) && n.activity === 'disposal')),
      eligible: formatCents(eligible),
      wanted: formatCents(roundHalfUp(times(percent(75), ratio(eligible)))),
      grant: formatCents(paid('grant')),
      match: formatCents(matchFor(paid('grant'), 75)),
      publicSafetyLocal: formatCents(of(isSafety) - paid('grant')),
      utility: formatCents(paid('utility')),
      generalFundNeed: formatCents(general(years[0]!) + general(years[1]!)),
      generalFund2027: formatCents(general(years[0]!)),
      generalFund2028: formatCents(general(years[1]!)),
      gap2027: formatCents(paid('nobody', years[0]!)),
      gap2028: formatCents(paid('nobody', years[1]!)),
      checkSum: formatCents(sum(['grant', 'utility', 'general', 'nobody'].map((id) => paid(id)))),
    },
    f.expected,
  )
  // One pot over its period helps where it is short: FY2027 takes all of it, and the gap is 50,000.00 less.
  const pooled = case3Payments({})
  t.equal(formatCents(pooled.paid('grant', 2027)), '250000.00')
  t.equal(formatCents(pooled.paid('nobody')), '258814.70')
})

t.test('case 3: what is written off, apart from cash', async (t) => {
  const w = case3.writeOff
  const result = writeOff(
    w.cohorts.map(
      (c: { key: string; quantity: number; unit: string; inServiceOn: string; lifeMonths: number }) => ({
        ...c,
        unitCents: dollars(c.unit),
        capitalization: 'as-group' as const,
      }),
    ),
    { on: w.on, convention: 'full-month', fiscalYearStartMonth: 7 },
  )
  for (const [i, value] of result.cohorts.entries()) {
    const { original, monthsElapsed, accumulated, book } = w.cohorts[i]
    t.same(
      [
        formatCents(value.originalCents),
        value.monthsElapsed,
        formatCents(value.accumulatedCents),
        formatCents(value.bookCents),
      ],
      [original, monthsElapsed, accumulated, book],
    )
  }
  t.equal(formatCents(result.totalCents), w.total)
})

// ---- funding in general ----

t.test(
  'federal money never pays for restricted equipment, nor for equipment not known to be free of it',
  async (t) => {
    const federal = { ...LOCAL, isFederal: true }
    t.equal(ineligibility(ANYTHING, federal), null)
    t.equal(ineligibility({ ...ANYTHING, isRestricted: true }, federal), 'restricted-equipment')
    t.equal(ineligibility({ ...ANYTHING, isRestricted: null }, federal), 'restriction-unknown')
    t.equal(ineligibility({ ...ANYTHING, isRestricted: true, activity: 'removal' }, federal), null)
    t.equal(ineligibility({ ...ANYTHING, isRestricted: true }, LOCAL), null)
  },
)

t.test('a source pays only for its purposes, activities and kinds', async (t) => {
  const why = (over: Partial<PhasingFund>, of: Partial<PhasingKind> = {}) =>
    ineligibility({ ...ANYTHING, ...of }, { ...LOCAL, ...over })
  t.equal(why({}), null)
  t.equal(why({ purposes: ['water'] }), 'purpose')
  t.equal(why({ activities: ['disposal'] }), 'activity')
  t.equal(why({ costKinds: ['soft'] }), 'cost-kind')
  t.equal(why({ paysBetterment: false }, { isBetterment: true }), 'betterment')
})

t.test('a bond is paid back in level payments, and the last one takes the rest', async (t) => {
  const payments = levelPayments(10_000_000n, { ratePercent: 4, years: 10 })
  t.same(payments, [...new Array(9).fill(1_232_909n), 1_232_916n])
  t.same(levelPayments(100n, { ratePercent: 0, years: 3 }), [33n, 33n, 34n])
  t.same(levelPayments(12_345n, { ratePercent: 5, years: 1 }), [12_962n])
  t.same(levelPayments(0n, { ratePercent: 5, years: 2 }), [0n, 0n])
  const { years, interest } = debtServiceOf(
    [
      { fiscalYear: 2027, cents: 10_000_000n },
      { fiscalYear: 2028, cents: 100n },
    ],
    { ratePercent: 4, years: 10 },
  )
  t.same([years[0], years.at(-1)!.fiscalYear], [{ fiscalYear: 2028, cents: 1_232_909n }, 2038])
  t.equal(sum(years.map(({ cents }) => cents)) - interest, 10_000_100n, 'principal to the cent')
})

t.test('book value: half-year convention, life over, expensed, group capitalization', async (t) => {
  const cohort = {
    key: 'c',
    quantity: 1,
    unitCents: 96_000n,
    inServiceOn: '2024-02-29',
    lifeMonths: 96,
    capitalization: 'individually' as const,
  }
  const value = (on: string, convention: 'full-month' | 'half-year', over = {}) =>
    bookValue({ ...cohort, ...over }, { on, convention, fiscalYearStartMonth: 7 }).bookCents
  t.equal(value('2024-02-28', 'full-month'), 96_000n, 'not yet in service')
  t.equal(value('2024-02-29', 'full-month'), 95_000n, 'the month it came in counts')
  t.equal(value('2024-06-30', 'half-year'), 96_000n, 'gone in the year it came')
  t.equal(value('2025-01-01', 'half-year'), 84_000n, 'half a year twice')
  t.equal(value('2026-06-30', 'half-year'), 72_000n)
  t.equal(value('2040-01-01', 'full-month'), 0n)
  t.equal(value('2025-01-01', 'full-month', { capitalization: 'expensed' }), 0n)
  t.throws(() => value('2025-01-01', 'full-month', { lifeMonths: 0 }), InvalidInput)

  const policy = { thresholdCents: 250_000n, groupsPurchases: true }
  t.equal(capitalization({ quantity: 140, unitCents: 42_000n }, policy), 'as-group')
  t.equal(
    capitalization({ quantity: 140, unitCents: 42_000n }, { ...policy, groupsPurchases: false }),
    'expensed',
  )
  t.equal(capitalization({ quantity: 1, unitCents: 250_000n }, policy), 'individually')
  t.equal(capitalization({ quantity: 5, unitCents: 42_000n }, policy), 'expensed')
})

// ---- schedule in general ----

const PLAIN = { holidays: new Set<string>(), workweek: MONDAY_TO_FRIDAY }

t.test('working days count both ends and skip holidays, over a leap day too', async (t) => {
  t.equal(workingDaysBetween('2028-02-28', '2028-03-01', PLAIN), 3)
  t.equal(workingDaysBetween('2028-02-28', '2028-03-01', { ...PLAIN, holidays: new Set(['2028-02-29']) }), 2)
  t.equal(workingDaysBetween('2027-03-02', '2027-03-01', PLAIN), 0)
  t.equal(workingDay('2027-03-06', 1, PLAIN), '2027-03-08')
  t.equal(workingDay('2027-03-07', -1, PLAIN), '2027-03-05')
  t.throws(() => workingDay('2027-03-07', 1, { ...PLAIN, workweek: [] }), InvalidInput)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9000 }), fc.integer({ min: 1, max: 300 }), (offset, n) => {
      const from = addDays('2020-01-01', offset)
      return workingDaysBetween(from, workingDay(from, n, PLAIN), PLAIN) === n
    }),
  )
})

t.test('federal holidays fall on the days they are observed', async (t) => {
  // OPM, 2027 holiday schedule: Juneteenth on Friday 06-18, Independence Day on Monday 07-05,
  // Christmas on Friday 12-24; New Year's Day 2028, a Saturday, on Friday 2027-12-31.
  t.same(usFederalHolidays(2027), [
    '2027-01-01',
    '2027-01-18',
    '2027-02-15',
    '2027-05-31',
    '2027-06-18',
    '2027-07-05',
    '2027-09-06',
    '2027-10-11',
    '2027-11-11',
    '2027-11-25',
    '2027-12-24',
    '2027-12-31',
  ])
  t.equal(usFederalHolidays(2028)[0], '2028-01-17', 'that New Year is not counted twice')
})

t.test(
  'nothing to replace is done, no working day is no rate, and a faster crew is never later',
  async (t) => {
    const run = (devices: number, ratePerDay: string | number, deadline = '2027-07-14') =>
      rollOut({
        orderedOn: '2027-01-15',
        leadDays: 75,
        deadline,
        devices: Array.from({ length: devices }, (_, i) => String(i)),
        ratePerDay,
        calendar: PLAIN,
        fiscalYearStartMonth: 7,
      })
    t.match(run(0, 3), { completeOn: null, shortfall: 0, workingDaysNeeded: 0, fiscalYears: [] })
    t.match(run(5, 3, '2027-03-01'), { requiredRate: null, doneByDeadline: 0, shortfall: 5 })
    t.throws(() => run(5, 0), InvalidInput)
    t.throws(() => run(5, '-1'), InvalidInput)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 80 }), (devices, tenths) => {
        const slow = run(devices, (tenths / 10).toFixed(1))
        const fast = run(devices, ((tenths + 1) / 10).toFixed(1))
        return (
          fast.completeOn! <= slow.completeOn! &&
          fast.shortfall <= slow.shortfall &&
          slow.replacedOn.filter((day) => day <= '2027-07-14').length === slow.doneByDeadline &&
          slow.fiscalYears.reduce((n, year) => n + year.devices, 0) === devices
        )
      }),
    )
  },
)

t.test('the burn-down ends at what is left', async (t) => {
  t.same(
    burnDown(
      [
        { points: 40, devices: 1, replacedOn: '2027-03-10' },
        { points: 95, devices: 1, replacedOn: null },
      ],
      ['2027-03-09', '2027-03-10'],
    ),
    [
      { on: '2027-03-09', openPoints: 135, openDevices: 2 },
      { on: '2027-03-10', openPoints: 95, openDevices: 1 },
    ],
  )
})

// ---- cost catalog ----

const TODAY = '2026-11-23'
const prices = pricesInForce(catalogue, [], TODAY)
const group = (over: Partial<DeviceGroup> = {}): DeviceGroup => ({
  siteId: 'City Hall',
  department: null,
  purpose: 'traffic',
  deviceClass: 'camera',
  vendor: 'hikvision',
  restriction: 'prohibited',
  riskPoints: 80,
  scope: 'like-for-like',
  costCode: 'CAM-DOME-OUT',
  mount: 'building',
  isRestricted: false,
  count: 10,
  ...over,
})
/** Bare prices: nothing on top of them, and no rise until they are paid. */
const settings: PlanSettings = {
  ...defaultSettings(2027),
  percentCodes: [],
  projectCosts: [],
  escalationPercent: 0,
  polesPerDay: 3,
}
const linesFor = (...groups: readonly DeviceGroup[]) => planLines(groups, settings, prices, 7).lines
/** Without what a visit to the site costs, however many cameras there are. */
const ofCameras = (...groups: readonly DeviceGroup[]) =>
  linesFor(...groups).filter((line) => line.tags?.deviceClass === 'camera')

t.test(
  'the default catalog has 88 rows, every one with a source, and goes out and in unchanged',
  async (t) => {
    t.equal(catalogue.rows.length, 88)
    const count = (c: string) => catalogue.rows.filter((row) => row.confidence === c).length
    t.same([count('high'), count('medium'), count('low')], [12, 10, 66])
    for (const row of catalogue.rows) {
      const record = recordOfRow(row)
      t.same(Object.keys(record), COST_COLUMNS)
      t.same(rowOfRecord(record).row, row, row.code)
    }
  },
)

t.test('a faulty catalog is refused with every fault', async (t) => {
  const [row] = catalogue.rows
  const faults = (rows: unknown[]) =>
    faultsIn(() => readCostCatalogue({ version: '1', currency: 'USD', rows }))
  t.same(faults([row, row]), ['/rows/1/code'])
  t.same(faults([{ ...row, low: 50_000 }]), ['/rows/0'])
  t.same(faults([{ ...row, low: 100.5 }]), ['/rows/0'])
  t.same(faults([{ ...row, unit: 'parsec' }]), ['/rows/0/unit'])
  t.same(faults([{ ...row, unit: 'percent' }]), ['/rows/0/measure'])
  t.same(faults([{ ...row, asOf: '2026-02-30', source: '' }]), ['/rows/0/source', '/rows/0/asOf'])
  t.match(rowOfRecord({ ...recordOfRow(row!), low: '1.234' }), { row: null, issues: [{ pointer: '/low' }] })
  t.match(rowOfRecord({ ...recordOfRow(row!), low: '9999' }), {
    row: null,
    issues: [{ detail: /low <= expected/ }],
  })
  t.match(rowOfRecord({ code: 'X' }).row, null)
})

t.test("a city's quote stands for the default, and the difference is shown", async (t) => {
  const quote: Quote = {
    code: 'CAM-DOME-OUT',
    basis: 'vendor-quote',
    currency: 'USD',
    low: 50_000,
    expected: 58_500,
    high: 70_000,
    quotedOn: '2026-10-01',
    validUntil: '2026-12-31',
    source: 'quote 4711',
  }
  const price = (quotes: Quote[], on: string) => pricesInForce(catalogue, quotes, on).get('CAM-DOME-OUT')!
  t.match(price([quote], TODAY), {
    basis: 'vendor-quote',
    expected: 58_500,
    difference: { low: 15_000, expected: -6_500, high: -60_000, expectedRatio: -0.1 },
  })
  t.match(price([quote], '2027-01-01'), { basis: 'catalog', expected: 65_000, difference: null })
  t.equal(price([quote], '2026-09-30').basis, 'catalog', 'not yet quoted')
  t.equal(price([quote, { ...quote, expected: 60_000, quotedOn: '2026-11-01' }], TODAY).expected, 60_000)
  for (const bad of [
    { code: 'NO-SUCH' },
    { currency: 'CAD' },
    { low: 60_000 },
    { low: -1 },
    { high: 70_000.5 },
  ])
    t.throws(() => price([{ ...quote, ...bad }], TODAY), InvalidInput, JSON.stringify(bad))
})

t.test('a price is stale when its evidence is more than 24 months old', async (t) => {
  const stale = (on: string) => pricesInForce(catalogue, [], on).get('LAB-TECH-INH')!.isStale
  t.equal(stale('2026-01-01'), false, 'as of 2024-01-01: to the day 24 months')
  t.equal(stale('2026-01-02'), true)
  t.equal([...prices.values()].filter((price) => price.isStale).length, 14)
})

t.test('lines hold what a camera needs, and agree with what whole jobs cost', async (t) => {
  const turnkey = (of: DeviceGroup) =>
    checkAgainstTurnkey({ mount: of.mount, vms: settings.vms, cameras: of.count }, ofCameras(of), prices)
  const building = group()
  t.same(
    ofCameras(building).map((line) => [line.tags!.code, line.quantity]),
    [
      ['CAM-DOME-OUT', 10],
      ['INF-MOUNT', 10],
      ['INF-RETERM', 10],
      ['HRS-BLDG', 10],
      ['HRS-CFG', 10],
      ['VMS-LIC', 10],
      ['DSP-REMOVE', 10],
      ['DSP-SAN', 10],
      ['DSP-RECYCLE', 10],
    ],
  )
  // 650 + 90 + 60 + 2.5 x 125 + 0.75 x 150 + 225 + 25 + 15 + 6
  t.match(turnkey(building), { builtUpCents: 149_600n, verdict: 'inside', warning: null })

  const pole = group({ mount: 'pole', costCode: 'CAM-PTZ' })
  const quantity = (lines: readonly EstimateLine[], code: string) =>
    lines.find((line) => line.tags!.code === code)?.quantity
  t.equal(quantity(linesFor(pole), 'HRS-POLE'), 20, 'a crew is two people')
  t.equal(quantity(linesFor(pole), 'ACC-BUCKET-D'), 4, 'three poles a day')
  t.equal(quantity(linesFor(pole), 'ACC-TTC'), 4)
  t.equal(quantity(linesFor(pole), 'ACC-PERMIT'), 10)
  t.equal(turnkey(pole)!.verdict, 'inside')
  const inPark = { ...pole, purpose: 'public-safety' }
  t.equal(quantity(linesFor(inPark), 'ACC-TTC'), undefined, 'no lane is closed off the public way')

  const check = turnkey(group({ costCode: 'CAM-THERMAL-PTZ' }))!
  t.equal(check.verdict, 'above')
  t.match(check.warning, /\$16,846.00 per camera is above .*\$900.00 to \$2,500.00, TURN-INDOOR/)
  t.same(linesFor(), [])
  t.equal(turnkey(group({ count: 0 })), null)
  t.throws(() => linesFor(group({ costCode: 'CAM-NONE' })), InvalidInput)
})

t.test('one site more pays one visit more and nothing else', async (t) => {
  const cost = (...groups: DeviceGroup[]) => estimated(linesFor(...groups)).pointCents
  const [five, there] = [group({ count: 5 }), group({ count: 5, siteId: 'Library' })]
  const price = (code: string) => prices.get(code)!.expected
  const visit = price('ACC-MOB') + (price('HRS-SURVEY') + price('HRS-ASBUILT')) * price('LAB-TECH')
  t.equal(cost(five, there) - cost(group()), BigInt(visit))
  t.equal(price('ACC-MOB'), 45_000)
})

t.test('percentages bear on what they are of, and do not compound', async (t) => {
  const uplift = (category: Parameters<typeof upliftOf>[0], percentCodes: string[], contractorPercent = 0) =>
    toFixed(upliftOf(category, { percentCodes, contractorPercent }, prices), 4)
  t.equal(uplift('hardware.camera', ['SFT-PM']), '1.0800')
  t.equal(uplift('labor.hours', ['SFT-PM', 'SFT-FREIGHT']), '1.0800', 'no freight on labor')
  t.equal(uplift('hardware.camera', ['SFT-PM', 'SFT-FREIGHT', 'SFT-TAX'], 15), '1.2500')
  t.equal(uplift('soft', ['SFT-PM']), '1.0000')
  t.throws(() => uplift('access', ['CAM-PTZ']), InvalidInput)
  t.throws(() => uplift('access', ['ECO-ESC']), InvalidInput)
  t.throws(() => lineOf({ keyPrefix: '', codes: ['HRS-BLDG'], quantity: 1 }, prices), /one price is needed/)
  t.throws(() => lineOf({ keyPrefix: '', codes: ['SFT-PM'], quantity: 1 }, prices), InvalidInput)
  t.ok(compare(upliftOf('material', { percentCodes: [], contractorPercent: 0 }, prices), ONE) === 0)
})

t.test(
  'many sites at one price are one unknown: the spread of a city is not that of independent sites',
  async (t) => {
    const lines = linesFor(...Array.from({ length: 50 }, (_, i) => group({ siteId: `S${i}` })))
    const city = estimated(lines)
    const site = estimated(linesFor(group()))
    t.ok(Math.abs(city.coefficientOfVariation - site.coefficientOfVariation) < 1e-9)
    t.equal(city.tornado.length, site.tornado.length)
  },
)
