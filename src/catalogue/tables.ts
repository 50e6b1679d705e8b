/** The reference rows in the database: one table a file, each row whole in `doc` beside the columns that keys need. */
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import type { ReferenceData } from './reference-data.ts'

interface Table {
  readonly file: string
  readonly part: keyof ReferenceData
  readonly table: string
  /** Column -> SQL over the row's JSON `r.doc`. */
  readonly columns: Readonly<Record<string, string>>
}

/** In the order in which rows can be inserted; they are deleted in the opposite order. */
export const TABLES: readonly Table[] = [
  {
    file: 'vendors.json',
    part: 'vendors',
    table: 'manufacturers',
    columns: { name: `doc->>'name'`, kind: `doc->>'kind'`, country: `doc->>'country'` },
  },
  {
    file: 'relationships.json',
    part: 'relationships',
    table: 'relationships',
    columns: {
      child_id: `doc->>'child'`,
      parent_id: `doc->>'parent'`,
      kind: `doc->>'kind'`,
      confidence: `doc->>'confidence'`,
    },
  },
  {
    file: 'identifiers.json',
    part: 'identifiers',
    table: 'identifiers',
    columns: { manufacturer_id: `doc->>'vendor'`, kind: `doc->>'kind'`, confidence: `doc->>'confidence'` },
  },
  {
    file: 'models.json',
    part: 'models',
    table: 'models',
    columns: {
      manufacturer_id: `doc->>'manufacturer'`,
      model: `doc->>'model'`,
      device_class: `doc->>'deviceClass'`,
    },
  },
  { file: 'regimes.json', part: 'regimes', table: 'regimes', columns: { title: `doc->>'title'` } },
  {
    file: 'listings.json',
    part: 'listings',
    table: 'listings',
    columns: {
      regime_id: `doc->>'regime'`,
      manufacturer_id: `doc->>'vendor'`,
      listed_from: `(doc->>'from')::date`,
      listed_to: `(doc->>'to')::date`,
    },
  },
  { file: 'rules.json', part: 'rules', table: 'rules', columns: { regime_id: `doc->>'regime'` } },
]

/** Reference data made part by part. */
export async function byPart(
  make: (table: Table) => readonly unknown[] | Promise<readonly unknown[]>,
): Promise<ReferenceData> {
  const parts: Partial<Record<keyof ReferenceData, unknown>> = {}
  for (const table of TABLES) parts[table.part] = await make(table)
  return parts as unknown as ReferenceData
}

/** All rows, by id. */
export async function readRows(tx: Tx): Promise<ReferenceData> {
  return byPart(async ({ table }) => {
    const { rows } = await tx.execute<{ doc: unknown }>(
      sql`select doc from ${sql.raw(table)} order by id collate "C"`,
    )
    return rows.map((row) => row.doc)
  })
}

/** The rows as they stood in a version of the knowledge; none at all before rows were kept. */
export async function readRowsAt(tx: Tx, version: number): Promise<ReferenceData> {
  return byPart(async ({ part }) => {
    const { rows } = await tx.execute<{ doc: unknown }>(sql`
      select doc from reference_history
      where part = ${part} and version_from <= ${version} and (version_to is null or version_to > ${version})
      order by id collate "C"`)
    return rows.map((row) => row.doc)
  })
}

/** The same rows in the order in which `readRows` gives them. */
export function sorted(reference: ReferenceData): ReferenceData {
  return Object.fromEntries(
    TABLES.map(({ part }) => [part, [...reference[part]].sort((a, b) => (a.id < b.id ? -1 : 1))]),
  ) as unknown as ReferenceData
}

/** Rows added, changed and removed per table. */
export type TableChanges = Readonly<Record<string, { added: number; changed: number; removed: number }>>

/** Make the tables hold these rows and no others, and note from which version on they do. */
export async function writeRows(tx: Tx, reference: ReferenceData, version: number): Promise<TableChanges> {
  const counts: Record<string, { added: number; changed: number; removed: number }> = {}
  for (const table of TABLES) {
    const { columns } = table
    const names = Object.keys(columns)
    const rows = reference[table.part].map((doc) => ({ id: doc.id, doc }))
    const written = await tx.execute<{ added: boolean }>(sql`
      insert into ${sql.raw(table.table)} (id, ${sql.raw(names.join(', '))}, doc)
      select r.id, ${sql.raw(names.map((name) => columns[name]).join(', '))}, r.doc
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id text, doc jsonb)
      on conflict (id) do update set ${sql.raw(
        [...names, 'doc'].map((name) => `${name} = excluded.${name}`).join(', '),
      )}
      where ${sql.raw(table.table)}.doc is distinct from excluded.doc
      returning (xmax = 0) as added`)
    const added = written.rows.filter((row) => row.added).length
    counts[table.table] = { added, changed: written.rows.length - added, removed: 0 }
  }
  for (const table of [...TABLES].reverse()) {
    const ids = reference[table.part].map((doc) => doc.id)
    const gone = await tx.execute(
      sql`delete from ${sql.raw(table.table)} where id <> all (${sql.param(ids)}::text[])`,
    )
    counts[table.table]!.removed = gone.rowCount ?? 0
  }
  for (const table of TABLES) {
    const { added, changed, removed } = counts[table.table]!
    if (added + changed + removed > 0) await noteHistory(tx, table, version)
  }
  return counts
}

async function noteHistory(tx: Tx, { part, table }: Table, version: number): Promise<void> {
  await tx.execute(sql`
    update reference_history h set version_to = ${version}
    where h.part = ${part} and h.version_to is null
      and not exists (select from ${sql.raw(table)} r where r.id = h.id and r.doc = h.doc)`)
  await tx.execute(sql`
    insert into reference_history (part, id, version_from, doc)
    select ${part}, r.id, ${version}, r.doc from ${sql.raw(table)} r
    where not exists (select from reference_history h where h.part = ${part} and h.id = r.id and h.version_to is null)`)
}
