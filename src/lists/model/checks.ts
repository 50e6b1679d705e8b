/** Whether a file may take the place of the version in force. A broken download must not clear anybody. Pure. */
import type { PlainDate } from '../../lib/calendar.ts'
import type { EntryProblem, ListEntry, ListHead } from './entry.ts'

export interface Fault {
  readonly code: string
  readonly message: string
  /** Where in the file, if at one place. */
  readonly place?: string
  /** Whether `force` lets the file through all the same. */
  readonly mayBeForced: boolean
}

export interface Checked {
  readonly entries: readonly ListEntry[]
  readonly persons: number
  readonly unreadable: number
  readonly problems: readonly EntryProblem[]
  readonly head: ListHead
  readonly publishedOn: PlainDate
}

export interface CheckTerms {
  readonly title: string
  readonly parts: ReadonlySet<string> | null
  readonly sentinels: readonly { readonly name: string; readonly is: (entry: ListEntry) => boolean }[]
  /** The version in force; null when this is the first. */
  readonly before: {
    readonly entries: number
    readonly persons: number
    readonly publishedOn: PlainDate
  } | null
  /** The latest day that it is anywhere. */
  readonly latestDay: PlainDate
}

/** A list that grows or shrinks by more than this share from one file to the next is looked at by a person. */
const MOST_CHANGED = 0.2
/** Short lists may lose so many, and gain so many, at once. */
const MAY_GO = 3
const MAY_COME = 10
/** Of entries that share an id so many are named. */
const MOST_NAMED = 20

export function faultsOf(file: Checked, terms: CheckTerms): Fault[] {
  const { entries, persons } = file
  if (entries.length + persons === 0)
    return [{ code: 'empty', message: 'has no entry in it', mayBeForced: false }]
  if (terms.parts !== null && !entries.some(isOf(terms.parts)))
    return [{ code: 'wrong-list', message: `has no entry of the ${terms.title} in it`, mayBeForced: false }]
  return [
    ...unread(file),
    ...repeated(file),
    ...declared(file),
    ...sentinels(file, terms),
    ...counts(file, terms),
    ...days(file, terms),
  ]
}

/** A format that names the list of each entry names it for all of them. */
const isOf =
  (parts: ReadonlySet<string>) =>
  ({ part }: ListEntry) =>
    part === null || parts.has(part)

const soft = (code: string, message: string, place?: string): Fault => ({
  ...{ code, message, mayBeForced: true },
  ...(place === undefined ? {} : { place }),
})

function unread({ unreadable, problems }: Checked): Fault[] {
  const more = unreadable - problems.length
  return [
    ...problems.map(({ place, message }) => soft('unreadable-entry', message, place)),
    ...(more > 0 ? [soft('unreadable-entry', `${more} more entries could not be read`)] : []),
  ]
}

/** Of two entries of one id only one could be kept; a maker that the other names would be lost. */
function repeated({ entries }: Checked): Fault[] {
  const names = new Map<string, string>()
  const faults: Fault[] = []
  for (const { key, name } of entries) {
    const first = names.get(key)
    if (first === undefined) names.set(key, name)
    else if (first !== name)
      faults.push(soft('repeated-entry', `names both "${first}" and "${name}"`, `entry ${key}`))
  }
  return faults.slice(0, MOST_NAMED)
}

function declared({ head, entries, persons, unreadable }: Checked): Fault[] {
  const read = entries.length + persons + unreadable
  if (head.declared === null || head.declared === read) return []
  return [soft('count-differs', `says that it has ${head.declared} entries; ${read} were read`)]
}

function sentinels({ entries }: Checked, terms: CheckTerms): Fault[] {
  return terms.sentinels
    .filter(({ is }) => !entries.some(is))
    .map(({ name }) => soft('sentinel-missing', `lacks "${name}", which the list has had for years`))
}

function counts({ entries, persons }: Checked, { before }: CheckTerms): Fault[] {
  if (before === null) return []
  return [
    ['entries', entries.length, before.entries] as const,
    ['persons', persons, before.persons] as const,
  ].flatMap(([what, now, then]) => {
    const allowed = Math.max(now < then ? MAY_GO : MAY_COME, then * MOST_CHANGED)
    if (Math.abs(now - then) <= allowed) return []
    return [soft('count-far-off', `has ${now} ${what}; the version in force has ${then}`)]
  })
}

function days({ publishedOn }: Checked, { before, latestDay }: CheckTerms): Fault[] {
  if (publishedOn > latestDay) return [soft('in-the-future', `is of ${publishedOn}, a day to come`)]
  if (before === null || publishedOn >= before.publishedOn) return []
  return [soft('older', `is of ${publishedOn}; the version in force is of ${before.publishedOn}`)]
}
