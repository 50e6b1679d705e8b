/** What a file says that has only the changes since the publication before it, and the list with them applied. Pure. */
import type { EntryChange, ListEntry } from './entry.ts'

interface Applied {
  readonly entries: readonly ListEntry[]
  readonly personsGone: number
  /** Changes that do not fit: the file follows another version than the one in force. */
  readonly misfits: readonly { readonly place: string; readonly message: string }[]
}

export function applied(open: ReadonlyMap<string, ListEntry>, changes: readonly EntryChange[]): Applied {
  const entries = new Map(open)
  const misfits: { place: string; message: string }[] = []
  let personsGone = 0
  const misfit = (key: string, message: string) => misfits.push({ place: `entry ${key}`, message })
  for (const change of changes) {
    if (change.kind === 'add') {
      if (entries.has(change.entry.key)) misfit(change.entry.key, 'comes in, and stands on the list already')
      entries.set(change.entry.key, change.entry)
    } else if (change.kind === 'remove') {
      if (change.isPerson) personsGone++
      else if (!entries.delete(change.key)) misfit(change.key, 'goes, and does not stand on the list')
    } else {
      const known = entries.get(change.key)
      // Persons are not kept, and entries of another list of the authority are none of this one.
      if (known === undefined) continue
      const { entry, missing } = modified(known, change)
      for (const text of missing) misfit(change.key, `loses "${text}", which it does not have`)
      entries.set(change.key, entry)
    }
  }
  return { entries: [...entries.values()], personsGone, misfits }
}

function modified(
  entry: ListEntry,
  { put, gone }: Extract<EntryChange, { kind: 'modify' }>,
): { readonly entry: ListEntry; readonly missing: readonly string[] } {
  const names = without(entry.aliases, gone.aliases, ({ text }) => text)
  const programs = without(entry.programs, gone.programs, (text) => text)
  const identifiers = without(entry.identifiers, gone.identifiers, ({ type, value }) => `${type} ${value}`)
  return {
    entry: {
      ...entry,
      aliases: [...names.left, ...put.aliases],
      programs: [...new Set([...programs.left, ...put.programs])],
      identifiers: [...identifiers.left, ...put.identifiers],
      // Another of its addresses may be in a country that goes.
      countries: [...new Set([...entry.countries, ...put.countries])].toSorted(),
    },
    missing: [...names.missing, ...programs.missing],
  }
}

/** Changed is what goes and comes at once, so that a piece that comes is taken out of none before it. */
function without<T>(
  all: readonly T[],
  gone: readonly T[],
  keyOf: (one: T) => string,
): { readonly left: readonly T[]; readonly missing: readonly string[] } {
  const has = new Set(all.map(keyOf))
  const goes = new Set(gone.map(keyOf))
  return {
    left: all.filter((one) => !goes.has(keyOf(one))),
    missing: [...goes].filter((key) => !has.has(key)),
  }
}
