/** Which site when, and who pays which part: the one program against enumeration that shares nothing with it. */

import t from 'tap'
import { addDays, type PlainDate } from '../src/lib/calendar.ts'
import { type Cents, percent, sum } from '../src/lib/money.ts'
import { addMonths, fiscalYearOf, fiscalYearPeriod } from '../src/planning/model/fiscal-year.ts'
import { loadSolver } from '../src/planning/schedule/highs.ts'
import { isWorkingDay, workingDaysBetween } from '../src/planning/schedule/model/crew-calendar.ts'
import { type Optimized, optimize } from '../src/planning/schedule/model/phasing/optimize.ts'
import { compareOutcomes, evaluate, type Outcome } from '../src/planning/schedule/model/phasing/outcome.ts'
import { prepare } from '../src/planning/schedule/model/phasing/prepare.ts'
import {
  NO_LIMITS,
  type PhasingFund,
  type PhasingKind,
  type PhasingProblem,
  type PhasingSite,
} from '../src/planning/schedule/model/phasing/problem.ts'
import { remediesOf } from '../src/planning/schedule/model/phasing/remedies.ts'
import { costsByYear } from '../src/planning/schedule/model/site-costs.ts'
import fc from './support/properties.ts'

t.setTimeout(1_200_000)

const solve = await loadSolver(1)
const EVERY_DAY = [1, 2, 3, 4, 5]

const kindOf = (over: Partial<PhasingKind> = {}): PhasingKind => ({
  purpose: 'public-safety',
  activity: 'replacement',
  costKind: 'hard',
  isRestricted: false,
  isBetterment: false,
  leadDays: 0,
  ...over,
})
const HARD = 0
const SOFT = 1
const KINDS = [kindOf(), kindOf({ costKind: 'soft' })]

const fundOf = (id: string, over: Partial<PhasingFund> = {}): PhasingFund => ({ ...NO_LIMITS, id, ...over })
const caps = (...dollars: number[]) =>
  dollars.map((amount, i) => ({ fiscalYear: 2027 + i, cents: BigInt(Math.round(amount * 100)) }))
const cents = (dollars: number) => BigInt(Math.round(dollars * 100))

interface SiteWish {
  readonly risk?: number
  readonly hard?: number
  readonly soft?: number
  readonly due?: PlainDate
  readonly days?: number
  readonly after?: readonly string[]
  readonly boundTo?: readonly string[]
}

const siteOf = (key: string, years: readonly number[], wish: SiteWish): PhasingSite => ({
  key,
  riskPoints: wish.risk ?? 10,
  parts: (
    [
      [HARD, wish.hard ?? 0],
      [SOFT, wish.soft ?? 0],
    ] as const
  )
    .filter(([, dollars]) => dollars > 0)
    .map(([kind, dollars]) => ({ kind, costCents: new Map(years.map((year) => [year, cents(dollars)])) })),
  deadline: wish.due ?? null,
  crewDays: wish.days ?? 5,
  after: wish.after ?? [],
  boundTo: wish.boundTo ?? [],
})

const problemOf = (
  years: number,
  sites: Readonly<Record<string, SiteWish>>,
  funds: readonly PhasingFund[],
  over: Partial<PhasingProblem> = {},
): PhasingProblem => {
  const all = Array.from({ length: years }, (_, i) => 2027 + i)
  return {
    years: all,
    fiscalYearStartMonth: 1,
    kinds: KINDS,
    sites: Object.entries(sites).map(([key, wish]) => siteOf(key, all, wish)),
    funds,
    startOn: '2027-01-01',
    lanes: 5,
    holidays: new Set(),
    workweek: EVERY_DAY,
    maxSitesPerYear: null,
    discountPercent: 4,
    ...over,
  }
}

const yearsOf = (found: Optimized) =>
  Object.fromEntries([...found.plan].map(([key, window]) => [key, window?.year ?? null]))
const paidBy = (found: Optimized, problem: PhasingProblem) =>
  problem.funds.map((fund, f) => [
    fund.id,
    Number(sum(found.payments.filter((one) => one.payer.fund === f).map((one) => one.cents))) / 100,
  ])
const startOf = (found: Optimized, problem: PhasingProblem, key: string) => {
  const { workDays, place } = prepare(problem)
  return workDays.days[found.calendar.get(place.get(key)!)!.first]!
}
const lead = (days: number) => KINDS.map((kind) => ({ ...kind, leadDays: days }))

