/** What the estimate and the schedule of a large city cost, and what others wait for meanwhile. */
import { Readable } from 'node:stream'
import { sfc32 } from '../src/planning/estimate/model/random.ts'
import { loadSolver } from '../src/planning/schedule/highs.ts'
import { handMade, optimize, type Stage } from '../src/planning/schedule/model/phasing/optimize.ts'
import { prepare } from '../src/planning/schedule/model/phasing/prepare.ts'
import {
  NO_LIMITS,
  type PhasingFund,
  type PhasingKind,
  type PhasingProblem,
} from '../src/planning/schedule/model/phasing/problem.ts'
import { costsByYear } from '../src/planning/schedule/model/site-costs.ts'
import { cityFile } from './city.ts'
import { BENCH_URL, newCity, newKey, scratchPostgres } from './databases.ts'
import { figure, percent, percentile, printTable, time } from './measure.ts'
import { startWorker } from './worker.ts'

const DEVICES = Number(process.env.BENCH_DEVICES ?? 20_000)
const SITES = Number(process.env.BENCH_SITES ?? 1200)
const MEAN_LOT = 25
const TRIALS = 100_000
const SOLVER_SECONDS = 20
const YEARS = 5
const FIRST_YEAR = 2027
const ASK_EVERY_MILLIS = 50
const IDLE_SECONDS = 5

export async function planning(): Promise<void> {
  await solverAlone()
  if (BENCH_URL === null) console.log('\n## A large city\nLeft out: BENCH_DATABASE_URL is not set.')
  else await largeCity(BENCH_URL)
}

async function solverAlone(): Promise<void> {
  const rows: string[][] = []
  for (const [sites, held] of [
    [12, 1.1],
    [120, 1.1],
    [120, 0.8],
    [1200, 1.1],
  ] as const) {
    const problem = madeUpProblem(sites, held)
    const prepared = prepare(problem)
    const byHand = await time(() => handMade(prepared, 'risk-per-dollar'))
    const solver = await loadSolver(1)
    const before = process.cpuUsage()
    const best = optimize(problem, solver, SOLVER_SECONDS)
    const used = process.cpuUsage(before)
    const { outcome, greedy, status, stages } = best
    rows.push([
      String(sites),
      percent(held),
      status,
      gapOf(stages),
      figure((used.user + used.system) / 1e6),
      figure(byHand / 1000),
      `${outcome.unplaced.length} / ${greedy.outcome.unplaced.length}`,
      `${figure(outcome.unplacedRiskPoints)} / ${figure(greedy.outcome.unplacedRiskPoints)}`,
      `${outcome.riskPointYears} / ${greedy.outcome.riskPointYears}`,
    ])
  }
  printTable({
    title: `Which site when and who pays: ${YEARS} years, five funds, the solver / greedy`,
    notes: [`At most ${SOLVER_SECONDS} s of solving. Caps: what the funds hold together, of the whole cost.`],
    header: [
      'sites',
      'caps',
      'status',
      'gap',
      'CPU s',
      'greedy s',
      'left out',
      'risk left out',
      'risk-point-years',
    ],
    rows,
  })
}

const KIND: PhasingKind = {
  purpose: 'facilities',
  activity: 'replacement',
  costKind: 'hard',
  isRestricted: false,
  isBetterment: false,
  leadDays: 75,
}
/** What a visit is made of, and the part of its cost. */
const PARTS: readonly (PhasingKind & { readonly percent: bigint })[] = [
  { ...KIND, percent: 62n },
  { ...KIND, costKind: 'soft', percent: 14n },
  { ...KIND, purpose: 'project', costKind: 'soft', percent: 6n },
  { ...KIND, activity: 'removal', leadDays: 0, percent: 10n },
  { ...KIND, activity: 'disposal', leadDays: 0, percent: 8n },
]
const FUND: PhasingFund = { ...NO_LIMITS, id: 'general' }

/**
 * Sites of 2 to 60 cameras; a grant with a match and a bond that begin inside a year, a general fund by year,
 * an IT fund carried forward and one tied to a purpose; crews at 80 % of their days. The same arguments give
 * the same problem.
 */
