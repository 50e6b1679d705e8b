/** Profiles in the database: found or made when a device is written, evaluated again when law or facts move. */

import { and, eq, inArray, sql } from 'drizzle-orm'
import { isFinding } from '../catalogue/outcomes.ts'
import type { Tx } from '../db/database.ts'
import { unseen } from '../db/query-hints.ts'
import { profiles } from '../db/schema/index.ts'
import type { ScreenedDevice } from '../device/screened-device.ts'
import type { FirmwareRisk } from '../firmware-risk/firmware-risk.ts'
import type { RiskInput } from '../firmware-risk/risk.ts'
import { dayIn, type PlainDate } from '../lib/calendar.ts'
import { uuidOf } from '../lib/ids.ts'
import { memoryOf } from '../lib/memory.ts'
import type { JurisdictionContext } from './context.ts'
import { evaluatingInParts } from './evaluate-in-parts.ts'
import type { Knowledge } from './knowledge.ts'
import { noteLawOfWriter } from './late-writers.ts'
import { openOf } from './left-out.ts'
import { underLocalLaw } from './local-law.ts'
import { type ProfileKey, profileKey } from './profile.ts'
import { writeRisk } from './risk-json.ts'
import { type Screening, screenIn } from './screen.ts'
import { subjectsOf } from './subjects.ts'

/** The profile a device of a city belongs to. */
export function profileOf(
  device: ScreenedDevice,
  city: Pick<JurisdictionContext, 'localLaws' | 'customLabels'>,
  knowledge: Knowledge,
): ProfileKey {
  return profileKey(device, underLocalLaw(knowledge, city).cut)
}

/** Columns of an evaluated profile, as they are stored. */
export function evaluated(
  facts: ScreenedDevice,
  jurisdiction: JurisdictionContext,
  knowledge: Knowledge,
  now: Date,
  earlier: RiskInput['earlier'] = null,
) {
  const asOf = dayIn(now, jurisdiction.timezone)
  const { firmware } = jurisdiction
  const screening = screenIn(jurisdiction, facts, knowledge, asOf, earlier)
  const { identification, firmwareRisk: risk } = screening
  const answer = answerOf(screening)
  return {
    answer,
    columns: {
      identification,
      answerId: answer.id,
      headline: screening.headline,
      identificationStatus: identification.status,
      needsReview: identification.needsReview,
      brandId: identification.brand,
      makerId: identification.maker,
      confidence: identification.confidence,
      ...openOf(screening),
      knowledgeVersion: knowledge.version,
      jurisdictionVersion: jurisdiction.version,
      asOf,
      validUntil: screening.validUntil,
      evaluatedAt: now.toISOString(),
      firmwareRisk: writeRisk(risk),
      firmwareLevel: risk.level,
      firmwareScore: risk.score,
      firmwareBand: risk.band,
      firmwareUrgency: risk.urgency,
      firmwareQueue: risk.queue,
      firmwareNeedsReview: risk.needsReview,
      firmwareCutOffOn: risk.cutOffOn,
      firmwareDueOn: dueOn(risk),
      firmwareSince: risk.since,
      firmwareOrder: risk.order,
      firmwarePatch: risk.patch.answer,
      firmwareOutlook: risk.outlook,
      firmwareVulnerabilities: risk.vulnerabilities.map(({ id }) => id),
      firmwareSubjects: subjectsOf(screening, jurisdiction, knowledge),
      firmwareVersion: knowledge.firmware.version,
      firmwareRevision: firmware.revision,
    },
    screening,
  }
}

/** Columns that an evaluation writes -> their types in PostgreSQL. The one list of them. */
const EVALUATED = {
  identification: ['identification', 'jsonb'],
  answerId: ['answer_id', 'uuid'],
  headline: ['headline', 'jsonb'],
  identificationStatus: ['identification_status', 'text'],
  needsReview: ['needs_review', 'boolean'],
  brandId: ['brand_id', 'text'],
  makerId: ['maker_id', 'text'],
  confidence: ['confidence', 'double precision'],
  waitsFor: ['waits_for', 'text'],
  cityQuestions: ['city_questions', 'text[]'],
  knowledgeVersion: ['knowledge_version', 'integer'],
  jurisdictionVersion: ['jurisdiction_version', 'integer'],
  asOf: ['as_of', 'date'],
  validUntil: ['valid_until', 'date'],
  evaluatedAt: ['evaluated_at', 'timestamptz'],
  firmwareRisk: ['firmware_risk', 'text'],
  firmwareLevel: ['firmware_level', 'text'],
  firmwareScore: ['firmware_score', 'smallint'],
  firmwareBand: ['firmware_band', 'text'],
  firmwareUrgency: ['firmware_urgency', 'text'],
  firmwareQueue: ['firmware_queue', 'text'],
  firmwareNeedsReview: ['firmware_needs_review', 'boolean'],
  firmwareCutOffOn: ['firmware_cut_off_on', 'date'],
  firmwareDueOn: ['firmware_due_on', 'date'],
  firmwareSince: ['firmware_since', 'date'],
  firmwareOrder: ['firmware_order', 'text'],
  firmwarePatch: ['firmware_patch', 'text'],
  firmwareOutlook: ['firmware_outlook', 'text'],
  firmwareVulnerabilities: ['firmware_vulnerabilities', 'text[]'],
  firmwareSubjects: ['firmware_subjects', 'text[]'],
  firmwareVersion: ['firmware_version', 'integer'],
  firmwareRevision: ['firmware_revision', 'integer'],
} as const satisfies Record<keyof ReturnType<typeof evaluated>['columns'], readonly [string, string]>

