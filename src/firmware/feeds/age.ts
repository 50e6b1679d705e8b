/** What is older than what is on record does not replace it: a mirror that fell behind would clear devices. */
import { eq, sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { advisoryFeeds } from '../../db/schema/index.ts'
import type { Advisory, Imported } from '../../firmware-risk/advisories.ts'
import { DomainError } from '../../http/problems.ts'

/**
 * Refuse a catalog that is older than the one on record, by its own time of release. The CSV carries none: then the
 * newest entries of both are compared.
 */
export async function refuseOlder(tx: Tx, imported: Imported, before: readonly Advisory[]): Promise<void> {
  const [state] = await tx.select().from(advisoryFeeds).where(eq(advisoryFeeds.feed, 'kev'))
  if (state === undefined || before.length === 0) return
  const { rows } = await tx.execute<{ releasedAt: string | null }>(sql`
    select changes ->> 'releasedAt' as "releasedAt" from firmware_versions where feed = 'kev' order by version desc limit 1`)
  const { releasedOn, releasedAt } = imported
  const [ours, theirs]: readonly [string | null, string | null] =
    releasedOn === null
      ? [newestEntry(before), newestEntry(imported.advisories)]
      : releasedOn === state.releasedOn
        ? [rows[0]?.releasedAt ?? null, releasedAt ?? null]
        : [state.releasedOn, releasedOn]
  if (ours === null || theirs === null || Date.parse(theirs) >= Date.parse(ours)) return
  const what = releasedOn === null ? 'newest entry is' : 'release is'
  throw new DomainError(
    'feed-refused',
    `The catalog is older than the one on record: its ${what} of ${theirs}, that on record of ${ours}. Nothing was changed; send force=true if that is meant.`,
    {
      errors: [
        { pointer: '/dateReleased', code: 'older-than-recorded', message: `${theirs} is before ${ours}` },
      ],
    },
  )
}

function newestEntry(advisories: readonly Advisory[]): string | null {
  return (
    advisories
      .flatMap((one) => one.knownExploited?.addedOn ?? [])
      .toSorted()
      .at(-1) ?? null
  )
}

/** Without records that were revised before what is on record of them; that they are left out is said. */
export function withoutOlder(
  imported: Imported,
  given: readonly Advisory[],
  before: readonly Advisory[],
): Imported {
  const recorded = new Map(before.map((one) => [one.id, one.revisedAt]))
  const older = given.filter(({ id, revisedAt }) => {
    const known = recorded.get(id)
    if (known === undefined || revisedAt === undefined) return false
    return Date.parse(revisedAt) < Date.parse(known)
  })
  if (older.length === 0) return imported
  const ids = new Set(older.map(({ id }) => id))
  return {
    ...imported,
    advisories: imported.advisories.filter(({ id }) => !ids.has(id)),
    refused: [...imported.refused, ...ids],
    problems: [
      ...imported.problems,
      ...older.map(({ id, revisedAt }) => ({
        pointer: '',
        detail: `${id} was revised on ${revisedAt}, before what is on record (${recorded.get(id)}); send force=true if that is meant`,
      })),
    ],
  }
}