t.test('a total is one pot over its period', async (t) => {
  const pot = fundOf('grant', { totalCapCents: cents(180_000) })
  const sites = { A: { hard: 60_000 }, B: { hard: 60_000, risk: 8 }, C: { hard: 60_000, risk: 6 } }
  const found = optimize(problemOf(3, sites, [pot]), solve, 10)
  t.same(yearsOf(found), { A: 2027, B: 2027, C: 2027 })
  t.equal(found.outcome.riskPointYears, 0)
  t.equal(found.status, 'optimal')
})

t.test('a fund pays on the days of its period, also inside a fiscal year', async (t) => {
  const sites = { A: { hard: 50_000 }, B: { hard: 50_000, risk: 8 } }
  const dated = fundOf('grant', {
    totalCapCents: cents(100_000),
    period: { from: '2027-04-01', to: '2028-04-01' },
  })
  const problem = problemOf(2, sites, [dated])
  const found = optimize(problem, solve, 10)
  t.same(yearsOf(found), { A: 2027, B: 2027 })
  t.ok(startOf(found, problem, 'A') >= '2027-04-01')
  t.ok(startOf(found, problem, 'B') >= '2027-04-01')

  // January 2027 has 21 days from Monday to Friday.
  for (const [days, expected] of [
    [21, 2027],
    [22, null],
  ] as const) {
    const january = fundOf('grant', { period: { from: '2027-01-01', to: '2027-02-01' } })
    const busy = problemOf(1, { A: { hard: 50_000, days } }, [january])
    t.equal(yearsOf(optimize(busy, solve, 10)).A, expected, `${days} days of work in January`)
  }

  // Ordered in the period, worked after it: only where the period is that of the order.
  for (const [periodOf, expected] of [
    ['order', 2027],
    ['work', null],
  ] as const) {
    const brief = fundOf('grant', {
      totalCapCents: cents(100_000),
      period: { from: '2027-04-01', to: '2027-05-01' },
      periodOf,
    })
    const waits = problemOf(2, { A: { hard: 50_000 } }, [brief], { kinds: lead(75) })
    t.equal(yearsOf(optimize(waits, solve, 10)).A, expected, periodOf)
  }
})

t.test('funds mix at one site by kind of cost', async (t) => {
  const sites = { A: { hard: 50_000, soft: 10_000 }, B: { hard: 50_000, soft: 10_000, risk: 8 } }
  const problem = problemOf(2, sites, [
    fundOf('bond', { totalCapCents: cents(100_000), costKinds: ['hard'] }),
    fundOf('it', { yearCaps: caps(10_000, 10_000), costKinds: ['soft'] }),
  ])
  const found = optimize(problem, solve, 10)
  t.same(yearsOf(found), { A: 2027, B: 2028 })
  t.equal(found.outcome.riskPointYears, 8)
  t.equal(found.outcome.presentValueCents, 11_769_231n)
  t.same(paidBy(found, problem), [
    ['bond', 100_000],
    ['it', 20_000],
  ])
})

t.test('what is called possible has a payer for every cent', async (t) => {
  const problem = problemOf(1, { A: { hard: 50_000 }, B: { hard: 0.01, soft: 40_000 } }, [
    fundOf('flexible', { yearCaps: caps(50_000) }),
    fundOf('equipment', { yearCaps: caps(40_000.01), costKinds: ['hard'] }),
  ])
  const found = optimize(problem, solve, 10)
  t.ok(found.outcome.isComplete)
  t.same(paidBy(found, problem), [
    ['flexible', 50_000],
    ['equipment', 40_000.01],
  ])
  // One cent less and it is not possible.
  const less = {
    ...problem,
    funds: [problem.funds[0]!, fundOf('equipment', { yearCaps: caps(40_000), costKinds: ['hard'] })],
  }
  t.equal(optimize(less, solve, 10).outcome.isComplete, false)
})

t.test('equipment waits for the lead time from the day its money may be committed', async (t) => {
  const funds = [
    fundOf('grant', { totalCapCents: cents(50_000), period: { from: '2027-04-01', to: null } }),
    fundOf('general', { yearCaps: [{ fiscalYear: 2028, cents: cents(50_000) }] }),
  ]
  const over = { kinds: lead(75) }
  const due = problemOf(
    2,
    { A: { hard: 50_000, due: '2027-05-31' }, B: { hard: 50_000, risk: 8 } },
    funds,
    over,
  )
  const found = optimize(due, solve, 10)
  t.same(yearsOf(found), { A: null, B: 2027 })
  t.same(paidBy(found, due), [
    ['grant', 50_000],
    ['general', 0],
  ])
  const free = problemOf(2, { A: { hard: 50_000 }, B: { hard: 50_000, risk: 8 } }, funds, over)
  const both = optimize(free, solve, 10)
  t.same(yearsOf(both), { A: 2027, B: 2028 })
  t.ok(startOf(both, free, 'A') >= '2027-06-15', 'grant from April 1, 75 days later')
  t.ok(startOf(both, free, 'B') >= '2028-03-16', 'the money of a year is committed in it')
})

