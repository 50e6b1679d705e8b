/**
 * Profiles as they stand now. What is stored of one may be older than the law, the facts of the jurisdiction or
 * what is known of firmware; it is evaluated again where it is read, whether or not the pass that stores it has
 * come by.
 */
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import type { ScreenedDevice } from '../device/screened-device.ts'
import { storedPlace, type WorkQueue } from '../firmware-risk/risk.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { pacer } from '../lib/pacing.ts'
import { loadJurisdiction } from './context.ts'
import type { Knowledge } from './knowledge.ts'
import { type Evaluated, evaluated } from './profiles.ts'
import { staleProfiles } from './stale.ts'

export type CurrentProfile = Pick<Evaluated['columns'], 'headline' | 'makerId' | 'firmwareScore'> & {
  /** Determinations that somebody has to know of, as JSON. */
  readonly findings: string
}

export interface EvaluationTerms {
  readonly knowledge: Knowledge
  readonly now: Date
}

/** The profiles with these ids, by id. */
export async function currentProfiles(
  tx: Tx,
  jurisdictionId: string,
  ids: readonly string[],
  { knowledge, now }: EvaluationTerms,
): Promise<ReadonlyMap<string, CurrentProfile>> {
  if (ids.length === 0) return new Map()
  const { rows } = await tx.execute<
    CurrentProfile & {
      id: string
      facts: ScreenedDevice | null
      queue: WorkQueue | null
      since: PlainDate | null
    }
  >(sql`
    select p.id::text as id, p.headline, p.maker_id as "makerId", p.firmware_score as "firmwareScore",
      p.firmware_queue as queue, p.firmware_since::text as since, a.findings,
      case when ${staleProfiles(knowledge, now)} then p.facts end as facts
    from profiles p join jurisdictions j on j.id = p.jurisdiction_id
    join answers a on a.jurisdiction_id = p.jurisdiction_id and a.id = p.answer_id
    where p.jurisdiction_id = ${jurisdictionId}::uuid and p.id = any (${sql.param(ids)}::uuid[])`)
  if (rows.every(({ facts }) => facts === null)) return new Map(rows.map((row) => [row.id, row]))
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  const pause = pacer()
  const current = new Map<string, CurrentProfile>()
  for (const row of rows) {
    const { id, facts, queue, since } = row
    if (facts === null) {
      current.set(id, row)
      continue
    }
    await pause()
    const { columns, answer } = evaluated(facts, jurisdiction, knowledge, now, storedPlace(queue, since))
    // Not the whole of it: the risk alone may be megabytes.
    const { headline, makerId, firmwareScore } = columns
    current.set(id, { headline, makerId, firmwareScore, findings: answer.findings })
  }
  return current
}
