/** Imports of the past, newest first. */
import { and, getTableColumns, sql } from 'drizzle-orm'
import type { Scope, Tx } from '../../db/database.ts'
import { imports } from '../../db/schema/index.ts'
import { orderBy, type Page, type PageAsked } from '../../http/pages.ts'
import { ascending, cutPage, descending, fromCursor, inScope } from '../../http/table-pages.ts'

const ORDER = descending(ascending(imports, 'id'))

export interface ImportsAsked {
  readonly source?: string | undefined
  /** With the whole report, and not its counts alone. */
  readonly isWhole: boolean
}

export async function importPage<Item>(
  tx: Tx,
  scope: Scope,
  { source, isWhole }: ImportsAsked,
  page: PageAsked,
  item: (row: typeof imports.$inferSelect, isWhole: boolean) => Item,
): Promise<Page<Item>> {
  const report = isWhole ? sql`report` : sql`json_build_object('counts', report -> 'counts')`
  const rows = await tx
    .select({ ...getTableColumns(imports), report })
    .from(imports)
    .where(
      and(
        inScope(scope),
        source === undefined ? undefined : sql`source = ${source}`,
        fromCursor(ORDER, page),
      ),
    )
    .orderBy(orderBy(ORDER))
    .limit(page.limit + 1)
  return cutPage(rows, ORDER, page, (row) => item(row, isWhole))
}
