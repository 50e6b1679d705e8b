/** Which treatments count for a device on its day: beside its answers, and in the order of work. */
import { type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'

export const TREATMENT_KINDS = ['compensating-control', 'risk-acceptance'] as const

/** What is said of a treatment beside a device. */
export const TreatmentInShort = z
  .object({
    id: z.string(),
    kind: z.enum(TREATMENT_KINDS),
    title: z.string(),
    owner: z.string(),
    isVerified: z.boolean(),
    vulnerabilities: z.union([z.string(), z.array(z.string())]),
    expiresOn: z.string(),
  })
  .meta({ id: 'RiskTreatmentInShort' })
export type TreatmentInShort = z.infer<typeof TreatmentInShort>

export const treatmentInWords = ({ title, owner, expiresOn }: TreatmentInShort): string =>
  `${title} (${owner}, through ${expiresOn})`

/** Condition on `risk_treatments t` and `devices d`: it counts for the device on the day. */
const counts = (day: SQL): SQL => sql`t.jurisdiction_id = d.jurisdiction_id
  and (d.id = any (t.device_ids) or d.site_id = any (t.site_ids))
  and (t.doc ->> 'beginsOn')::date <= ${day} and t.expires_on >= ${day} and (t.ended_on is null or t.ended_on > ${day})`

/** Treatments that count for device `d` on the day, as JSON. */
export const treatmentsOn = (day: SQL): SQL => sql`(
  select coalesce(json_agg(json_build_object('id', t.id, 'kind', t.kind, 'title', t.doc -> 'title',
    'owner', t.doc -> 'owner', 'isVerified', t.doc ->> 'verifiedOn' is not null,
    'vulnerabilities', t.doc -> 'vulnerabilities', 'expiresOn', t.expires_on) order by t.expires_on, t.id), '[]')
  from risk_treatments t where ${counts(day)})`

/** Today where device `d` is. */
const dayOf = (now: Date): SQL => sql`(${now.toISOString()}::timestamptz at time zone
  (select j.timezone from jurisdictions j where j.id = d.jurisdiction_id))::date`

/** Treatments of devices on the day of each one's city. */
export async function treatmentsByDevice(
  tx: Tx,
  deviceIds: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, readonly TreatmentInShort[]>> {
  const { rows } = await tx.execute<{ id: string; treatments: TreatmentInShort[] }>(sql`
    select d.id::text as id, ${treatmentsOn(dayOf(now))} as treatments
    from devices d where d.id = any (${sql.param(deviceIds)}::uuid[])`)
  return new Map(rows.map(({ id, treatments }) => [id, treatments]))
}

/** Whether anybody in scope has a treatment that may count. */
export async function hasTreatments(tx: Tx, now: Date): Promise<boolean> {
  // No zone is more than a day away from UTC.
  const { rows } = await tx.execute(sql`
    select 1 from risk_treatments where expires_on >= (${now.toISOString()}::timestamptz - interval '1 day')::date limit 1`)
  return rows.length > 0
}

/** Condition on `devices d`: some treatment names it or its site, whether it counts or not. */
export const isNamedInTreatment = sql`(d.jurisdiction_id, d.id) in (
  select t.jurisdiction_id, unnest(t.device_ids) from risk_treatments t
  union select t.jurisdiction_id, o.id from risk_treatments t
    join devices o on o.jurisdiction_id = t.jurisdiction_id and o.site_id = any (t.site_ids))`

/**
 * Condition on `devices d join profiles p`: each open vulnerability of the device is covered, on its day, by a control
 * that somebody verified or a risk that was accepted.
 */
export const isTreated = (now: Date): SQL => sql`coalesce((
  select bool_or(t.doc ->> 'vulnerabilities' = 'any')
    or (cardinality(p.firmware_vulnerabilities) > 0
      and p.firmware_vulnerabilities <@ array_agg(upper(v.id)) filter (where v.id is not null))
  from risk_treatments t
  left join lateral jsonb_array_elements_text(
    case jsonb_typeof(t.doc -> 'vulnerabilities') when 'array' then t.doc -> 'vulnerabilities' else '[]' end) v(id) on true
  where ${counts(dayOf(now))} and (t.kind = 'risk-acceptance' or t.doc ->> 'verifiedOn' is not null)), false)`
