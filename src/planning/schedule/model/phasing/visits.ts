/**
 * The calendar of visits: whether the sites of a fiscal year can be done by the crews there are, day by day,
 * each within its own days and after those it waits for.
 */
import { addDays, type PlainDate } from '../../../../lib/calendar.ts'
import { sfc32 } from '../../../estimate/model/random.ts'
import { fiscalYearPeriod } from '../../../model/fiscal-year.ts'
import { isWorkingDay } from '../crew-calendar.ts'
import type { PhasingProblem } from './problem.ts'

/** The working days of a plan by number. */
export class WorkDays {
  readonly days: readonly PlainDate[]

  constructor(days: readonly PlainDate[]) {
    this.days = days
  }

  /** Number of the first working day on or after a day. */
  atOrAfter(day: PlainDate): number {
    let [low, high] = [0, this.days.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.days[middle]! < day) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Number of the last working day before a day. */
  before(day: PlainDate): number {
    return this.atOrAfter(day) - 1
  }
}

export function workDaysOf(
  problem: Pick<PhasingProblem, 'years' | 'fiscalYearStartMonth' | 'holidays' | 'workweek'>,
): WorkDays {
  const { years, fiscalYearStartMonth, holidays, workweek } = problem
  const days: PlainDate[] = []
  if (years.length === 0) return new WorkDays(days)
  const first = fiscalYearPeriod(years[0]!, fiscalYearStartMonth).from
  const end = fiscalYearPeriod(years.at(-1)!, fiscalYearStartMonth).to
  for (let day = first; day < end; day = addDays(day, 1))
    if (isWorkingDay(day, { holidays, workweek })) days.push(day)
  return new WorkDays(days)
}

/** Work at one site, by working days, both ends included. */
export interface Task {
  readonly site: number
  readonly first: number
  readonly last: number
  readonly days: number
  /** Sites of the same year that are done before. */
  readonly after: readonly number[]
  /** Higher goes first among tasks that are due at the same time. */
  readonly weight: number
}

export interface Slot {
  readonly first: number
  readonly last: number
}

export type Calendar = ReadonlyMap<number, Slot>

/**
 * - `slots`: a calendar in which every task ends in its days
 * - `impossible`: there is none
 * - `not-found`: none was found, and there were too many tasks to try all orders
 */
export type Layout =
  | { readonly kind: 'slots'; readonly slots: Calendar }
  | { readonly kind: 'impossible' }
  | { readonly kind: 'not-found'; readonly late: readonly number[] }

/** Tasks up to which all orders are tried. */
const TRIED_MOST = 9
/** Branches looked at before the search gives up. */
const BRANCHES_MOST = 60_000

/** How many sites are worked on each day; work is put into the first days that are free for all of it. */
export class Lanes {
  readonly #busy: number[] = []
  readonly #lanes: number

  constructor(lanes: number) {
    this.#lanes = lanes
  }

