/** Every version of a device, newest first, as JSON text; also of one that was removed. */
import { sql } from 'drizzle-orm'
import type { z } from 'zod'
import type { Tx } from '../db/database.ts'
import { deviceDocument } from '../device/columns.ts'
import { pageBytes, rowsThatFit } from '../http/full-page.ts'
import { orderBy, type Page, type PageAsked, type SortKey } from '../http/pages.ts'
import { notFound } from '../http/problems.ts'
import { toInstant } from '../http/schemas.ts'
import { stringifier } from '../http/serialize.ts'
import { cursorAt, fromCursor } from '../http/table-pages.ts'
import { versionOf } from './past-versions.ts'
import { HistoryEntry } from './schemas.ts'

const writeEntry = stringifier(HistoryEntry)

const ORDER: readonly SortKey[] = [
  { field: 'version', column: sql`v.version`, descending: true, type: 'integer', nullable: false },
]

interface VersionRow extends Record<string, unknown> {
  readonly version: number
  readonly doc: string
  readonly changedFields: string[] | null
  readonly validFrom: string
  readonly validTo: string | null
  readonly endedBy: string | null
  readonly importId: string | null
}

/** Throws `not-found` when there never was such a device. */
export async function historyPage(tx: Tx, id: string, page: PageAsked): Promise<Page<string>> {
  const { rows } = await tx.execute<VersionRow>(sql`
          select * from (
            select d.version, ${deviceDocument} as doc, null::text[] as "changedFields",
              d.updated_at as "validFrom", null::timestamptz as "validTo", null as "endedBy", d.import_id as "importId"
            from devices d where d.id = ${id}::uuid
            union all
            select h.version, h.snapshot::text, h.changed_fields, h.valid_from, h.valid_to, h.ended_by, h.import_id
            from device_history h where h.device_id = ${id}::uuid
          ) v
          where ${fromCursor(ORDER, page)}
          order by ${orderBy(ORDER)} limit ${page.limit + 1}`)
  if (rows.length === 0 && page.cursor === undefined) throw notFound('device')
  const entries = rows.slice(0, page.limit).map(({ doc, validFrom, validTo, ...row }) =>
    writeEntry({
      ...row,
      validFrom: toInstant(validFrom),
      validTo: validTo === null ? null : toInstant(validTo),
      device: versionOf(doc).device,
    } satisfies z.infer<typeof HistoryEntry>),
  )
  const items = rowsThatFit(entries, pageBytes(page.limit))
  const isLast = rows.length === items.length
  return { items, nextCursor: isLast ? null : cursorAt(rows[items.length - 1]!, ORDER, page.question) }
}