const entries = Object.entries(EVALUATED)
/** `identification, findings, ...` */
const evaluatedColumns = sql.raw(entries.map(([, [column]]) => column).join(', '))
const evaluatedValues = sql.raw(entries.map(([name]) => `r."${name}"`).join(', '))
/** `identification = r.identification, ...` for rows of `evaluatedRecord`. */
export const evaluatedChanges = sql.raw(
  entries.map(([name, [column]]) => `${column} = r."${name}"`).join(', '),
)
/** Column definitions for `jsonb_to_recordset`. */
export const evaluatedRecord = sql.raw(entries.map(([name, [, type]]) => `"${name}" ${type}`).join(', '))

export type Evaluated = ReturnType<typeof evaluated>

/** The day of the first action that has one. */
function dueOn({ actions }: FirmwareRisk): PlainDate | null {
  return actions.flatMap((action) => action.dueOn ?? []).toSorted()[0] ?? null
}

/** The determinations that somebody has to know of. */
export function findingsOf({ determinations }: Pick<Screening, 'determinations'>) {
  return determinations.filter((d) => isFinding(d.outcome))
}

/**
 * Make those of the profiles that are not there yet, with so many devices (none, unless said); `ready` has what is
 * evaluated already. Returns the ids of those that were made. Rows are written in the order of their ids, so two
 * imports into one city cannot lock each other out.
 */
export async function ensureProfiles(
  tx: Tx,
  keys: readonly ProfileKey[],
  jurisdiction: JurisdictionContext,
  knowledge: Knowledge,
  now: Date,
  devices: ReadonlyMap<string, number> = new Map(),
  ready: ReadonlyMap<string, Evaluated> = new Map(),
): Promise<readonly string[]> {
  await noteLawOfWriter(tx, jurisdiction.id, knowledge)
  const wanted = new Map(keys.map((key) => [key.id, key.facts]))
  if (wanted.size === 0) return []
  const there = await tx
    .select({ id: profiles.id })
    .from(profiles)
    .where(and(eq(profiles.jurisdictionId, jurisdiction.id), inArray(profiles.id, [...wanted.keys()])))
  for (const { id } of there) wanted.delete(id)
  const missing = [...wanted].sort(([a], [b]) => (a < b ? -1 : 1))
  if (missing.length === 0) return []
  let answers: Answer[] = []
  const evaluateOne = ([id, facts]: (typeof missing)[number]) => {
    const { columns, answer } = ready.get(id) ?? evaluated(facts, jurisdiction, knowledge, now)
    answers.push(answer)
    return { id, facts, devices: devices.get(id) ?? 0, ...columns }
  }
  const made: string[] = []
  for await (const rows of evaluatingInParts(missing, evaluateOne)) {
    await ensureAnswers(tx, jurisdiction.id, answers)
    answers = []
    const { rows: inserted } = await tx.execute<{ id: string }>(sql`
      insert into profiles (jurisdiction_id, id, facts, ${evaluatedColumns}, device_count)
      select ${jurisdiction.id}::uuid, r.id, r.facts, ${evaluatedValues}, r.devices
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as r(id uuid, facts jsonb, devices integer, ${evaluatedRecord})
      on conflict (jurisdiction_id, id) do nothing returning id::text as id`)
    made.push(...inserted.map(({ id }) => id))
  }
  return made
}

/** What the rules say of a profile, as it is stored. Profiles of which they say the same share it. */
export interface Answer {
  /** A digest of the rest. */
  readonly id: string
  readonly findings: string
  /** `regime/activity` -> outcome. */
  readonly outcomes: Readonly<Record<string, string>>
  readonly rows: readonly { readonly regime: string; readonly activity: string; readonly outcome: string }[]
}

/** Devices of which the rules say the same share their determinations, the same array. */
const written = memoryOf((determinations: Screening['determinations']): Answer => {
  const found = findingsOf({ determinations })
  const findings = JSON.stringify(found)
  const outcomes = Object.fromEntries(determinations.map((d) => [`${d.regime}/${d.activity}`, d.outcome]))
  return {
    id: uuidOf(`${findings} ${JSON.stringify(outcomes)}`),
    findings,
    outcomes,
    rows: found.map(({ regime, activity, outcome }) => ({ regime, activity, outcome })),
  }
})

