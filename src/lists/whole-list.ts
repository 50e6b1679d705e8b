/** What the list would be by a file: the file itself, or the version in force with its changes applied. */

import type { ListFile } from './load.ts'
import type { Fault } from './model/checks.ts'
import { applied } from './model/delta.ts'
import type { Standing } from './plan.ts'
import type { ReadFile } from './reading/thread.ts'

export interface WholeList {
  readonly read: ReadFile
  readonly faults: readonly Fault[]
}

export function wholeList(
  { read, source }: Pick<ListFile, 'read' | 'source'>,
  { before, open }: Pick<Standing, 'before' | 'open'>,
): WholeList {
  if (read.changes === null) return { read, faults: [] }
  if (before === undefined) {
    const message = `has only what changed, and no version of the ${source.title} is in force; load the whole list first`
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