t.test('what is ordered or used elsewhere is gone, and binds its site to the fund', async (t) => {
  const general = fundOf('general', {
    yearCaps: caps(100_000, 60_000, 60_000),
    used: [{ fiscalYear: 2027, cents: cents(20_000 + 45_000) }],
  })
  // Of the 60,000 of A 20,000 are ordered.
  const found = optimize(
    problemOf(3, { A: { hard: 40_000 }, B: { hard: 60_000, risk: 8 } }, [general]),
    solve,
    10,
  )
  t.same(yearsOf(found), { A: 2028, B: 2029 })
  t.equal(found.outcome.riskPointYears, 26)
  const ends = fundOf('grant', { totalCapCents: cents(90_000), period: { from: null, to: '2027-03-01' } })
  const bound = optimize(
    problemOf(2, { A: { hard: 40_000, boundTo: ['grant'], due: '2027-02-01', days: 40 } }, [ends, general]),
    solve,
    10,
  )
  t.equal(yearsOf(bound).A, null, 'too few days before the grant ends')
})

t.test('crews are counted by day, with sites dark at once', async (t) => {
  const sites = {
    A: { days: 150 },
    B: { days: 150, risk: 9 },
    C: { days: 100, risk: 8 },
  }
  const all = fundOf('all')
  const found = optimize(problemOf(3, sites, [all], { lanes: 1 }), solve, 10)
  t.same(yearsOf(found), { A: 2027, B: 2028, C: 2027 })
  t.equal(found.outcome.riskPointYears, 9)
})

t.test('a share is met by its match, to the cent', async (t) => {
  const federal = fundOf('federal', { isFederal: true, sharePercent: 75, totalCapCents: cents(200_000) })
  const local = fundOf('local', { yearCaps: caps(20_000, 20_000) })
  const sites = { A: { hard: 80_000 }, B: { hard: 80_000, risk: 8 } }
  const problem = problemOf(2, sites, [federal, local])
  const found = optimize(problem, solve, 10)
  t.same(yearsOf(found), { A: 2027, B: 2028 })
  t.same(paidBy(found, problem), [
    ['federal', 120_000],
    ['local', 40_000],
  ])
  const other = fundOf('other', { yearCaps: caps(80_000, 80_000) })
  const named = problemOf(2, sites, [{ ...federal, matchSources: ['other'] }, local, other])
  t.same(paidBy(optimize(named, solve, 10), named), [
    ['federal', 120_000],
    ['local', 0],
    ['other', 40_000],
  ])
  // A state's share is matched like any other.
  const state = { ...federal, id: 'state', isFederal: false, sharePercent: 50 }
  const half = problemOf(1, { A: { hard: 80_000 } }, [state, fundOf('local')])
  t.same(paidBy(optimize(half, solve, 10), half), [
    ['state', 40_000],
    ['local', 40_000],
  ])
  // A purchase of the grant that has no match yet is made good before it pays more.
  const behind = {
    ...federal,
    committedCents: cents(60_000),
    used: [{ fiscalYear: 2027, cents: cents(60_000) }],
  }
  const rest = problemOf(1, { A: { hard: 20_000 } }, [behind, fundOf('local')])
  t.same(paidBy(optimize(rest, solve, 10), rest), [
    ['federal', 0],
    ['local', 20_000],
  ])
})

t.test(
  'a match is met in each year where the share is of the year, and over the award where it is not',
  async (t) => {
    // All that may match comes in the second year.
    const local = fundOf('local', { yearCaps: caps(0, 80_000) })
    const sites = { A: { hard: 40_000, due: '2027-12-31' }, B: { hard: 40_000, risk: 8 } }
    for (const [shareOf, expected] of [
      ['award', { A: 2027, B: 2028 }],
      ['fiscal-year', { A: null, B: 2028 }],
      ['item', { A: null, B: 2028 }],
    ] as const) {
      const federal = fundOf('federal', {
        ...{ isFederal: true, sharePercent: 50, shareOf },
        yearCaps: caps(40_000, 80_000),
      })
      t.same(yearsOf(optimize(problemOf(2, sites, [federal, local]), solve, 10)), expected, shareOf)
    }
  },
)

