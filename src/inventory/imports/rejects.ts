/** The refused rows of an import, for the file that a city corrects and sends again. */
import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { importRejects } from '../../db/schema/index.ts'
import type { RowIssue } from '../../intake/rows.ts'

const REJECTS_PAGE = 1_000

/**
 * The refused rows of an import, in the order of the file, read a page at a time.
 * `read` runs the reading of one page: in a transaction of its own, or in one that is open.
 */
export async function* rejectedRows(
  read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>,
  jurisdictionId: string,
  importId: string,
): AsyncGenerator<{ raw: string[]; errors: RowIssue[] }, void, undefined> {
  let position = -1
  for (;;) {
    const rows = await read((tx) =>
      tx
        .select()
        .from(importRejects)
        .where(
          sql`jurisdiction_id = ${jurisdictionId}::uuid and import_id = ${importId}::uuid and row > ${position}`,
        )
        .orderBy(importRejects.row)
        .limit(REJECTS_PAGE),
    )
    for (const reject of rows) {
      yield { raw: reject.cells as string[], errors: reject.errors as RowIssue[] }
    }
    if (rows.length < REJECTS_PAGE) return
    position = rows.at(-1)!.row
  }
}
