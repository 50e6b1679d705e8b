/** Models that cities have registered. */
import { sql } from 'drizzle-orm'
import type { Scope, Tx } from '../db/database.ts'

export interface RegisteredModel {
  readonly id: string
  readonly manufacturer: string
  readonly model: string
  readonly partNumber: null
  readonly deviceClass: string | null
  readonly source: 'register'
  readonly devices: number
}

/** Models on the registers in scope, by maker where it is known, else by the name on the label. */
export async function registeredModels(tx: Tx, scope: Scope): Promise<RegisteredModel[]> {
  const limits = scope === 'all' ? sql`true` : sql`p.jurisdiction_id = any (${sql.param(scope)}::uuid[])`
  const { rows } = await tx.execute<{
    manufacturer: string
    model: string
    deviceClass: string | null
    devices: number
  }>(sql`
    select coalesce(p.maker_id, p.facts->>'manufacturer', 'unknown') as manufacturer, p.facts->>'model' as model,
      max(p.facts->>'deviceClass') as "deviceClass", sum(p.device_count)::int as devices
    from profiles p where ${limits} and p.device_count > 0 and p.facts->>'model' is not null
    group by 1, 2`)
  return rows.map((row) => ({
    id: `${row.manufacturer}/${row.model}`,
    ...row,
    partNumber: null,
    source: 'register',
  }))
}
