/** What is wrong with the record of a license, by itself and beside others. */

import { isPlainDate } from '../../lib/calendar.ts'
import { formatter, instants } from './days.ts'
import type { Licence, ValidityWindow } from './license.ts'

export type LicenceProblemCode =
  | 'not-a-date'
  | 'unknown-timezone'
  | 'ends-before-it-starts'
  | 'covers-nothing'
  | 'status-without-a-day'
  | 'supersedes-itself'
  | 'overlapping-windows'

export interface LicenceProblem {
  readonly code: LicenceProblemCode
  /** JSON pointer into the record. */
  readonly pointer: string
  readonly detail: string
}

/** Everything wrong with one record by itself; empty when it may be stored. */
export function licenceProblems(licence: Licence): readonly LicenceProblem[] {
  const problems: LicenceProblem[] = []
  const { from, to, timezone } = licence.window
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
    if (licence[list]?.length === 0)
      problem('covers-nothing', `/${list}`, `${list} is empty: it covers nothing`)
  }
  for (const [i, day] of licence.reportingDue.entries()) {
    if (!isPlainDate(day)) problem('not-a-date', `/reportingDue/${i}`, `${day} is not a date`)
  }
  if (licence.statusSince !== null && !isPlainDate(licence.statusSince)) {
    problem('not-a-date', '/statusSince', `${licence.statusSince} is not a date`)
  } else if (licence.status !== 'active' && licence.statusSince === null) {
    problem(
      'status-without-a-day',
      '/statusSince',
      `${licence.status} without a first day: it will never count`,
    )
  }
  if (licence.supersedes === licence.id) {
    problem('supersedes-itself', '/supersedes', 'a licence cannot supersede itself')
  }
  return problems

  function problem(code: LicenceProblemCode, pointer: string, detail: string) {
    problems.push({ code, pointer, detail })
  }
}

export interface OverlappingLicences {
  /** Ids, in text order. */
  readonly licences: readonly [string, string]
  readonly problem: LicenceProblem
}

/**
 * Pairs of records of the same number, authority, programme and holder whose windows overlap while neither
 * supersedes the other: one of them is a duplicate or has a wrong date. Records with bad windows are passed over.
 */
export function overlappingLicences(licences: readonly Licence[]): readonly OverlappingLicences[] {
  const byId = new Map(licences.map((licence) => [licence.id, licence]))
  const groups = new Map<string, Licence[]>()
  for (const licence of licences) {
    if (licence.number === null || licenceProblems(licence).some((p) => p.pointer.startsWith('/window')))
      continue
    const { authority, number, programme, holder } = licence
    const key = JSON.stringify([
      authority.toLowerCase(),
      number.toLowerCase(),
      programme,
      'id' in holder ? holder.id : null,
    ])
    groups.set(key, [...(groups.get(key) ?? []), licence])
  }
  const found: OverlappingLicences[] = []
  for (const group of groups.values()) {
    const inOrder = group.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    for (const [i, a] of inOrder.entries()) {
      for (const b of inOrder.slice(i + 1)) {
        if (replaces(a, b, byId) || replaces(b, a, byId) || !overlap(a.window, b.window)) continue
        found.push({
          licences: [a.id, b.id],
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

/** Whether one licence replaced another, itself or through those between. */
function replaces(later: Licence, earlier: Licence, byId: ReadonlyMap<string, Licence>): boolean {
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
