/**
 * Bring stale profiles up to date: those evaluated under other knowledge, under other facts of the jurisdiction,
 * or before a date that has come. A change of law touches profiles; devices are touched only where a new
 * date in the law cuts an epoch in two and some of a profile's devices now belong to another.
 */
import { type SQL, sql } from 'drizzle-orm'
import { cutsByVersion } from '../catalogue/versions.ts'
import type { Database, Tx } from '../db/database.ts'
import { tryLockImports } from '../db/locks.ts'
import { unseen } from '../db/query-hints.ts'
import { sortedDates } from '../determination/coverage.ts'
import { boundaries } from '../determination/law.ts'
import { deviceDocument } from '../device/columns.ts'
import type { DeviceRecord } from '../device/schemas.ts'
import type { ScreenedDevice } from '../device/screened-device.ts'
import { storedPlace, type WorkQueue } from '../firmware-risk/risk.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { OPERATOR, record } from '../tenancy/audit.ts'
import { type JurisdictionContext, loadJurisdiction } from './context.ts'
import { type Cuts, daysSince, isCutInTwo } from './cuts.ts'
import { evaluatingInParts } from './evaluate-in-parts.ts'
import type { Knowledge } from './knowledge.ts'
import { underLocalLaw } from './local-law.ts'
import { moveDevices } from './move-devices.ts'
import {
  type Answer,
  ensureAnswers,
  evaluated,
  evaluatedChanges,
  evaluatedRecord,
  pruneAnswers,
} from './profiles.ts'
import { type Reading, readRegister, versionsBefore } from './read-register.ts'
import { isOvertaken, staleProfiles } from './stale.ts'
import { mayBeReadOtherwise } from './text-search.ts'

const BATCH = 500
const RECUT_BATCH = 5000

/**
 * Re-evaluate every stale profile. Gives how many; a second run does nothing. Ends after the batch in hand when the
 * signal is aborted: what is left is as stale as before.
 */
export async function rescreen(
  database: Database,
  knowledge: Knowledge,
  now: Date,
  signal?: AbortSignal,
): Promise<number> {
  const jurisdictions = await staleJurisdictions(database, knowledge, now)
  if (jurisdictions.length === 0) return 0
  const pass = await beginPass(database, knowledge, now, signal)
  let done = 0
  for (const id of jurisdictions) {
    done += await rescreenStale(pass, id)
    if (signal?.aborted) return done
  }
  return done
}

/** The same for one jurisdiction, for somebody who waits: lists, filters and totals of it are right afterwards. */
export async function rescreenOne(
  database: Database,
  id: string,
  knowledge: Knowledge,
  now: Date,
  signal: AbortSignal,
): Promise<number> {
  return rescreenStale(await beginPass(database, knowledge, now, signal), id)
}

async function beginPass(
  database: Database,
  knowledge: Knowledge,
  now: Date,
  signal: AbortSignal | undefined,
): Promise<Reading> {
  const cuts = await database.asOperator(cutsByVersion)
  return { database, knowledge, now, signal, cuts, before: versionsBefore(database, knowledge) }
}

async function rescreenStale(pass: Reading, id: string): Promise<number> {
  const { database, knowledge, cuts, now, signal } = pass
  if (!(await readRegister(pass, id))) return 0
  let done = 0
  for (;;) {
    const count = await database.inJurisdiction(id, (tx) => rescreenBatch(tx, id, knowledge, cuts, now), {
      timeLimitMillis: 120_000,
      signal,
    })
    done += count
    if (signal?.aborted) return done
    if (count < BATCH) break
  }
  await database.inJurisdiction(id, async (tx) => {
    if (await tryLockImports(tx, id)) await pruneAnswers(tx, id)
  })
  return done
}

async function staleJurisdictions(database: Database, knowledge: Knowledge, now: Date): Promise<string[]> {
  return database.acrossJurisdictions('all', async (tx) => {
    const { rows } = await tx.execute<{ id: string }>(
      sql`select distinct p.jurisdiction_id::text as id from profiles p
        join jurisdictions j on j.id = p.jurisdiction_id where ${staleProfiles(knowledge, now)} order by 1`,
    )
    return rows.map((row) => row.id)
  })
}

