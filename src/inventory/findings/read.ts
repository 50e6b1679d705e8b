/**
 * Findings as they stand: the stored answers of devices, one line for each regime and activity, with what was decided.
 * Nothing is stored of them but decisions. A profile that is stale is evaluated where it is read.
 */
import { type SQL, sql } from 'drizzle-orm'
import { isFinding } from '../../catalogue/outcomes.ts'
import type { Scope, Tx } from '../../db/database.ts'
import type { Determination } from '../../determination/determination.ts'
import {
  type CursorPart,
  type CursorValue,
  decodeCursor,
  encodeCursor,
  type Page,
  type PageAsked,
  TEXT_PART,
  UUID_PART,
} from '../../http/pages.ts'
import { toInstant } from '../../http/schemas.ts'
import { dayIn } from '../../lib/calendar.ts'
import { currentProfiles, type EvaluationTerms } from '../../screening/current-profiles.ts'
import type { DeviceFilter } from '../queries/device-filter.ts'
import { conditionsOf } from '../queries/filter.ts'
import { type Basis, type Decided, standingOf } from './model/standing.ts'
import type { Finding, FindingFilter, FindingsQuery } from './schemas.ts'

/** Of a finding itself; the others ask for devices. */
export interface FindingAsked {
  readonly deviceId: readonly string[]
  readonly regime: readonly string[]
  readonly activity: readonly string[]
  readonly outcome: readonly string[]
  readonly rule: readonly string[]
  readonly triage: readonly string[]
}

export interface Question {
  readonly devices: DeviceFilter
  readonly asked: FindingAsked
}

/** A question of a list or of a body, as the filter of devices that it has and what it asks of findings. */
export function questionOf(all: FindingsQuery | FindingFilter): Question {
  const { deviceId, regime, activity, outcome, rule, triage, ...devices } = all
  return {
    devices: { jurisdictionId: [], ...devices, regime: [], activity: [], outcome: [] },
    asked: { deviceId, regime, activity, outcome, rule, triage },
  }
}

/** Devices that have such a finding, as far as it is stored. */
export function hasFinding({ regime, activity, outcome }: FindingAsked): SQL {
  const anyOf = (column: SQL, values: readonly string[]) =>
    values.length === 0 ? sql`` : sql` and ${column} = any (${sql.param(values)}::text[])`
  return sql`exists (select 1 from answer_findings f where f.jurisdiction_id = p.jurisdiction_id
    and f.answer_id = p.answer_id${anyOf(sql`f.regime_id`, regime)}${anyOf(sql`f.activity`, activity)}${anyOf(sql`f.outcome`, outcome)})`
}

interface DeviceRow extends Record<string, unknown> {
  readonly jurisdictionId: string
  readonly jurisdiction: string
  readonly timezone: string
  readonly deviceId: string
  readonly profileId: string
  readonly assetTag: string | null
  readonly name: string | null
  readonly siteId: string | null
  readonly manufacturer: string | null
  readonly model: string | null
  readonly acquiredOn: string | null
  readonly fundingSource: string | null
  readonly cost: string | null
  readonly currency: string | null
}

export type FoundFinding = Finding & { readonly basis: Basis }

/** Devices that are read at once. */
const BATCH = 500

type Place = readonly [jurisdictionId: string, deviceId: string]

/** Findings in the order of cities, devices, regimes and activities, from a device on. */
export async function* findingsFrom(
  tx: Tx,
  scope: Scope,
  question: Question,
  terms: EvaluationTerms,
  start: Place | null = null,
): AsyncGenerator<FoundFinding[]> {
  let from = start
  for (;;) {
    const rows = await deviceRows(tx, scope, question, from)
    if (rows.length > 0) yield await findingsOfRows(tx, rows, question.asked, terms)
    const last = rows.at(-1)
    if (!last || rows.length < BATCH) return
    from = [last.jurisdictionId, `${last.deviceId}+`]
  }
}

