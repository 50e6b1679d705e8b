/** What the devices of the register have open, those that are alike together. */
import { sql } from 'drizzle-orm'
import type { Scope, Tx } from '../../db/database.ts'
import { everyQueue } from '../patches/patches.ts'
import { treatmentsOn } from '../treatments/in-force.ts'
import { conditionsOf, type WorkFilter } from '../work-list/queries.ts'
import type { VexGroup } from './model/document.ts'

/** Whose register it is, by name. */
export async function citiesOf(tx: Tx, scope: Scope): Promise<string> {
  if (scope === 'all') return 'all jurisdictions'
  const { rows } = await tx.execute<{ name: string }>(
    sql`select name from jurisdictions where id = any (${sql.param([...scope])}::uuid[]) order by name`,
  )
  return rows.map(({ name }) => name).join('; ')
}

/** Devices with something open, those that are alike together. */
export async function vexGroups(
  tx: Tx,
  scope: Scope,
  filter: WorkFilter,
  now: Date,
): Promise<readonly VexGroup[]> {
  const day = sql`(${now.toISOString()}::timestamptz at time zone j.timezone)::date`
  const { rows } = await tx.execute<VexGroup & Record<string, unknown>>(sql`
    select w.manufacturer, w.maker, w.model, w."firmwareVersion", sum(w.devices)::int as devices,
      w.risk -> 'vulnerabilities' as vulnerabilities, w.risk -> 'possibleVulnerabilities' as possible,
      w.treatments::json as treatments
    from (
      select d.manufacturer, p.maker_id as maker, d.model, d.firmware_version as "firmwareVersion",
        p.firmware_risk::jsonb as risk, ${treatmentsOn(day)}::text as treatments, count(*) as devices
      from profiles p join devices d on d.jurisdiction_id = p.jurisdiction_id and d.profile_id = p.id
      join jurisdictions j on j.id = d.jurisdiction_id
      where (cardinality(p.firmware_vulnerabilities) > 0
        or jsonb_array_length(p.firmware_risk::jsonb -> 'possibleVulnerabilities') > 0)
        and ${conditionsOf(everyQueue(filter), scope, now)}
      group by 1, 2, 3, 4, 5, 6
    ) w group by 1, 2, 3, 4, 6, 7, w.treatments
    order by 1, 3, 4, 2, w.treatments`)
  return rows
}
