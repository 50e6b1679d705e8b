/** What the list would be by a file: the file itself, or the version in force with its changes applied. */

import type { Fault } from './model/checks.ts'
import { applied } from './model/delta.ts'
import type { Standing } from './plan.ts'
import type { ReadFile } from './reading/thread.ts'
import type { ListSource } from './sources/index.ts'

interface WholeList {
  readonly read: ReadFile
  readonly faults: readonly Fault[]
}

export function wholeList(
  read: ReadFile,
  { title }: Pick<ListSource, 'title'>,
  { before, open }: Pick<Standing, 'before' | 'open'>,
): WholeList {
  if (read.changes === null) return { read, faults: [] }
  if (before === undefined) {
    const message = `has only what changed, and no version of the ${title} is in force; load the whole list first`
    return { read, faults: [{ code: 'no-version-before', message, mayBeForced: false }] }
  }
  const standing = new Map([...open].map(([key, { entry }]) => [key, entry]))
  const { entries, personsGone, misfits } = applied(standing, read.changes)
  return {
    read: { ...read, entries, persons: before.counts.persons + read.persons - personsGone },
    faults: misfits.map(({ place, message }) => ({
      code: 'does-not-follow',
      message,
      place,
      mayBeForced: true,
    })),
  }
}