async function deviceRows(
  tx: Tx,
  scope: Scope,
  { devices, asked }: Question,
  from: Place | null,
): Promise<DeviceRow[]> {
  const [city, device = ''] = from ?? []
  const after = device.endsWith('+') ? sql`>` : sql`>=`
  const position =
    from === null
      ? sql``
      : sql` and (d.jurisdiction_id, d.id) ${after} (${city}::uuid, ${device.replace('+', '')}::uuid)`
  const named =
    asked.deviceId.length === 0 ? sql`` : sql` and d.id = any (${sql.param(asked.deviceId)}::uuid[])`
  const { rows } = await tx.execute<DeviceRow>(sql`
    select d.jurisdiction_id::text as "jurisdictionId", j.name as jurisdiction, j.timezone, d.id::text as "deviceId",
      d.profile_id::text as "profileId", d.asset_tag as "assetTag", d.name, d.site_id::text as "siteId", d.manufacturer,
      d.model, d.acquired_on::text as "acquiredOn", d.funding_source as "fundingSource",
      d.acquisition_cost_cents::text as cost, d.currency
    from devices d join profiles p on p.jurisdiction_id = d.jurisdiction_id and p.id = d.profile_id
      join jurisdictions j on j.id = d.jurisdiction_id
    where ${conditionsOf(devices, scope)} and ${hasFinding(asked)}${named}${position}
    order by d.jurisdiction_id, d.id limit ${BATCH}`)
  return rows
}

async function findingsOfRows(
  tx: Tx,
  rows: readonly DeviceRow[],
  asked: FindingAsked,
  terms: EvaluationTerms,
): Promise<FoundFinding[]> {
  const decided = await decisionsOn(tx, rows)
  const found: FoundFinding[] = []
  for (const city of new Set(rows.map(({ jurisdictionId }) => jurisdictionId))) {
    const own = rows.filter(({ jurisdictionId }) => jurisdictionId === city)
    const profiles = await currentProfiles(
      tx,
      city,
      [...new Set(own.map(({ profileId }) => profileId))],
      terms,
    )
    const parsed = new Map<string, readonly Determination[]>()
    for (const [id, { findings }] of profiles) {
      parsed.set(
        id,
        inOrder((JSON.parse(findings) as Determination[]).filter((one) => isAskedFor(one, asked))),
      )
    }
    for (const row of own) {
      const maker = profiles.get(row.profileId)?.makerId ?? null
      for (const one of parsed.get(row.profileId) ?? []) {
        const finding = findingOf(row, maker, one, decided.get(keyOf(row.deviceId, one)) ?? null, terms)
        if (asked.triage.length === 0 || asked.triage.includes(finding.triage)) found.push(finding)
      }
    }
  }
  return found
}

const inOrder = (all: Determination[]) =>
  all.toSorted((a, b) =>
    a.regime === b.regime ? (a.activity < b.activity ? -1 : 1) : a.regime < b.regime ? -1 : 1,
  )

export function isAskedFor(one: Determination, { regime, activity, outcome, rule }: FindingAsked): boolean {
  const among = (values: readonly string[], value: string) => values.length === 0 || values.includes(value)
  return (
    isFinding(one.outcome) &&
    among(regime, one.regime) &&
    among(activity, one.activity) &&
    among(outcome, one.outcome) &&
    among(rule, one.ruleId)
  )
}

type DecidedRow = Decided & { readonly decision: Finding['decision'] }

const keyOf = (deviceId: string, { regime, activity }: Pick<Determination, 'regime' | 'activity'>) =>
  `${deviceId} ${regime} ${activity}`

interface DecisionRow extends Record<string, unknown> {
  readonly deviceId: string
  readonly regime: string
  readonly activity: Determination['activity']
  readonly basis: Basis
  readonly id: string
  readonly state: Decided['state']
  readonly reason: string
  readonly documentIds: string[]
  readonly until: string | null
  readonly by: string
  readonly keyLabel: string
  readonly at: string
  readonly confirmedAt: string | null
  readonly confirmedBy: string | null
  readonly confirmedKeyLabel: string | null
  readonly withdrawnAt: string | null
  readonly withdrawnBy: string | null
  readonly withdrawnReason: string | null
}