t.test('federal money is no match of federal money, and no dollar matches two grants', async (t) => {
  const grant = (id: string, dollars: number, over: Partial<PhasingFund> = {}) =>
    fundOf(id, { isFederal: true, totalCapCents: cents(dollars), ...over })
  const can = (dollars: number, funds: readonly PhasingFund[]) =>
    yearsOf(optimize(problemOf(1, { A: { hard: dollars } }, funds), solve, 10)).A === 2027
  const half = { sharePercent: 50 }
  const other = grant('whole', 50_000)
  t.notOk(can(100_000, [grant('half', 50_000, half), other]), 'nothing but federal money beside it')
  t.ok(
    can(100_000, [grant('half', 50_000, { ...half, matchSources: ['whole'] }), other]),
    'where it is named',
  )
  const two = [grant('one', 50_000, half), grant('two', 50_000, half)]
  t.notOk(can(150_000, [...two, fundOf('local', { totalCapCents: cents(50_000) })]), 'one match for both')
  t.ok(can(200_000, [...two, fundOf('local', { totalCapCents: cents(100_000) })]), 'a match for each')
})

t.test('money carried forward adds up', async (t) => {
  const general = fundOf('general', { yearCaps: caps(50_000, 50_000, 50_000), carriesForward: true })
  const sites = { A: { hard: 90_000 }, B: { hard: 60_000, risk: 8 } }
  const found = optimize(problemOf(3, sites, [general]), solve, 10)
  t.same(yearsOf(found), { A: 2028, B: 2029 })
  t.equal(found.outcome.riskPointYears, 26)
  t.equal(found.outcome.presentValueCents, 14_201_183n)
  const lapses = optimize(problemOf(3, sites, [{ ...general, carriesForward: false }]), solve, 10)
  t.same(yearsOf(lapses), { A: null, B: null })
})

// ---- the oracle: day by day, site by site, fund by fund ----

/** Working days on which a visit may begin, with who may pay each part on all of its days. */
interface Opening {
  readonly site: number
  readonly year: number
  readonly first: number
  readonly last: number
  /** Per part: funds and the year whose cap pays. */
  readonly payers: readonly (readonly (readonly [fund: number, year: number | null])[])[]
}

function openingsOf(problem: PhasingProblem, site: number, days: readonly PlainDate[]): Opening[] {
  const { parts, deadline, crewDays, boundTo } = problem.sites[site]!
  const length = Math.max(1, Math.ceil(Number(crewDays)))
  const openings: (Opening & { key: string })[] = []
  for (let start = 0; start + length <= days.length; start++) {
    const visit = days.slice(start, start + length)
    const year = fiscalYearOf(visit[0]!, problem.fiscalYearStartMonth)
    const isPossible =
      visit[0]! >= problem.startOn &&
      problem.years.includes(year) &&
      fiscalYearOf(visit.at(-1)!, problem.fiscalYearStartMonth) === year &&
      (deadline === null || visit.at(-1)! <= deadline) &&
      boundTo.every((id) => {
        const { period } = problem.funds.find((fund) => fund.id === id)!
        return period.to === null || visit.at(-1)! < period.to
      })
    const payers = isPossible ? parts.map((part) => payersOn(problem, part.kind, visit, year)) : []
    const isPayable =
      isPossible && parts.every((part, p) => part.costCents.get(year) === 0n || payers[p]!.length > 0)
    const key = JSON.stringify([year, payers])
    const previous = openings.at(-1)
    if (!isPayable) continue
    if (previous?.key === key && previous.last === start - 1)
      openings[openings.length - 1] = { ...previous, last: start }
    else openings.push({ site, year, first: start, last: start, payers, key })
  }
  return openings
}

function payersOn(
  problem: PhasingProblem,
  kind: number,
  visit: readonly PlainDate[],
  workYear: number,
): readonly (readonly [number, number | null])[] {
  const { leadDays, costKind } = problem.kinds[kind]!
  const yearOf = (day: PlainDate) => fiscalYearOf(day, problem.fiscalYearStartMonth)
  // Every calendar day from the first to the last: an evening or a weekend between is no gap.
  const orders = [visit[0]!, visit.at(-1)!].map((day) => addDays(day, -leadDays)) as [PlainDate, PlainDate]
  return problem.funds.flatMap((fund, f): (readonly [number, number | null])[] => {
    if (fund.costKinds && !fund.costKinds.includes(costKind)) return []
    if (fund.period.from !== null && orders[0] < fund.period.from) return []
    const end = fund.periodOf === 'order' ? orders[1] : visit.at(-1)!
    if (fund.period.to !== null && end >= fund.period.to) return []
    if (fund.yearCaps === null) return [[f, null]]
    const year = yearOf(orders[0])
    if (fund.carriesForward) return [[f, year]]
    const ends = fund.periodOf === 'order' ? yearOf(orders[1]) : workYear
    return year === ends ? [[f, year]] : []
  })
}

