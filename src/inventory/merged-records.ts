/** Records that name a device: moved to another when it becomes part of that, and back when the merge is undone. */
import { type SQL, sql } from 'drizzle-orm'
import type { MovedByMerge } from '../db/schema/index.ts'
import type { Work } from '../screening/work.ts'
import { HOLDERS, HOLDERS_BY_KIND, HOLDERS_OF_MANY } from './device-holders.ts'

type Moved = Omit<MovedByMerge, 'keptVersion' | 'keptId'>
type Keyed = { readonly key: string }

const keyOf = (columns: readonly string[]) =>
  sql.raw(`concat_ws(' ', ${columns.map((column) => `h.${column}`).join(', ')})`)

/** Let what names the duplicate name the device that stays. Gives what was moved. */
export async function moveRecords(work: Work, id: string, duplicateId: string): Promise<Moved> {
  const { tx, jurisdictionId } = work
  const [city, to, from] = [sql`${jurisdictionId}::uuid`, sql`${id}::uuid`, sql`${duplicateId}::uuid`]
  const keys = async (statement: SQL) => (await tx.execute<Keyed>(statement)).rows.map(({ key }) => key)
  const records: Record<string, string[]> = {}
  for (const { table, key, oneFor } of HOLDERS) {
    const columns = oneFor === undefined || oneFor === 'city' ? [] : oneFor
    const own = sql.raw(['true', ...columns.map((column) => `o.${column} = h.${column}`)].join(' and '))
    const isFree =
      oneFor === undefined
        ? sql`true`
        : sql`not exists (select from ${sql.raw(table)} o where o.jurisdiction_id = ${city} and o.device_id = ${to} and ${own})`
    records[table] = await keys(sql`update ${sql.raw(table)} h set device_id = ${to}
      where h.jurisdiction_id = ${city} and h.device_id = ${from} and ${isFree} returning ${keyOf(key)} as key`)
  }
  // A plan that has both plans for one.
  const { rows: plans } = await tx.execute<{ row: Record<string, unknown> }>(sql`
    delete from plan_devices h where h.jurisdiction_id = ${city} and h.device_id = ${from} returning to_jsonb(h) as row`)
  for (const { table } of HOLDERS_BY_KIND) {
    records[table] = await keys(sql`update ${sql.raw(table)} h set owner_id = ${to}
      where h.jurisdiction_id = ${city} and h.owner_kind = 'device' and h.owner_id = ${from} returning h.id::text as key`)
  }
  const named: Record<string, { moved: string[]; both: string[] }> = {}
  for (const { table } of HOLDERS_OF_MANY) {
    const both = await keys(sql`select h.id::text as key from ${sql.raw(table)} h
      where h.jurisdiction_id = ${city} and ${from} = any (h.device_ids) and ${to} = any (h.device_ids)`)
    const moved = await keys(sql`update ${sql.raw(table)} h
      set device_ids = (select array_agg(distinct case when one = ${from} then ${to} else one end) from unnest(h.device_ids) one)
      where h.jurisdiction_id = ${city} and ${from} = any (h.device_ids) returning h.id::text as key`)
    named[table] = { moved, both }
  }
  const merges = await keys(sql`update device_merges h set into_id = ${to}
    where h.jurisdiction_id = ${city} and h.into_id = ${from} returning h.merged_id::text as key`)
  return { records, named, plans: plans.map(({ row }) => row), merges }
}

/** A record that was moved and cannot be moved back: it is gone, or another stands in its place. */
export interface LeftRecords {
  readonly what: string
  readonly count: number
}

/** Let what was moved name the duplicate again. The duplicate is on the register. Gives what could not be moved. */
export async function moveRecordsBack(
  work: Work,
  id: string,
  duplicateId: string,
  moved: Moved,
): Promise<LeftRecords[]> {
  const { tx, jurisdictionId } = work
  const [city, kept, other] = [sql`${jurisdictionId}::uuid`, sql`${id}::uuid`, sql`${duplicateId}::uuid`]
  const left: LeftRecords[] = []
  const changed = async (what: string, wanted: readonly string[], statement: SQL) => {
    if (wanted.length === 0) return
    const { rows } = await tx.execute(statement)
    if (rows.length < wanted.length) left.push({ what, count: wanted.length - rows.length })
  }
  for (const { table, what, key } of HOLDERS) {
    const wanted = moved.records[table] ?? []
    await changed(
      what,
      wanted,
      sql`update ${sql.raw(table)} h set device_id = ${other} where h.jurisdiction_id = ${city}
        and h.device_id = ${kept} and ${keyOf(key)} = any (${sql.param(wanted)}::text[]) returning 1`,
    )
  }
  for (const { table, what } of HOLDERS_BY_KIND) {
    const wanted = moved.records[table] ?? []
    await changed(
      what,
      wanted,
      sql`update ${sql.raw(table)} h set owner_id = ${other} where h.jurisdiction_id = ${city} and h.owner_kind = 'device'
        and h.owner_id = ${kept} and h.id = any (${sql.param(wanted)}::uuid[]) returning 1`,
    )
  }
  for (const { table, what } of HOLDERS_OF_MANY) {
    const wanted = moved.named[table]
    if (wanted === undefined) continue
    await changed(
      what,
      wanted.moved,
      sql`update ${sql.raw(table)} h set device_ids = case when h.id = any (${sql.param(wanted.both)}::uuid[])
          then array_append(h.device_ids, ${other}) else array_replace(h.device_ids, ${kept}, ${other}) end
        where h.jurisdiction_id = ${city} and h.id = any (${sql.param(wanted.moved)}::uuid[])
          and ${kept} = any (h.device_ids) returning 1`,
    )
  }
  await changed(
    'a plan',
    moved.plans.map(() => ''),
    sql`insert into plan_devices select r.* from jsonb_populate_recordset(null::plan_devices, ${JSON.stringify(moved.plans)}::jsonb) r
      where r.jurisdiction_id = ${city} and exists (select from plans p where p.jurisdiction_id = ${city} and p.id = r.plan_id)
      on conflict do nothing returning 1`,
  )
  await changed(
    'a device that was part of it',
    moved.merges,
    sql`update device_merges h set into_id = ${other} where h.jurisdiction_id = ${city} and h.into_id = ${kept}
      and h.merged_id = any (${sql.param(moved.merges)}::uuid[]) returning 1`,
  )
  return left
}
