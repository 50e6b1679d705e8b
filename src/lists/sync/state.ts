/** What is on record of fetching a list; several processes share it. */
import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import type { Known } from './download.ts'

export interface FetchState extends Known {
  readonly failures: number
  /** Version in force when the file came that `etag` and `lastModified` are of. */
  readonly listVersion: number | null
}

/** Whoever fetches holds the list so long; a process that ends meanwhile leaves it to the next. */
const LEASE_MINUTES = 30

/** The list is this caller's to fetch; null while it is not due, or another process has it. `always` asks for no day. */
export async function claim(tx: Tx, list: string, now: Date, always: boolean): Promise<FetchState | null> {
  const at = now.toISOString()
  await tx.execute(sql`
    insert into list_fetches (list_id, due_at, failures) values (${list}, ${at}::timestamptz, 0)
    on conflict (list_id) do nothing`)
  const { rows } = await tx.execute<FetchState & Record<string, unknown>>(sql`
    update list_fetches set due_at = ${at}::timestamptz + make_interval(mins => ${LEASE_MINUTES})
    where list_id = ${list} and (${always} or due_at <= ${at}::timestamptz)
    returning failures, etag, last_modified as "lastModified", list_version as "listVersion"`)
  return rows[0] ?? null
}

export async function noteFetch(
  tx: Tx,
  list: string,
  { dueAt, failures, etag, lastModified, listVersion }: FetchState & { readonly dueAt: Date },
): Promise<void> {
  await tx.execute(sql`
    update list_fetches set due_at = ${dueAt.toISOString()}::timestamptz, failures = ${failures}, etag = ${etag},
      last_modified = ${lastModified}, list_version = ${listVersion}
    where list_id = ${list}`)
}
