/**
 * Writers that work under a version of the law while a newer one comes. What they answer is stale as far as the newer
 * one reaches it, because it carries their version. The texts that they read are in no answer: so that a reading of the
 * register under the newer version neither misses nor overtakes them, they share a lock with it and leave a note.
 */
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { sharedByWriters } from '../db/locks.ts'
import type { Knowledge } from './knowledge.ts'

/** Before devices are written whose texts were read under this knowledge. Statements of their own: see the lock, then look. */
export async function noteLawOfWriter(
  tx: Tx,
  jurisdictionId: string,
  { version }: Pick<Knowledge, 'version'>,
): Promise<void> {
  await tx.execute(sql`select ${sharedByWriters(jurisdictionId)}`)
  await tx.execute(sql`
    insert into register_readings (jurisdiction_id, knowledge_version, late)
    select ${jurisdictionId}::uuid, ${version}, 1
    where exists (select 1 from knowledge_versions where version > ${version})
    on conflict (jurisdiction_id) do update
      set knowledge_version = least(register_readings.knowledge_version, excluded.knowledge_version),
        late = register_readings.late + 1`)
}
