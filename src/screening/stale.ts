/**
 * Whether what is stored of a profile may no longer be said. A change of the law makes only those profiles stale whose
 * subjects it reaches (`reach.ts`), and all of a register whose names or texts have to be read again until that was done.
 */
import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { EVERYBODY } from '../firmware-risk/firmware-risk.ts'
import { firmwareIsStale } from './firmware-knowledge.ts'
import type { Knowledge } from './knowledge.ts'
import { NAMES, TEXTS } from './reach.ts'

/** Condition on `knowledge_versions k`: registers have to be read again after it. */
export const readsAgain = sql.raw(`k.reaches && '{${NAMES},${TEXTS}}'::text[]`)

/** Version under which the register of a jurisdiction was last read as a whole; 0 when it never had to be. */
export const readUnder = (jurisdictionId: SQL): SQL => sql`coalesce((select r.knowledge_version
  from register_readings r where r.jurisdiction_id = ${jurisdictionId}), 0)`

const REACHED = sql.raw(`k.reaches && (p.firmware_subjects || '{${EVERYBODY}}'::text[])`)

/**
 * Condition on `profiles p`: a version of the law up to this one reaches it that came after its answers; one that is not
 * on record reaches everything. What a process that knows more has answered already is left, unless there is no such
 * version.
 */
export function lawIsStale({ version }: Pick<Knowledge, 'version'>): SQL {
  return sql`(p.knowledge_version > greatest(${version}, (select max(version) from knowledge_versions))
    or p.knowledge_version < ${version} and (
    not exists (select 1 from knowledge_versions where version = ${version})
    or exists (select 1 from knowledge_versions k
      where k.version > p.knowledge_version and k.version <= ${version}
        and (${REACHED} or (${readsAgain} and k.version > ${readUnder(sql`p.jurisdiction_id`)})))))`
}

/**
 * Whether there is newer law than a pass knows. It leaves the register alone then: what the newer pass takes for stale
 * would otherwise be answered under older law, and count as answered.
 */
export async function isOvertaken(tx: Tx, { version }: Pick<Knowledge, 'version'>): Promise<boolean> {
  const { rows } = await tx.execute(sql`select 1 from knowledge_versions where version > ${version} limit 1`)
  return rows.length > 0
}

/** The same with all else that an answer is of: `profiles p` of `jurisdictions j`. */
export function staleProfiles(knowledge: Knowledge, now: Date): SQL {
  // Days begin at different instants in different zones; the database counts them in the city's own.
  return sql`(${lawIsStale(knowledge)} or p.jurisdiction_version <> j.version
    or p.valid_until <= (${now.toISOString()}::timestamptz at time zone j.timezone)::date
    or ${firmwareIsStale(knowledge.firmware.version)})`
}