function madeUpProblem(sites: number, held: number): PhasingProblem {
  const draws = sfc32(1)
  const within = (from: number, to: number) => from + (draws() % (to - from))
  const years = Array.from({ length: YEARS }, (_, i) => FIRST_YEAR + i)
  const made = Array.from({ length: sites }, (_, i) => {
    const cameras = within(2, 60)
    const base = BigInt(cameras * within(1_500_00, 5_500_00) + 900_00)
    const isTransit = within(0, 5) === 0
    return { key: `S${String(i).padStart(4, '0')}`, cameras, risk: within(20, 101), base, isTransit }
  })
  const costs = costsByYear(
    made.reduce((total, { base }) => total + base, 0n),
    { contingencyPercent: 0, escalationPercent: 3, baseYear: FIRST_YEAR, years },
  )
  const part = (percentage: number) =>
    BigInt(Math.round((Number(costs.get(FIRST_YEAR + 2)) * held * percentage) / 100))
  const yearly = (percentage: number) =>
    years.map((fiscalYear) => ({ fiscalYear, cents: part(percentage) / BigInt(YEARS) }))
  const crewDays = (cameras: number) => Math.ceil(cameras / 4)
  const days = made.reduce((total, { cameras }) => total + crewDays(cameras), 0)
  return {
    years,
    fiscalYearStartMonth: 10,
    kinds: [...PARTS, ...PARTS.map((kind) => ({ ...kind, purpose: 'transit' }))],
    funds: [
      {
        ...FUND,
        id: 'grant',
        isFederal: true,
        sharePercent: 75,
        activities: ['replacement'],
        totalCapCents: part(20),
        period: { from: '2027-01-01', to: '2029-10-01' },
      },
      {
        ...FUND,
        id: 'bond',
        costKinds: ['hard'],
        totalCapCents: part(30),
        period: { from: '2027-02-01', to: null },
      },
      { ...FUND, yearCaps: yearly(35) },
      { ...FUND, id: 'it', costKinds: ['soft'], yearCaps: yearly(10), carriesForward: true },
      { ...FUND, id: 'transit', purposes: ['transit'], totalCapCents: part(5) },
    ],
    startOn: '2026-12-15',
    lanes: Math.ceil(days / (YEARS * 250 * 0.8)),
    holidays: new Set(),
    workweek: [1, 2, 3, 4, 5],
    maxSitesPerYear: null,
    discountPercent: 4,
    sites: made.map(({ key, cameras, risk, base, isTransit }) => ({
      key,
      riskPoints: cameras * risk,
      parts: PARTS.map(({ percent: percentage }, kind) => ({
        kind: kind + (isTransit ? PARTS.length : 0),
        costCents: costsByYear((base * percentage) / 100n, {
          contingencyPercent: 0,
          escalationPercent: 3,
          baseYear: FIRST_YEAR,
          years,
        }),
      })),
      deadline: null,
      crewDays: crewDays(cameras),
      after: [],
      boundTo: [],
    })),
  }
}

/** Of the first stage that was not proven, with the name of what it minimizes. */
function gapOf(
  stages: readonly { objective: Stage['objective']; status: Stage['status']; gap: number | null }[],
): string {
  const open = stages.find((stage) => stage.status !== 'optimal')
  return open ? `${((open.gap ?? 1) * 100).toFixed(3)} % ${open.objective}` : '0'
}

