/** The devices of the register that rows of a batch may be about. */
import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { unseen } from '../../db/query-hints.ts'
import { folded } from '../../lib/letters.ts'
import { type Existing, KnownDevices, tagKey } from './matching.ts'
import { type KeyKind, storedKey } from './recognition.ts'
import { SHORT_COLUMNS } from './records.ts'
import type { Wanted } from './wanted.ts'

export interface Register {
  readonly jurisdictionId: string
  /** What the file at hand is called. */
  readonly source: string
  /** Some devices became part of others, by whose names files may still list them. */
  readonly hasMerged: boolean
}

/** In which column a text is looked for. */
type SoughtBy = 'id' | 'tag' | 'serial' | 'mac' | 'external' | 'stored'

interface Sought {
  readonly how: SoughtBy
  readonly texts: readonly string[]
  readonly condition: SQL
  readonly from: SQL
}

interface Hit extends Record<string, unknown> {
  readonly how: SoughtBy
  readonly text: string
  readonly id: string
}

/** What a device is known by that was found with a text. */
const KNOWN_BY: Readonly<Record<SoughtBy, (text: string) => string>> = {
  id: (text) => storedKey({ kind: 'id', text }),
  tag: tagKey,
  serial: (text) => storedKey({ kind: 'serial', text: folded(text) }),
  mac: (text) => storedKey({ kind: 'mac', text }),
  external: (text) => storedKey({ kind: 'external', text: folded(text) }),
  stored: (text) => text,
}

const DEVICES = sql`devices d`
const MERGED = sql`device_merges m join devices d on d.jurisdiction_id = m.jurisdiction_id and d.id = m.into_id`

/**
 * Two questions a batch, however many rows it has: which devices the rows may be about, and what these are. Most are
 * found in several ways, and their rows are wide.
 */
export async function findKnown(tx: Tx, rows: readonly Wanted[], register: Register): Promise<KnownDevices> {
  const sought = soughtIn(rows, register).filter(({ texts }) => texts.length > 0)
  const known = new KnownDevices()
  if (sought.length === 0) return known
  const hits = await findIds(tx, sought, register)
  const devices = await readDevices(tx, [...new Set(hits.map(({ id }) => id))], register)
  for (const { how, text, id } of hits) {
    const device = devices.get(id)
    if (device !== undefined) known.add(KNOWN_BY[how](text), device)
  }
  return known
}

function soughtIn(rows: readonly Wanted[], { source, hasMerged }: Register): Sought[] {
  const textsOf = (kind: KeyKind) => [
    ...new Set(rows.flatMap(({ keys }) => keys.flatMap((key) => (key.kind === kind ? key.text : [])))),
  ]
  const tags = rows.flatMap(({ values }) => (values.assetTag == null ? [] : [String(values.assetTag)]))
  const stored = [...new Set(rows.flatMap(({ keys }) => keys.map(storedKey)))]
  const ofSource = sql`d.import_source = ${source}`
  const sought: Sought[] = [
    { how: 'id', texts: textsOf('id'), condition: sql`d.id = k.key::uuid`, from: DEVICES },
    { how: 'tag', texts: tags, condition: sql`d.asset_tag_folded = k.folded`, from: DEVICES },
    {
      how: 'serial',
      texts: textsOf('serial'),
      condition: sql`d.serial_number_folded = k.folded`,
      from: DEVICES,
    },
    { how: 'mac', texts: textsOf('mac'), condition: sql`d.mac_address = k.key`, from: DEVICES },
    {
      how: 'external',
      texts: textsOf('external'),
      condition: sql`${ofSource} and d.external_id_folded = k.folded`,
      from: DEVICES,
    },
    { how: 'stored', texts: stored, condition: sql`${ofSource} and d.import_key = k.key`, from: DEVICES },
  ]
  if (!hasMerged) return sought
  const keyWas = sql`m.import_source = ${source} and m.import_key = k.key`
  return [
    ...sought,
    { how: 'tag', texts: tags, condition: sql`m.asset_tag_folded = k.folded`, from: MERGED },
    { how: 'stored', texts: stored, condition: keyWas, from: MERGED },
  ]
}

/** Each text by itself through the index of its column, which `offset 0` keeps so. */
async function findIds(tx: Tx, sought: readonly Sought[], { jurisdictionId }: Register): Promise<Hit[]> {
  const questions = sought.map(
    ({ how, texts, condition, from }) => sql`
      select ${how}::text as how, k.key as text, d.id::text as id
      from (select key, public.fold_key(key) as folded from unnest(${sql.param(texts)}::text[]) key offset 0) k
      cross join ${unseen(jurisdictionId)} c
      cross join lateral (
        select d.id from ${from} where d.jurisdiction_id = c.id and ${condition} offset 0) d`,
  )
  const { rows } = await tx.execute<Hit>(sql.join(questions, sql` union all `))
  return rows
}

async function readDevices(
  tx: Tx,
  ids: readonly string[],
  { jurisdictionId }: Register,
): Promise<Map<string, Existing>> {
  if (ids.length === 0) return new Map()
  const { rows } = await tx.execute<Existing>(sql`
    select d.id::text as id, d.import_key as "importKey", d.import_source as "importSource",
      d.import_id::text as "importId", d.profile_id::text as "profileId", d.version,
      t.id is not null as "isTouched", ${sql.raw(SHORT_COLUMNS)}
    from unnest(${sql.param(ids)}::uuid[]) as k(id)
    cross join ${unseen(jurisdictionId)} c
    cross join lateral (select d.* from devices d where d.jurisdiction_id = c.id and d.id = k.id offset 0) d
    left join lateral (select t.id from import_touched t where t.id = d.id offset 0) t on true`)
  return new Map(rows.map((device) => [device.id, device]))
}
