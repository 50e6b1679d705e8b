/** What is asked of a device that became part of another. */
import { sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { DomainError } from '../http/problems.ts'
import { type Principal, readScope } from '../tenancy/auth.ts'

/** The same work; of a device that was merged, the answer is where it went instead of `not-found`. */
export async function orWhereItWent<T>(
  { database }: { readonly database: Database },
  principal: Principal,
  id: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'not-found') throw error
    const { rows } = await database.acrossJurisdictions(readScope(principal), (tx) =>
      tx.execute<{ into: string }>(
        sql`select into_id::text as into from device_merges where merged_id = ${id}::uuid`,
      ),
    )
    const into = rows[0]?.into
    if (into === undefined) throw error
    throw new DomainError('device-merged', `The device was merged into /v1/devices/${into}.`, {
      errors: [{ pointer: '/id', code: 'device-merged', message: `is part of ${into}` }],
    })
  }
}