const answerOf = ({ determinations }: Screening): Answer => written(determinations)

/**
 * Store those of the answers that are not there yet, in the order of their ids. Those that are there are held until
 * the transaction ends, so that nobody tidies one away before a profile points to it.
 */
export async function ensureAnswers(
  tx: Tx,
  jurisdictionId: string,
  answers: readonly Answer[],
): Promise<void> {
  const missing = new Map(answers.map((answer) => [answer.id, answer]))
  const holdThoseThere = async () => {
    const { rows } = await tx.execute<{ id: string }>(sql`
      select id::text as id from answers where jurisdiction_id = ${jurisdictionId}::uuid
        and id = any (${sql.param([...missing.keys()])}::uuid[]) for key share`)
    for (const { id } of rows) missing.delete(id)
  }
  while (missing.size > 0) {
    await holdThoseThere()
    if (missing.size === 0) return
    const sorted = [...missing.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
    const { rows: made } = await tx.execute<{ id: string }>(sql`
      insert into answers (jurisdiction_id, id, findings, outcomes)
      select ${jurisdictionId}::uuid, r.id, r.findings, r.outcomes
      from jsonb_to_recordset(${JSON.stringify(sorted)}::jsonb) as r(id uuid, findings text, outcomes jsonb)
      on conflict (jurisdiction_id, id) do nothing returning id::text as id`)
    const findings = made.flatMap(({ id }) => missing.get(id)!.rows.map((row) => ({ ...row, answerId: id })))
    for (const { id } of made) missing.delete(id)
    if (findings.length > 0) {
      await tx.execute(sql`
        insert into answer_findings (jurisdiction_id, answer_id, regime_id, activity, outcome)
        select ${jurisdictionId}::uuid, r."answerId", r.regime, r.activity, r.outcome
        from jsonb_to_recordset(${JSON.stringify(findings)}::jsonb)
          as r("answerId" uuid, regime text, activity text, outcome text)`)
    }
    // What another transaction stored in between is held in the next round.
  }
}

/** Take away the answers that no profile of the jurisdiction has any more. */
export async function pruneAnswers(tx: Tx, jurisdictionId: string): Promise<void> {
  await tx.execute(sql`
    delete from answers where jurisdiction_id = ${jurisdictionId}::uuid and id in (
      select a.id from answers a where a.jurisdiction_id = ${jurisdictionId}::uuid and not exists (
        select 1 from profiles p where p.jurisdiction_id = a.jurisdiction_id and p.answer_id = a.id)
      for update skip locked)`)
}

/**
 * Lock a profile until the transaction ends. Not `for update`: a transaction that has added a device holds the key of
 * its profile, and two that both do and both want more wait for each other.
 */
export async function holdProfile(tx: Tx, jurisdictionId: string, id: string): Promise<void> {
  await tx.execute(sql`
    select 1 from profiles where jurisdiction_id = ${jurisdictionId}::uuid and id = ${id}::uuid for no key update`)
}

/**
 * Add to (or take from) the number of devices of each profile, in the order of their ids. A profile that was answered
 * under a newer version than the devices were cut by counts as answered under theirs.
 */
export async function countDevices(
  tx: Tx,
  jurisdictionId: string,
  changes: ReadonlyMap<string, number>,
  { version }: Pick<Knowledge, 'version'>,
): Promise<void> {
  const entries = [...changes].filter(([, by]) => by !== 0).sort(([a], [b]) => (a < b ? -1 : 1))
  if (entries.length === 0) return
  // In batches: an import may touch ten thousands of profiles, and on the embedded database others read in between.
  for (let i = 0; i < entries.length; i += COUNTED_AT_ONCE)
    await countIn(tx, jurisdictionId, entries.slice(i, i + COUNTED_AT_ONCE), version)
}

const COUNTED_AT_ONCE = 1_000

async function countIn(
  tx: Tx,
  jurisdictionId: string,
  entries: readonly (readonly [id: string, by: number])[],
  version: number,
): Promise<void> {
  const ids = sql.param(entries.map(([id]) => id))
  const counts = sql.param(entries.map(([, by]) => by))
  // Locked in order before any is changed; their keys are held by whoever adds devices. In a statement of its own: one
  // that waited for a lock still sees the version before, and would queue for that again behind whoever waits for it.
  if (entries.length > 1) {
    await tx.execute(sql`
      select 1 from unnest(${ids}::uuid[]) c(id) cross join ${unseen(jurisdictionId)} j
      join profiles p on p.jurisdiction_id = j.id and p.id = c.id order by p.id for no key update of p`)
  }
  await tx.execute(sql`
    update profiles p set device_count = p.device_count + c.by,
      knowledge_version = least(p.knowledge_version, ${version})
    from unnest(${ids}::uuid[], ${counts}::int[]) c(id, by) cross join ${unseen(jurisdictionId)} j
    where p.jurisdiction_id = j.id and p.id = c.id`)
}