/** Whether the visits can be laid out: every order of the sites, each as early as it goes. */
function hasCalendar(
  problem: PhasingProblem,
  chosen: readonly Opening[],
  days: readonly PlainDate[],
): boolean {
  const lengthOf = (site: number) => Math.max(1, Math.ceil(Number(problem.sites[site]!.crewDays)))
  const place = (rest: readonly Opening[], done: readonly (readonly [number, number, number])[]): boolean => {
    if (rest.length === 0) return true
    return rest.some((opening) => {
      const { after } = problem.sites[opening.site]!
      const ends = after.map((key) => done.find(([site]) => problem.sites[site]!.key === key)?.[2])
      if (ends.includes(undefined)) return false
      const length = lengthOf(opening.site)
      const from = Math.max(opening.first, ...(ends as number[]).map((end) => end + 1))
      for (let start = from; start <= opening.last; start++) {
        const busiest = Math.max(
          0,
          ...Array.from(
            { length },
            (_, d) => done.filter(([, a, b]) => a <= start + d && start + d <= b).length,
          ),
        )
        if (busiest >= problem.lanes) continue
        return place(
          rest.filter((other) => other !== opening),
          [...done, [opening.site, start, start + length - 1]],
        )
      }
      return false
    })
  }
  return days.length > 0 && place(chosen, [])
}

/** Whether whole cents pay everything: an integer program with a variable per site, part and fund. */
function canBePaid(problem: PhasingProblem, chosen: readonly Opening[]): boolean {
  const columns: { site: number; part: number; fund: number; year: number | null; most: number }[] = []
  for (const { site, payers, year } of chosen) {
    for (const [part, { costCents }] of problem.sites[site]!.parts.entries()) {
      for (const [fund, from] of payers[part]!)
        columns.push({ site, part, fund, year: from, most: Number(costCents.get(year)!) })
    }
  }
  const rows: { columns: number[]; values: number[]; lower: number; upper: number }[] = []
  const add = (is: (c: number) => number, lower: number, upper: number) => {
    const used = [...columns.keys()].filter((c) => is(c) !== 0)
    rows.push({ columns: used, values: used.map(is), lower, upper })
  }
  for (const { site, year } of chosen) {
    for (const [part, { costCents }] of problem.sites[site]!.parts.entries()) {
      const need = Number(costCents.get(year)!)
      add((c) => (columns[c]!.site === site && columns[c]!.part === part ? 1 : 0), need, need)
    }
  }
  const total = (list: readonly { cents: Cents }[]) => Number(sum(list.map((one) => one.cents)))
  for (const [f, fund] of problem.funds.entries()) {
    const isOwn = (c: number) => columns[c]!.fund === f
    if (fund.totalCapCents !== null)
      add((c) => (isOwn(c) ? 1 : 0), -Infinity, Number(fund.totalCapCents) - total(fund.used))
    if (fund.yearCaps !== null) {
      for (let year = 2020; year < 2040; year++) {
        const counts = (y: number) => (fund.carriesForward ? y <= year : y === year)
        const held = total(fund.yearCaps.filter((one) => counts(one.fiscalYear)))
        const used = total(fund.used.filter((one) => counts(one.fiscalYear)))
        add((c) => (isOwn(c) && counts(columns[c]!.year!) ? 1 : 0), -Infinity, held - used)
      }
    }
    const { n, d } = percent(fund.sharePercent)
    if (n === d) continue
    const counted = (c: number) =>
      !problem.funds[columns[c]!.fund]!.isFederal &&
      columns.some((o, i) => isOwn(i) && o.site === columns[c]!.site && o.part === columns[c]!.part)
    add((c) => (isOwn(c) ? Number(d - n) : counted(c) ? -Number(n) : 0), -Infinity, 0)
  }
  if (columns.length === 0) return true
  const { values } = solve(
    {
      cost: columns.map(() => 0),
      lower: columns.map(() => 0),
      upper: columns.map((column) => column.most),
      rows,
      isInteger: columns.map(() => true),
    },
    null,
    { seconds: 10, absoluteGap: 0.5, relativeGap: 0 },
  )
  return values !== null
}