/** The last decision on each finding of the devices. */
async function decisionsOn(tx: Tx, rows: readonly DeviceRow[]): Promise<ReadonlyMap<string, DecidedRow>> {
  const { rows: found } = await tx.execute<DecisionRow>(sql`
    select f.device_id::text as "deviceId", f.regime_id as regime, f.activity, f.basis, c.id::text as id, c.state, c.reason,
      c.document_ids::text[] as "documentIds", c.until::text as until, c.decided_by as by, c.key_label as "keyLabel", c.created_at as at,
      c.confirmed_at as "confirmedAt", c.confirmed_by as "confirmedBy", c.confirmed_key_label as "confirmedKeyLabel",
      c.withdrawn_at as "withdrawnAt", c.withdrawn_by as "withdrawnBy", c.withdrawn_reason as "withdrawnReason"
    from decided_findings f join finding_decisions c on c.jurisdiction_id = f.jurisdiction_id and c.id = f.decision_id
    where f.replaced_at is null
      and f.jurisdiction_id = any (${sql.param([...new Set(rows.map((row) => row.jurisdictionId))])}::uuid[])
      and f.device_id = any (${sql.param(rows.map((row) => row.deviceId))}::uuid[])`)
  return new Map(found.map((row) => [keyOf(row.deviceId, row), decidedOf(row)]))
}

function decidedOf(row: DecisionRow): DecidedRow {
  const { id, state, reason, documentIds, until, by, keyLabel, at, confirmedAt, withdrawnAt, basis } = row
  const confirmed =
    confirmedAt === null
      ? null
      : { by: row.confirmedBy!, keyLabel: row.confirmedKeyLabel!, at: toInstant(confirmedAt) }
  return {
    state,
    until,
    confirmedAt,
    withdrawn: withdrawnAt === null ? null : { by: row.withdrawnBy!, reason: row.withdrawnReason! },
    basis,
    decision: { id, state, reason, documentIds, until, by, keyLabel, at: toInstant(at), confirmed },
  }
}

function findingOf(
  row: DeviceRow,
  maker: string | null,
  one: Determination,
  decided: DecidedRow | null,
  { knowledge, now }: EvaluationTerms,
): FoundFinding {
  const { profileId: _, timezone, cost, ...device } = row
  const { regime, activity, outcome, certainty, ruleId, because, missingFacts, citation, waitsFor, facts } =
    one
  const basis: Basis = { outcome, ruleId, citation, certainty, maker, facts }
  return {
    ...device,
    maker,
    acquisitionCostCents: cost === null ? null : Number(cost),
    regime,
    activity,
    outcome,
    certainty,
    ruleId,
    because,
    missingFacts: [...missingFacts],
    citation,
    waitsFor,
    listsReadOn: knowledge.asOf,
    ...standingOf(decided, basis, dayIn(now, timezone)),
    decision: decided?.decision ?? null,
    basis,
  }
}

const POSITION: readonly CursorPart[] = [UUID_PART, UUID_PART, TEXT_PART, TEXT_PART]
const placeOf = (one: Finding): readonly CursorValue[] => [
  one.jurisdictionId,
  one.deviceId,
  one.regime,
  one.activity,
]

/** One page. */
export async function findingPage(
  tx: Tx,
  scope: Scope,
  question: Question,
  terms: EvaluationTerms,
  page: PageAsked,
): Promise<Page<Finding>> {
  const from =
    page.cursor === undefined ? null : (decodeCursor(page.cursor, page.question, POSITION) as string[])
  const isAfter = (one: Finding) => {
    if (from === null || one.deviceId !== from[1]) return true
    return one.regime > from[2]! || (one.regime === from[2] && one.activity > from[3]!)
  }
  const items: Finding[] = []
  for await (const batch of findingsFrom(
    tx,
    scope,
    question,
    terms,
    from === null ? null : [from[0]!, from[1]!],
  )) {
    for (const { basis: _, ...finding } of batch) {
      if (!isAfter(finding)) continue
      if (items.length === page.limit) {
        return { items, nextCursor: encodeCursor([...placeOf(items.at(-1)!)], page.question) }
      }
      items.push(finding)
    }
  }
  return { items, nextCursor: null }
}
