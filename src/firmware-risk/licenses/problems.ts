/** What is wrong with the record of a license, by itself and beside others. */

import { isPlainDate } from '../../lib/calendar.ts'
import { formatter, instants } from './days.ts'
import type { License, ValidityWindow } from './license.ts'

type LicenseProblemCode =
  | 'not-a-date'
  | 'unknown-timezone'
  | 'ends-before-it-starts'
  | 'covers-nothing'
  | 'status-without-a-day'
  | 'supersedes-itself'
  | 'overlapping-windows'

export interface LicenseProblem {
  readonly code: LicenseProblemCode
  /** JSON pointer into the record. */
  readonly pointer: string
  readonly detail: string
}

/** Everything wrong with one record by itself; empty when it may be stored. */
export function licenseProblems(license: License): readonly LicenseProblem[] {
  const problems: LicenseProblem[] = []
  const { from, to, timezone } = license.window
  const isZone = isTimezone(timezone)
  if (!isZone) problem('unknown-timezone', '/window/timezone', `${timezone} is not a time zone`)
  for (const [end, text] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (text !== null && !isLocalTime(text)) problem('not-a-date', `/window/${end}`, `${text} is not a date`)
  }
  if (isZone && from !== null && to !== null && isLocalTime(from) && isLocalTime(to)) {
    if (instants(to, timezone)[0] <= instants(from, timezone)[0]) {
      problem('ends-before-it-starts', '/window/to', `ends ${to}, which is not after its start ${from}`)
    }
  }
  for (const list of ['activities', 'entities', 'channels', 'products', 'models', 'territory'] as const) {
    if (license[list]?.length === 0)
      problem('covers-nothing', `/${list}`, `${list} is empty: it covers nothing`)
  }
  for (const [i, day] of license.reportingDue.entries()) {
    if (!isPlainDate(day)) problem('not-a-date', `/reportingDue/${i}`, `${day} is not a date`)
  }
  if (license.statusSince !== null && !isPlainDate(license.statusSince)) {
    problem('not-a-date', '/statusSince', `${license.statusSince} is not a date`)
  } else if (license.status !== 'active' && license.statusSince === null) {
    problem(
      'status-without-a-day',
      '/statusSince',
      `${license.status} without a first day: it will never count`,
    )
  }
  if (license.supersedes === license.id) {
    problem('supersedes-itself', '/supersedes', 'a license cannot supersede itself')
  }
  return problems

  function problem(code: LicenseProblemCode, pointer: string, detail: string) {
    problems.push({ code, pointer, detail })
  }
}

export interface OverlappingLicenses {
  /** Ids, in text order. */
  readonly licenses: readonly [string, string]
  readonly problem: LicenseProblem
}

/**
 * Pairs of records of the same number, authority, program and holder whose windows overlap while neither
 * supersedes the other: one of them is a duplicate or has a wrong date. Records with bad windows are passed over.
 */
export function overlappingLicenses(licenses: readonly License[]): readonly OverlappingLicenses[] {
  const byId = new Map(licenses.map((license) => [license.id, license]))
  const groups = new Map<string, License[]>()
  for (const license of licenses) {
    if (license.number === null || licenseProblems(license).some((p) => p.pointer.startsWith('/window')))
      continue
    const { authority, number, program, holder } = license
    const key = JSON.stringify([
      authority.toLowerCase(),
      number.toLowerCase(),
      program,
      'id' in holder ? holder.id : null,
    ])
    groups.set(key, [...(groups.get(key) ?? []), license])
  }
  const found: OverlappingLicenses[] = []
  for (const group of groups.values()) {
    const inOrder = group.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    for (const [i, a] of inOrder.entries()) {
      for (const b of inOrder.slice(i + 1)) {
        if (replaces(a, b, byId) || replaces(b, a, byId) || !overlap(a.window, b.window)) continue
        found.push({
          licenses: [a.id, b.id],
          problem: {
            code: 'overlapping-windows',
            pointer: '/window',
            detail: `${a.number} is recorded twice for the same days (${a.id}, ${b.id}) and neither supersedes the other`,
          },
        })
      }
    }
  }
  return found
}

/** Whether one license replaced another, itself or through those between. */
function replaces(later: License, earlier: License, byId: ReadonlyMap<string, License>): boolean {
  const seen = new Set<string>()
  let next = later.supersedes
  while (next !== null && !seen.has(next)) {
    if (next === earlier.id) return true
    seen.add(next)
    next = byId.get(next)?.supersedes ?? null
  }
  return false
}

const LOCAL_TIME = /^(\d{4}-\d{2}-\d{2})(?:T([01]\d|2[0-3]):([0-5]\d))?$/

function isLocalTime(text: string): boolean {
  const match = LOCAL_TIME.exec(text)
  return match !== null && isPlainDate(match[1]!)
}

function isTimezone(name: string): boolean {
  try {
    formatter(name)
    return true
  } catch {
    return false
  }
}

function overlap(a: ValidityWindow, b: ValidityWindow): boolean {
  const start = (w: ValidityWindow) => (w.from === null ? -Infinity : instants(w.from, w.timezone)[0])
  const end = (w: ValidityWindow) => (w.to === null ? Infinity : instants(w.to, w.timezone)[0])
  return start(a) < end(b) && start(b) < end(a)
}