async function largeCity(serverUrl: string): Promise<void> {
  const scratch = await scratchPostgres(serverUrl)
  try {
    const city = await newCity(scratch.database, 'Largeville')
    const key = await newKey(scratch.database, 'city-editor', city)
    const worker = await startWorker(scratch.url!)
    try {
      const headers = { authorization: `Bearer ${key}` }
      const send = async (method: string, path: string, body?: unknown) => {
        const answer = await fetch(worker.service + path, {
          method,
          headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        const text = await answer.text()
        if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`)
        return text
      }
      const options = { seed: 17, meanLot: MEAN_LOT, sites: SITES, allInService: true }
      const imported = await fetch(`${worker.service}/v1/imports?fileName=city.csv`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'text/csv' },
        body: Readable.toWeb(Readable.from(cityFile(DEVICES, options))),
        duplex: 'half',
      } as unknown as RequestInit)
      if (imported.status !== 201) throw new Error(await imported.text())
      await scratch.asOwner('analyze')

      const made = JSON.parse(
        await send('POST', '/v1/plans', {
          name: 'All of it',
          settings: { firstFiscalYear: FIRST_YEAR, fiscalYears: YEARS, trials: TRIALS, crews: 40 },
        }),
      ) as { id: string }
      const plan = `/v1/plans/${made.id}`
      const took: Record<string, number> = {}
      took.devices = await time(() => send('POST', `${plan}/devices`, { filter: {} }))

      const paths = ['/v1/devices?limit=20', plan]
      const idle = await waits(worker.service, headers, paths, IDLE_SECONDS * 1000)
      const rows: string[][] = []
      const measure = async (name: string, path: string, body: unknown) => {
        const before = await worker.peakMegabytes()
        const processor = await worker.processorSeconds()
        const stop = new AbortController()
        const watching = waits(worker.service, headers, paths, Number.POSITIVE_INFINITY, stop.signal)
        let text = ''
        const millis = await time(async () => {
          text = await send('POST', path, body)
        })
        stop.abort()
        const busy = await watching
        const peak = await worker.peakMegabytes()
        const used = (await worker.processorSeconds()) - processor
        console.log(`  ${name}: ${figure(millis / 1000)} s, ${figure(used)} s of processor time`)
        for (const [i, asked] of paths.entries()) {
          rows.push([
            i === 0 ? name : '',
            i === 0 ? figure(millis / 1000) : '',
            i === 0 ? figure(used) : '',
            i === 0 ? figure(before) : '',
            i === 0 ? figure(peak) : '',
            asked.startsWith(plan) ? 'GET plan' : `GET ${asked}`,
            ...beside(busy[i]!, idle[i]!, 0.5),
            ...beside(busy[i]!, idle[i]!, 0.99),
            figure(Math.max(...busy[i]!)),
          ])
        }
        return JSON.parse(text)
      }
      const estimate = (await measure('estimate', `${plan}/estimate`, {})) as {
        sites: number
        devices: number
        atConfidenceCents: number
      }
      const rowsOfSchedule: string[][] = []
      for (const held of [1.1, 0.8]) {
        // A purse of its own for each, so that the other's is not in the way.
        const source = JSON.parse(
          await send('POST', '/v1/funding-sources', {
            name: `Holds ${percent(held)}`,
            isFederal: false,
            yearCaps: Array.from({ length: YEARS }, (_, i) => ({
              fiscalYear: FIRST_YEAR + i,
              cents: Math.round((estimate.atConfidenceCents * 1.06 * held) / YEARS),
            })),
          }),
        ) as { id: string }
        await send('PATCH', plan, { settings: { fundingSources: [source.id] } })
        await send('POST', `${plan}/estimate`, {})
        const schedule = (await measure(`schedule, caps ${percent(held)}`, `${plan}/schedule`, {
          seconds: SOLVER_SECONDS,
        })) as Schedule
        const { outcome, greedy, stages } = schedule
        rowsOfSchedule.push([
          percent(held),
          schedule.used,
          schedule.status,
          gapOf(stages),
          figure(schedule.seconds),
          `${outcome.unplacedSites} / ${greedy.unplacedSites}`,
          `${outcome.riskPointYears} / ${greedy.riskPointYears}`,
          `${figure(outcome.presentValueCents / 1e8)} / ${figure(greedy.presentValueCents / 1e8)}`,
        ])
      }
      printTable({
        title: `A plan of ${figure(estimate.devices)} devices at ${figure(estimate.sites)} sites, PostgreSQL`,
        notes: [
          `${figure(TRIALS)} trials, ${SOLVER_SECONDS} s of solving. A second client asks one of two each ${ASK_EVERY_MILLIS} ms:`,
          'milliseconds meanwhile, and how many times those of the idle service.',
          `Putting the devices into the plan took ${figure(took.devices / 1000)} s.`,
        ],
        header: [
          'job',
          'CPU s',
          'CPU s',
          'MB before',
          'MB most',
          'asked',
          'p50',
          'x idle',
          'p99',
          'x idle',
          'most',
        ],
        rows,
      })
      printTable({
        title: 'Its schedule, the plan kept / greedy',
        header: ['caps', 'kept', 'status', 'gap', 's', 'left out', 'risk-point-years', 'present value, M'],
        rows: rowsOfSchedule,
      })
      const reads: string[][] = []
      for (const path of ['/estimate', '/schedule', '/workbook', '/lines', '/summary.html']) {
        let bytes = 0
        const millis = await time(async () => {
          bytes = (await send('GET', plan + path)).length
        })
        reads.push([`GET plan${path}`, figure(millis / 1000), figure(bytes / 1e6)])
      }
      printTable({ title: 'Reading its results', header: ['asked', 's', 'MB'], rows: reads })
    } finally {
      await worker.stop()
    }
  } finally {
    await scratch.drop()
  }
}

interface Schedule {
  readonly used: string
  readonly status: string
  readonly seconds: number
  readonly stages: readonly { objective: Stage['objective']; status: Stage['status']; gap: number | null }[]
  readonly outcome: ScheduleOutcome
  readonly greedy: ScheduleOutcome
}

interface ScheduleOutcome {
  readonly unplacedSites: number
  readonly riskPointYears: number
  readonly presentValueCents: number
}

/**
 * Milliseconds until the answer, per path, asked at fixed times whether or not the last answer is there: a
 * client that waits for its answer would not notice a service that stands still.
 */
async function waits(
  origin: string,
  headers: Readonly<Record<string, string>>,
  paths: readonly string[],
  millis: number,
  signal?: AbortSignal,
): Promise<readonly number[][]> {
  const measured = paths.map((): number[] => [])
  const asked: Promise<void>[] = []
  const ask = async (i: number) => {
    const began = performance.now()
    const get = () => fetch(origin + paths[i]!, { headers })
    // A connection that the service closes as idle just when it is used again is no wait of anybody.
    const answer = await get().catch(get)
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`${paths[i]} was answered ${answer.status}`)
    measured[i]!.push(performance.now() - began)
  }
  const began = performance.now()
  for (let turn = 1; performance.now() - began < millis && !signal?.aborted; turn++) {
    asked.push(ask(turn % paths.length))
    const next = began + turn * ASK_EVERY_MILLIS
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())))
  }
  await Promise.all(asked)
  return measured
}

function beside(busy: readonly number[], idle: readonly number[], share: number): [string, string] {
  const [now, then] = [percentile(busy, share), percentile(idle, share)]
  return [figure(now), figure(now / then)]
}