  /** First day from which so many days in a row are free; null when that would end after `last`. */
  firstFree(from: number, days: number, last: number): number | null {
    let start = from
    for (let day = from; day < start + days; day++) {
      if (start + days - 1 > last) return null
      if ((this.#busy[day] ?? 0) >= this.#lanes) start = day + 1
    }
    return start + days - 1 > last ? null : start
  }

  take(start: number, days: number, by = 1): void {
    for (let day = start; day < start + days; day++) this.#busy[day] = (this.#busy[day] ?? 0) + by
  }

  /** Free site-days between two days, both included. */
  freeDays(first: number, last: number): number {
    let free = 0
    for (let day = first; day <= last; day++) free += Math.max(0, this.#lanes - (this.#busy[day] ?? 0))
    return free
  }
}

const ORDERS: readonly ((a: Task, b: Task) => number)[] = [
  (a, b) => a.last - b.last || b.weight - a.weight,
  (a, b) => a.last - b.last || b.days - a.days,
  (a, b) => a.last - a.days - (b.last - b.days) || b.days - a.days,
  (a, b) => b.days - a.days || a.last - b.last,
  (a, b) => a.first - b.first || a.last - b.last || b.days - a.days,
]

/** Lays the tasks of one fiscal year out over its days; `quick` makes the first tries only. */
export function layOut(tasks: readonly Task[], lanes: number, effort: 'quick' | 'full' = 'full'): Layout {
  let late: readonly number[] = []
  for (const order of ORDERS) {
    const ordered = precededOrder([...tasks].sort((a, b) => order(a, b) || a.site - b.site))
    const tried = inOrder(ordered, lanes)
    if (tried.late.length === 0) return { kind: 'slots', slots: tried.slots }
    if (late.length === 0 || tried.late.length < late.length) late = tried.late
  }
  if (effort === 'quick') return { kind: 'not-found', late }
  if (tasks.length > TRIED_MOST) {
    const slots = byComplaints(tasks, lanes)
    return slots === null ? { kind: 'not-found', late } : { kind: 'slots', slots }
  }
  const searched = everyOrder(tasks, lanes)
  if (searched === 'given-up') return { kind: 'not-found', late }
  return searched === null ? { kind: 'impossible' } : { kind: 'slots', slots: searched }
}

function inOrder(tasks: readonly Task[], lanes: number): { slots: Map<number, Slot>; late: number[] } {
  const busy = new Lanes(lanes)
  const slots = new Map<number, Slot>()
  const late: number[] = []
  for (const task of tasks) {
    const start = busy.firstFree(readyOn(task, slots), task.days, task.last)
    if (start === null) {
      late.push(task.site)
      continue
    }
    busy.take(start, task.days)
    slots.set(task.site, { first: start, last: start + task.days - 1 })
  }
  return { slots, late }
}

/** Tasks put into days before the search by complaints gives up. */
const PUT_MOST = 200_000

/**
 * Starts again and again with those that came too late further in front, and a little chance among the rest;
 * the same tasks give the same calendar.
 */
function byComplaints(tasks: readonly Task[], lanes: number): Calendar | null {
  const draw = sfc32(tasks.length)
  const rank = new Map(tasks.map((task) => [task.site, task.last]))
  const within = new Map(tasks.map((task) => [task.site, task.last - task.first + 1]))
  for (let put = 0; put < PUT_MOST; put += tasks.length) {
    const at = new Map(
      tasks.map((task) => [task.site, rank.get(task.site)! - task.days + (draw() % (2 * task.days + 1))]),
    )
    const ordered = [...tasks].sort((a, b) => at.get(a.site)! - at.get(b.site)! || a.site - b.site)
    const { slots, late } = inOrder(precededOrder(ordered), lanes)
    if (late.length === 0) return slots
    for (const site of late) rank.set(site, rank.get(site)! - Math.ceil(within.get(site)! / 4))
  }
  return null
}

function readyOn(task: Task, slots: Calendar): number {
  return task.after.reduce((ready, site) => Math.max(ready, (slots.get(site)?.last ?? -1) + 1), task.first)
}

/** The same order, with every task behind those it has to wait for. */
function precededOrder(tasks: readonly Task[]): readonly Task[] {
  if (tasks.every((task) => task.after.length === 0)) return tasks
  const waiting = [...tasks]
  const here = new Set(tasks.map((task) => task.site))
  const done = new Set<number>()
  const ordered: Task[] = []
  while (waiting.length > 0) {
    const next = waiting.findIndex((task) => task.after.every((site) => done.has(site) || !here.has(site)))
    const [task] = waiting.splice(Math.max(0, next), 1) as [Task]
    done.add(task.site)
    ordered.push(task)
  }
  return ordered
}

/**
 * Tries every order in which each task takes the first days that are free for it. If any calendar exists, one
 * of these does (active schedules hold an optimum of every regular measure).
 */
function everyOrder(tasks: readonly Task[], lanes: number): Calendar | null | 'given-up' {
  const busy = new Lanes(lanes)
  const slots = new Map<number, Slot>()
  let branches = 0
  const search = (): boolean | 'given-up' => {
    const open = tasks.filter((task) => !slots.has(task.site))
    if (open.length === 0) return true
    if (++branches > BRANCHES_MOST) return 'given-up'
    // What does not fit now will not fit later either.
    if (open.some((task) => busy.firstFree(readyOn(task, slots), task.days, task.last) === null)) return false
    for (const task of open) {
      if (open.some((other) => task.after.includes(other.site))) continue
      const start = busy.firstFree(readyOn(task, slots), task.days, task.last)!
      busy.take(start, task.days)
      slots.set(task.site, { first: start, last: start + task.days - 1 })
      const found = search()
      if (found !== false) return found
      busy.take(start, task.days, -1)
      slots.delete(task.site)
    }
    return false
  }
  const found = search()
  return found === 'given-up' ? found : found ? slots : null
}