async function rescreenBatch(
  tx: Tx,
  jurisdictionId: string,
  knowledge: Knowledge,
  cuts: Cuts,
  now: Date,
): Promise<number> {
  // Whoever holds the lock leaves nothing stale behind or makes the next pass do it.
  if (!(await tryLockImports(tx, jurisdictionId)) || (await isOvertaken(tx, knowledge))) return 0
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  const { rows } = await tx.execute<{
    id: string
    facts: ScreenedDevice
    headline: unknown
    devices: number
    version: number
    placeVersion: number
    queue: WorkQueue | null
    since: PlainDate | null
    level: string | null
  }>(sql`
    select p.id::text as id, p.facts, p.headline, p.device_count as devices, p.knowledge_version as version,
      p.jurisdiction_version as "placeVersion",
      p.firmware_queue as queue, p.firmware_since::text as since, p.firmware_level as level
    from profiles p join jurisdictions j on j.id = p.jurisdiction_id
    where p.jurisdiction_id = ${jurisdictionId}::uuid and ${staleProfiles(knowledge, now)}
    order by p.id limit ${BATCH} for update of p skip locked`)
  if (rows.length === 0) return 0
  const law = underLocalLaw(knowledge, jurisdiction)
  const { customLabels, version } = jurisdiction
  for (const row of rows) {
    if (row.devices === 0) continue
    const before = daysOf(cuts, row, jurisdiction, law)
    const into = { tx, jurisdiction, knowledge, now }
    // A law of the place may name somebody whom texts were not read for, and a field may be called otherwise now.
    if (isCutInTwo(row.facts, before, law.cut.boundaries)) await recut(row.id, sql`true`, into)
    else if (row.placeVersion === version) continue
    else if (row.facts.custom != null) await recut(row.id, sql`true`, into)
    else if (law.identifyLocally !== knowledge.identify)
      await recut(row.id, mayBeReadOtherwise(knowledge, law, [customLabels]), into)
  }
  const changed: { id: string; before: unknown; after: unknown }[] = []
  const levels: { id: string; before: string | null; after: string }[] = []
  let answers: Answer[] = []
  const evaluateOne = ({ id, facts, headline, devices, queue, since, level }: (typeof rows)[number]) => {
    const earlier = storedPlace(queue, since)
    const { columns, answer, screening } = evaluated(facts, jurisdiction, knowledge, now, earlier)
    answers.push(answer)
    if (devices > 0 && !sameHeadline(headline, screening.headline)) {
      changed.push({ id, before: headline, after: screening.headline })
    }
    if (devices > 0 && level !== null && level !== columns.firmwareLevel) {
      levels.push({ id, before: level, after: columns.firmwareLevel })
    }
    return { id, ...columns }
  }
  for await (const updates of evaluatingInParts(rows, evaluateOne)) {
    await ensureAnswers(tx, jurisdictionId, answers)
    answers = []
    await tx.execute(sql`
      update profiles p set ${evaluatedChanges}
      from jsonb_to_recordset(${JSON.stringify(updates)}::jsonb) as r(id uuid, ${evaluatedRecord}),
        ${unseen(jurisdictionId)} c
      where p.jurisdiction_id = c.id and p.id = r.id`)
  }
  if (changed.length > 0 || levels.length > 0) {
    await record(tx, jurisdictionId, OPERATOR, now, {
      action: 'profiles.rescreen',
      target: null,
      detail: {
        knowledgeVersion: knowledge.version,
        firmwareVersion: knowledge.firmware.version,
        profiles: rows.length,
        changed,
        levels,
      },
    })
  }
  return rows.length
}

function sameHeadline(a: unknown, b: object): boolean {
  const before = a as Record<string, unknown>
  return Object.entries(b).every(([activity, outcome]) => before[activity] === outcome)
}

/**
 * Days by which every device of a profile was cut. Laws of the place that may have come since are as good as new:
 * looking again does no harm.
 */
function daysOf(
  cuts: Cuts,
  { version, placeVersion }: { readonly version: number; readonly placeVersion: number },
  jurisdiction: JurisdictionContext,
  { local }: Knowledge,
): readonly PlainDate[] {
  const shared = daysSince(cuts, version) ?? []
  if (local === null || placeVersion !== jurisdiction.version) return shared
  return sortedDates([...shared, ...boundaries(local)])
}

interface Into {
  readonly tx: Tx
  readonly jurisdiction: JurisdictionContext
  readonly knowledge: Knowledge
  readonly now: Date
}

/** Move those devices of a profile that a new date in the law, or another reading of texts, tells apart from the rest. */
async function recut(
  profileId: string,
  which: SQL,
  { tx, jurisdiction, knowledge, now }: Into,
): Promise<void> {
  let position = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const { rows } = await tx.execute<{ id: string; doc: string }>(sql`
      select d.id::text as id, ${deviceDocument} as doc from devices d
      where d.jurisdiction_id = ${jurisdiction.id}::uuid and d.profile_id = ${profileId}::uuid and d.id > ${position}::uuid
        and ${which}
      order by d.id limit ${RECUT_BATCH}`)
    const devices = rows.map(({ id, doc }) => ({ id, profileId, device: JSON.parse(doc) as DeviceRecord }))
    await moveDevices(tx, devices, { jurisdiction, knowledge, now })
    const last = rows.at(-1)
    if (!last || rows.length < RECUT_BATCH) return
    position = last.id
  }
}
