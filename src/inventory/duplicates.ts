/** Devices of the register that may be one: each with an older one that says the same of itself. */
import { type SQL, sql } from 'drizzle-orm'
import type { Scope, Tx } from '../db/database.ts'
import { orderBy, type Page, type PageAsked, type SortKey } from '../http/pages.ts'
import { toInstant } from '../http/schemas.ts'
import { cutPage, fromCursor, inScope } from '../http/table-pages.ts'

/** What two devices have in common, and what makes them two all the same. */
const REASONS: readonly { reason: string; key: string; unless: string }[] = [
  { reason: 'assetTag', key: 'd.asset_tag_folded', unless: 'false' },
  {
    reason: 'serialNumber',
    key: 'd.serial_number_folded',
    // Makers number their devices by themselves.
    unless: `d.mac_address <> f.mac_address or (d.mac_address is distinct from f.mac_address and
      lower(d.manufacturer) <> lower(f.manufacturer) and lower(d.model) <> lower(f.model))`,
  },
  { reason: 'macAddress', key: 'd.mac_address', unless: 'false' },
]

const ofOther = (key: string) => sql.raw(key.replaceAll('d.', 'f.'))

/** Pairs of one reason. Only what occurs twice is looked at more closely. */
function pairsBy({ reason, key, unless }: (typeof REASONS)[number], scope: SQL): SQL {
  return sql`
    select d.jurisdiction_id, f.id as "firstId", d.id as "otherId", ${reason} as reason
    from (select d.jurisdiction_id, ${sql.raw(key)} as key from devices d
      where ${scope} and ${sql.raw(key)} is not null group by 1, 2 having count(*) > 1) twice
    join devices d on d.jurisdiction_id = twice.jurisdiction_id and ${sql.raw(key)} is not null and ${sql.raw(key)} = twice.key
    cross join lateral (select f.id from devices f
      where f.jurisdiction_id = d.jurisdiction_id and ${ofOther(key)} = twice.key and f.id < d.id
        and (${sql.raw(unless)}) is not true
      order by f.id limit 1) f`
}

const ORDER: readonly SortKey[] = (['jurisdiction_id', 'firstId', 'otherId'] as const).map((field) => ({
  field: field === 'jurisdiction_id' ? 'jurisdictionId' : field,
  column: sql.raw(`p."${field}"`),
  descending: false,
  type: 'uuid',
  nullable: false,
}))

interface DeviceInPair {
  readonly id: string
  readonly assetTag: string | null
  readonly name: string | null
  readonly manufacturer: string | null
  readonly model: string | null
  readonly serialNumber: string | null
  readonly macAddress: string | null
  readonly siteId: string | null
  readonly importSource: string | null
  readonly updatedAt: string
}

export interface DuplicatePair {
  readonly jurisdictionId: string
  readonly reasons: readonly string[]
  readonly first: DeviceInPair
  readonly other: DeviceInPair
}

interface PairRow extends Record<string, unknown> {
  readonly jurisdictionId: string
  readonly firstId: string
  readonly otherId: string
  readonly reasons: string[]
  readonly first: DeviceInPair
  readonly other: DeviceInPair
}

const shown = (alias: string) =>
  sql.raw(`json_build_object('id', ${alias}.id, 'assetTag', ${alias}.asset_tag, 'name', ${alias}.name,
    'manufacturer', ${alias}.manufacturer, 'model', ${alias}.model, 'serialNumber', ${alias}.serial_number,
    'macAddress', ${alias}.mac_address, 'siteId', ${alias}.site_id, 'importSource', ${alias}.import_source,
    'updatedAt', ${alias}.updated_at)`)

export async function duplicatePage(tx: Tx, scope: Scope, page: PageAsked): Promise<Page<DuplicatePair>> {
  const within = inScope(scope) ?? sql`true`
  const { rows } = await tx.execute<PairRow>(sql`
    with pairs as (
      select jurisdiction_id, "firstId", "otherId", array_agg(reason order by reason) as reasons
      from (${sql.join(
        REASONS.map((reason) => pairsBy(reason, within)),
        sql` union all `,
      )}) p group by 1, 2, 3)
    select p.jurisdiction_id::text as "jurisdictionId", p."firstId"::text as "firstId", p."otherId"::text as "otherId",
      p.reasons, ${shown('f')} as first, ${shown('o')} as other
    from pairs p
    join devices f on f.jurisdiction_id = p.jurisdiction_id and f.id = p."firstId"
    join devices o on o.jurisdiction_id = p.jurisdiction_id and o.id = p."otherId"
    where ${fromCursor(ORDER, page)} order by ${orderBy(ORDER)} limit ${page.limit + 1}`)
  const told = (device: DeviceInPair) => ({ ...device, updatedAt: toInstant(device.updatedAt) })
  return cutPage(rows, ORDER, page, ({ jurisdictionId, reasons, first, other }) => ({
    jurisdictionId,
    reasons,
    first: told(first),
    other: told(other),
  }))
}