/** The best outcome of all there are. */
function bestByEnumeration(problem: PhasingProblem): Outcome {
  const prepared = prepare(problem)
  const last = fiscalYearPeriod(problem.years.at(-1)!, problem.fiscalYearStartMonth).to
  const days: PlainDate[] = []
  for (
    let day = fiscalYearPeriod(problem.years[0]!, problem.fiscalYearStartMonth).from;
    day < last;
    day = addDays(day, 1)
  )
    if (isWorkingDay(day, { holidays: problem.holidays, workweek: problem.workweek })) days.push(day)
  const openings = problem.sites.map((_, site) => [null, ...openingsOf(problem, site, days)])
  let assignments: (Opening | null)[][] = [[]]
  for (const own of openings) assignments = assignments.flatMap((known) => own.map((one) => [...known, one]))
  const ranked = assignments
    .filter((chosen) => isAllowed(problem, chosen))
    .map((chosen) => ({ chosen, outcome: evaluate(prepared, placed(problem, chosen)) }))
    .sort((a, b) => compareOutcomes(a.outcome, b.outcome))
  return ranked.find(({ chosen }) => {
    const here = chosen.filter((one) => one !== null)
    return hasCalendar(problem, here, days) && canBePaid(problem, here)
  })!.outcome
}

/** Nobody waits for a site that is left out, and no year takes more sites than it may. */
function isAllowed(
  { sites, maxSitesPerYear, years }: PhasingProblem,
  chosen: readonly (Opening | null)[],
): boolean {
  const of = (key: string) => chosen[sites.findIndex((site) => site.key === key)]!
  const most = maxSitesPerYear ?? Infinity
  return (
    sites.every((site, i) => chosen[i] === null || site.after.every((key) => of(key) !== null)) &&
    years.every((year) => chosen.filter((one) => one?.year === year).length <= most)
  )
}

const placed = (problem: PhasingProblem, chosen: readonly (Opening | null)[]) =>
  new Map(
    problem.sites.map((site, i) => [
      site.key,
      chosen[i] === null
        ? null
        : ({ year: chosen[i]!.year } as unknown as ReturnType<typeof prepare>['windows'][number]),
    ]),
  )

/** Every rule of a problem holds for a plan, in whole cents and day by day; the faults in words. */
function faultsOf(problem: PhasingProblem, found: Optimized): string[] {
  const faults: string[] = []
  const { workDays, place } = prepare(problem)
  const of = (key: string) => found.calendar.get(place.get(key)!)
  const busy = new Map<number, number>()
  for (const site of problem.sites) {
    const window = found.plan.get(site.key) ?? null
    const slot = of(site.key)
    if (window === null) continue
    if (!slot) {
      faults.push(`${site.key} has no days`)
      continue
    }
    for (let day = slot.first; day <= slot.last; day++) busy.set(day, (busy.get(day) ?? 0) + 1)
    const [from, last] = [workDays.days[slot.first]!, workDays.days[slot.last]!]
    if (from < window.from || last >= window.to) faults.push(`${site.key} is outside its window`)
    if (site.deadline !== null && last > site.deadline) faults.push(`${site.key} is late`)
    if (workingDaysBetween(from, last, problem) !== Math.max(1, Math.ceil(Number(site.crewDays))))
      faults.push(`${site.key} has the wrong number of days`)
    for (const key of site.after) if (!(of(key)!.last < slot.first)) faults.push(`${site.key} does not wait`)
  }
  if ([...busy.values()].some((sites) => sites > problem.lanes)) faults.push('too many sites at once')
  const paid = sum(found.payments.map((one) => one.cents))
  if (paid !== found.outcome.nominalCents) faults.push(`${paid} paid of ${found.outcome.nominalCents}`)
  for (const [f, fund] of problem.funds.entries()) {
    const own = found.payments.filter((one) => one.payer.fund === f)
    const total = sum(own.map((one) => one.cents))
    if (fund.totalCapCents !== null && total + sum(fund.used.map((u) => u.cents)) > fund.totalCapCents)
      faults.push(`${fund.id} is overdrawn`)
    const { n, d } = percent(fund.sharePercent)
    if (n < d) {
      const match = sum(
        found.payments
          .filter((one) => !problem.funds[one.payer.fund]!.isFederal)
          .filter((one) => one.window.payers[one.set]!.some((payer) => payer.fund === f))
          .map((one) => one.cents),
      )
      if ((d - n) * total > n * match) faults.push(`${fund.id} pays more than its share`)
    }
  }
  return faults
}

const SEED = 42
const dayIn = (year: number) => fc.integer({ min: 0, max: 364 }).map((n) => addDays(`${year}-01-01`, n))

const smallFund = (id: string, isShared: boolean) =>
  fc
    .record({
      kind: fc.constantFrom('total', 'years', 'carried', 'both'),
      total: fc.integer({ min: 30, max: 220 }),
      years: fc.array(fc.integer({ min: 5, max: 110 }), { minLength: 3, maxLength: 3 }),
      from: fc.option(dayIn(2027), { freq: 2 }),
      length: fc.option(fc.integer({ min: 90, max: 900 }), { freq: 2 }),
      periodOf: fc.constantFrom('work' as const, 'work' as const, 'order' as const),
      costKinds: fc.constantFrom(null, null, null, ['hard' as const], ['soft' as const]),
      used: fc.integer({ min: 0, max: 15 }),
      share: fc.constantFrom(50, 75, 80, 90),
    })
    .map((f): PhasingFund => {
      const hasYears = f.kind !== 'total'
      const used = Math.min(f.used, hasYears ? f.years[0]! : f.total, f.kind === 'years' ? 99 : f.total)
      return fundOf(id, {
        ...(isShared ? { isFederal: true, sharePercent: f.share } : {}),
        totalCapCents: f.kind === 'total' || f.kind === 'both' ? BigInt(f.total) : null,
        yearCaps: hasYears ? f.years.map((cap, i) => ({ fiscalYear: 2027 + i, cents: BigInt(cap) })) : null,
        carriesForward: f.kind === 'carried',
        period: {
          from: f.from,
          to: f.length === null ? null : addDays(f.from ?? '2027-01-01', f.length),
        },
        periodOf: f.periodOf,
        costKinds: f.costKinds,
        used: used > 0 ? [{ fiscalYear: 2027, cents: BigInt(used) }] : [],
      })
    })

const smallProblem = (isShared: boolean) =>
  fc
    .record({
      years: fc.integer({ min: 1, max: 3 }),
      sites: fc.array(
        fc.record({
          risk: fc.integer({ min: 0, max: 20 }),
          hard: fc.integer({ min: 0, max: 60 }),
          soft: fc.integer({ min: 0, max: 25 }),
          due: fc.option(fc.constantFrom(2027, 2028, 2029).chain(dayIn), { freq: 2 }),
          days: fc.constantFrom(1, 20, 60, 110, 150),
          waits: fc.boolean(),
        }),
        { minLength: 2, maxLength: 3 },
      ),
      first: smallFund('first', isShared),
      others: fc.array(smallFund('second', false), { minLength: 1, maxLength: 1 }),
      third: fc.option(smallFund('third', false)),
      lead: fc.constantFrom(0, 45, 75),
      startMonth: fc.constantFrom(1, 1, 7, 10),
      lanes: fc.constantFrom(1, 1, 2),
      most: fc.option(fc.constantFrom(1, 2), { freq: 2 }),
    })
    .map((p): PhasingProblem => {
      const years = Array.from({ length: p.years }, (_, i) => 2027 + i)
      const terms = { contingencyPercent: 0, escalationPercent: 3, baseYear: 2027, years }
      return {
        ...problemOf(p.years, {}, [p.first, ...p.others, ...(p.third === null ? [] : [p.third])]),
        kinds: lead(p.lead),
        fiscalYearStartMonth: p.startMonth,
        lanes: p.lanes,
        maxSitesPerYear: p.most,
        sites: p.sites.map((site, i) => ({
          ...siteOf(`S${i}`, years, { risk: site.risk, days: site.days }),
          deadline: site.due,
          after: site.waits && i > 0 ? [`S${i - 1}`] : [],
          parts: [
            { kind: HARD, costCents: costsByYear(BigInt(site.hard), terms) },
            { kind: SOFT, costCents: costsByYear(BigInt(site.soft), terms) },
          ],
        })),
      }
    })

t.test('200 small plans: possible, best and paid for exactly as enumeration says', async (t) => {
  let [complete, left] = [0, 0]
  for (const [isShared, count] of [
    [false, 130],
    [true, 70],
  ] as const) {
    for (const [i, problem] of fc.sample(smallProblem(isShared), { numRuns: count, seed: SEED }).entries()) {
      const name = `${isShared ? 'shared' : 'whole'} ${i}`
      const found = optimize(problem, solve, 20)
      const best = bestByEnumeration(problem)
      if (compareOutcomes(found.outcome, best) !== 0) t.same(found.outcome, best, name)
      if (found.status !== 'optimal') t.equal(found.status, 'optimal', name)
      const faults = [...faultsOf(problem, found), ...faultsOf(problem, { ...found, ...found.greedy })]
      if (faults.length > 0) t.same(faults, [], name)
      if (best.isComplete) complete++
      else left++
    }
  }
  t.ok(complete >= 30 && left >= 30, `${complete} fit, ${left} do not`)
})

t.test('what would make a plan fit is enough, and less is not: as enumeration says', async (t) => {
  let [asked, amounts, deadlines, lanes] = [0, 0, 0, 0]
  const isComplete = (problem: PhasingProblem) => bestByEnumeration(problem).isComplete
  const kinds = [
    ['whole', smallProblem(false), 40],
    ['shared', smallProblem(true), 40],
    ['rich', smallProblem(false).map((one) => ({ ...one, lanes: 1, funds: [fundOf('rich')] })), 60],
  ] as const
  for (const [kind, problems, count] of kinds) {
    for (const [i, problem] of fc.sample(problems, { numRuns: count, seed: 7 }).entries()) {
      if (bestByEnumeration(problem).isComplete) continue
      asked++
      const { beyondMoney, enough } = remediesOf(problem, solve, 30)
      const solvable = { ...problem, sites: problem.sites.filter(({ key }) => !beyondMoney.includes(key)) }
      const faults: string[] = []
      const expect = (is: boolean, what: string) => is || faults.push(what)
      for (const remedy of enough) {
        if (remedy.kind === 'deadline') {
          deadlines++
          const later = (months: number) => ({
            ...problem,
            sites: problem.sites.map((site) => ({
              ...site,
              deadline: site.deadline && addMonths(site.deadline, months),
            })),
          })
          expect(isComplete(later(remedy.months)), `${remedy.months} months are not enough`)
          if (remedy.months === 1) continue
          const before = [1, 2, 3, 6, 9, 12, 18, 24].filter((one) => one < remedy.months).at(-1)!
          expect(!isComplete(later(before)), `${before} months are enough`)
        } else if (remedy.kind === 'lanes') {
          lanes++
          expect(isComplete({ ...problem, lanes: remedy.lanes }), 'lanes are not enough')
          expect(!isComplete({ ...problem, lanes: remedy.lanes - 1 }), 'fewer lanes are enough')
        } else if (remedy.kind === 'sites') {
          expect(isComplete({ ...problem, maxSitesPerYear: remedy.sites }), 'sites are not enough')
          expect(!isComplete({ ...problem, maxSitesPerYear: remedy.sites - 1 }), 'fewer sites are enough')
        } else {
          amounts++
          expect(remedy.isProven, 'an amount is not proven')
          const { fund, years } = remedy
          expect(isComplete(withMore(solvable, fund, years)), `${remedy.cents} of ${fund} are not enough`)
          // Local money may be spent in any year, so that one cent less is one problem.
          if (fund !== null) continue
          const less = fundOf('more', { totalCapCents: remedy.cents - 1n })
          expect(!isComplete({ ...solvable, funds: [...problem.funds, less] }), 'a cent less is enough')
        }
      }
      const local = enough.some((one) => one.kind === 'money' && one.fund === null)
      const rich = { ...solvable, funds: [...problem.funds, fundOf('more')] }
      expect(local === (!isComplete(solvable) && isComplete(rich)), 'whether money alone would do is wrong')
      if (faults.length > 0) t.same(faults, [], `${kind} ${i}`)
    }
  }
  t.ok(asked > 40 && amounts > 20 && deadlines > 3 && lanes > 1, `${asked} ${amounts} ${deadlines} ${lanes}`)
})

/** More of one fund in the years named, or as much local money in all. */
function withMore(
  problem: PhasingProblem,
  fund: number | null,
  years: readonly { readonly year: number; readonly cents: Cents }[],
): PhasingProblem {
  const more = sum(years.map((one) => one.cents))
  if (fund === null) return { ...problem, funds: [...problem.funds, fundOf('more', { totalCapCents: more })] }
  const given = problem.funds[fund]!
  const capOf = (year: number) => ({
    fiscalYear: year,
    cents:
      (given.yearCaps?.find((cap) => cap.fiscalYear === year)?.cents ?? 0n) +
      (years.find((one) => one.year === year)?.cents ?? 0n),
  })
  const all = [
    ...new Set([...(given.yearCaps ?? []).map((cap) => cap.fiscalYear), ...years.map((y) => y.year)]),
  ]
  const changed: PhasingFund = {
    ...given,
    totalCapCents: given.totalCapCents === null ? null : given.totalCapCents + more,
    yearCaps: given.yearCaps === null ? null : all.map(capOf),
  }
  return { ...problem, funds: problem.funds.map((one, f) => (f === fund ? changed : one)) }
}
