/**
 * Read a register again after a change of the law that no subject stands for: names, models and signs that may be read
 * otherwise, and free texts that may name others. Profiles of which anything is read otherwise become stale, devices
 * whose texts are read otherwise go to the profile where they belong. What is read alike is not written.
 */
import { setTimeout } from 'node:timers/promises'
import { type SQL, sql } from 'drizzle-orm'
import { readRowsAt } from '../catalogue/tables.ts'
import type { Database, Tx } from '../db/database.ts'
import { tryLockImports, tryWithoutWriters } from '../db/locks.ts'
import { deviceDocument } from '../device/columns.ts'
import type { DeviceRecord } from '../device/schemas.ts'
import type { ScreenedDevice } from '../device/screened-device.ts'
import { productOf } from '../firmware-risk/product.ts'
import { FREE_TEXTS, type FreeText } from '../identification/mentions.ts'
import { pacer } from '../lib/pacing.ts'
import { type JurisdictionContext, loadJurisdiction } from './context.ts'
import type { Cuts } from './cuts.ts'
import { buildKnowledge, type Knowledge } from './knowledge.ts'
import { underLocalLaw } from './local-law.ts'
import { moveDevices } from './move-devices.ts'
import { NAMES, TEXTS } from './reach.ts'
import { firmwareQuestion, identifiedLocally } from './screen.ts'
import { isOvertaken, readsAgain, readUnder } from './stale.ts'
import { mayBeReadOtherwise } from './text-search.ts'

const PROFILES = 1000
const DEVICES = 2000

export interface Reading {
  readonly database: Database
  readonly knowledge: Knowledge
  readonly now: Date
  readonly signal: AbortSignal | undefined
  readonly cuts: Cuts
  /** What was known in a version before; kept for all registers that ask. */
  readonly before: (version: number) => Promise<Knowledge | null>
}

/** What was known in versions before, each built once. */
export function versionsBefore(database: Database, knowledge: Knowledge): Reading['before'] {
  const built = new Map<number, Promise<Knowledge | null>>()
  const { registrantOf } = knowledge.identify
  const build = async (version: number) => {
    const rows = await database.asOperator((tx) => readRowsAt(tx, version))
    if (rows.vendors.length === 0) return null
    const registrant = (prefix: string) => registrantOf(prefix)?.name ?? null
    return buildKnowledge(rows, registrant, version, '', knowledge.firmware)
  }
  return (version) => {
    const known = built.get(version) ?? build(version)
    built.set(version, known)
    return known
  }
}

interface Unread {
  /** The last version under which everything was read as it is stored. */
  readonly from: number
  readonly late: number
  /** The last version after which profiles have to be identified again; null when none. */
  readonly names: number | null
  readonly texts: number | null
}

/**
 * Bring a register up to the knowledge as far as it is read. False when somebody else works on it: then nothing of it
 * may be evaluated before it has been read, which the next pass does.
 */
export async function readRegister(reading: Reading, id: string): Promise<boolean> {
  const { database, knowledge, signal } = reading
  const options = { timeLimitMillis: 120_000, signal }
  const transaction = <T>(work: (tx: Tx) => Promise<T>) => database.inJurisdiction(id, work, options)
  if ((await transaction((tx) => unreadSince(tx, id, knowledge))) === null) return true
  const unread = await withoutWriters(transaction, id, knowledge)
  if (unread === null) return false
  const before = await reading.before(unread.from)
  const inBatches = async (work: (tx: Tx, last: string) => Promise<string | null>) => {
    for (let last: string | null = FIRST; last !== null; signal?.throwIfAborted()) {
      const from: string = last
      last = await transaction(async (tx) => {
        if (!(await tryLockImports(tx, id)) || (await isOvertaken(tx, knowledge))) throw new Interrupted()
        return work(tx, from)
      })
    }
  }
  try {
    const { names, texts } = unread
    const upTo = Math.max(names ?? 0, texts ?? 0)
    const some = names === null ? WITH_TEXTS : sql`true`
    await inBatches((tx, last) => readNames(tx, id, { reading, before, last, upTo, some }))
    if (texts !== null) await inBatches((tx, last) => readTexts(tx, id, { reading, before, last }))
  } catch (error) {
    if (error instanceof Interrupted || signal?.aborted) return false
    throw error
  }
  return transaction((tx) => noteRead(tx, id, unread, knowledge))
}

/** What has to be read, once everybody who may work under older law has committed; null while somebody writes. */
async function withoutWriters(
  transaction: (work: (tx: Tx) => Promise<Unread | null>) => Promise<Unread | null>,
  id: string,
  knowledge: Knowledge,
): Promise<Unread | null> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const unread = await transaction(async (tx) => {
      const isFree = (await tryLockImports(tx, id)) && (await tryWithoutWriters(tx, id))
      return isFree ? unreadSince(tx, id, knowledge) : null
    })
    if (unread !== null) return unread
    await setTimeout(BETWEEN_MILLIS)
  }
  return null
}

/** A write of one device takes some milliseconds; what takes longer is left for the next pass. */
const ATTEMPTS = 20
const BETWEEN_MILLIS = 25

class Interrupted extends Error {}

const FIRST = '00000000-0000-0000-0000-000000000000'

async function unreadSince(tx: Tx, id: string, { version }: Knowledge): Promise<Unread | null> {
  const { rows } = await tx.execute<{
    first: number | null
    marked: number
    late: number
    names: number | null
    texts: number | null
  }>(sql`
    with marked as (select ${readUnder(sql`${id}::uuid`)} as version)
    select min(k.version) as first, (select version from marked) as marked,
      coalesce((select late from register_readings where jurisdiction_id = ${id}::uuid), 0) as late,
      max(k.version) filter (where ${NAMES} = any (k.reaches)) as names,
      max(k.version) filter (where ${TEXTS} = any (k.reaches)) as texts
    from knowledge_versions k
    where ${readsAgain} and k.version > (select version from marked) and k.version <= ${version}`)
  const { first, marked, late, names, texts } = rows[0]!
  return first === null ? null : { from: Math.max(marked, first - 1), late, names, texts }
}

interface Batch {
  readonly reading: Reading
  readonly before: Knowledge | null
  readonly last: string
}

/**
 * Profiles that hold free texts. Of some the maker that is named was restricted once, and is again: devices come back to
 * them by their texts.
 */
const WITH_TEXTS = sql.join(
  Object.keys(FREE_TEXTS).map((field) => sql`p.facts ->> ${field} is not null`),
  sql` or `,
)

/** Identify profiles under both; those that are read otherwise are evaluated in the pass. */
async function readNames(
  tx: Tx,
  id: string,
  { reading, before, last, upTo, some }: Batch & { readonly upTo: number; readonly some: SQL },
) {
  const { rows } = await tx.execute<{ id: string; facts: ScreenedDevice }>(sql`
    select p.id::text as id, p.facts from profiles p
    where p.jurisdiction_id = ${id}::uuid and p.id > ${last}::uuid and p.knowledge_version < ${upTo}
      and (${some})
    order by p.id limit ${PROFILES}`)
  await makeStale(tx, id, await readOtherwise(tx, id, rows, reading.knowledge, before))
  return rows.length < PROFILES ? null : rows.at(-1)!.id
}

async function readOtherwise(
  tx: Tx,
  id: string,
  rows: readonly { readonly id: string; readonly facts: ScreenedDevice }[],
  knowledge: Knowledge,
  before: Knowledge | null,
): Promise<string[]> {
  if (rows.length === 0) return []
  const city = await loadJurisdiction(tx, id)
  const pause = pacer()
  const moved: string[] = []
  for (const row of rows) {
    if (before === null || readingOf(row.facts, city, before) !== readingOf(row.facts, city, knowledge))
      moved.push(row.id)
    await pause()
  }
  return moved
}

/** All that comes of the names and signs of a device, as text. */
function readingOf(facts: ScreenedDevice, city: JurisdictionContext, knowledge: Knowledge): string {
  const law = underLocalLaw(knowledge, city)
  const question = firmwareQuestion(facts, city.facts, law, city.firmware)
  const { identification, device } = question
  return JSON.stringify([
    identification,
    device.deviceClass,
    productOf(question),
    identifiedLocally(facts, law),
  ])
}

/** Answered under no version: everything reaches them. */
async function makeStale(tx: Tx, id: string, profiles: readonly string[]): Promise<void> {
  if (profiles.length === 0) return
  await tx.execute(sql`
    update profiles set knowledge_version = 0
    where jurisdiction_id = ${id}::uuid and id = any (${sql.param(profiles)}::uuid[])`)
}

/** Another version of reading on record: another program read these texts, so that all of them are read. */
function toRead(before: Knowledge | null, { knowledge, cuts }: Reading, city: JurisdictionContext): SQL {
  const isSameProgram =
    before !== null && cuts.get(before.version)?.mentions === before.identify.mentions.version
  if (!isSameProgram) return sql`true`
  return mayBeReadOtherwise(underLocalLaw(before, city), underLocalLaw(knowledge, city), [city.customLabels])
}

interface TextRow extends Record<string, unknown> {
  readonly id: string
  readonly profileId: string
  readonly doc: string
  readonly facts: ScreenedDevice
}

async function readTexts(tx: Tx, id: string, { reading, before, last }: Batch) {
  const { knowledge, now } = reading
  const city = await loadJurisdiction(tx, id)
  const law = underLocalLaw(knowledge, city)
  const { rows } = await tx.execute<TextRow>(sql`
    select d.id::text as id, d.profile_id::text as "profileId", ${deviceDocument} as doc, p.facts
    from devices d join profiles p on p.jurisdiction_id = d.jurisdiction_id and p.id = d.profile_id
    where d.jurisdiction_id = ${id}::uuid and d.id > ${last}::uuid and ${toRead(before, reading, city)}
    order by d.id limit ${DEVICES}`)
  if (rows.length === 0) return null
  const devices = rows.map(({ doc, ...row }) => ({ ...row, device: JSON.parse(doc) as DeviceRecord }))
  const elsewhere = devices.filter(({ device, facts }) => mentioned(device, law) !== mentioned(facts, null))
  await moveDevices(tx, elsewhere, { jurisdiction: city, knowledge, now })
  const profiles = new Map(devices.map(({ profileId, facts }) => [profileId, { id: profileId, facts }]))
  await makeStale(tx, id, await readOtherwise(tx, id, [...profiles.values()], knowledge, before))
  return rows.length < DEVICES ? null : rows.at(-1)!.id
}

/** What the texts of a device stand for; of a profile it is what is stored. */
function mentioned(device: ScreenedDevice, knowledge: Knowledge | null): string {
  const texts = knowledge === null ? device : knowledge.cut.mentioned(device)
  return JSON.stringify((Object.keys(FREE_TEXTS) as FreeText[]).map((field) => texts[field] ?? null))
}

/** False when a writer under older law came in meanwhile. */
async function noteRead(tx: Tx, id: string, { late }: Unread, { version }: Knowledge): Promise<boolean> {
  const { rows } = await tx.execute(sql`
    insert into register_readings (jurisdiction_id, knowledge_version) values (${id}::uuid, ${version})
    on conflict (jurisdiction_id) do update set knowledge_version = excluded.knowledge_version
    where register_readings.late = ${late} returning 1`)
  return rows.length > 0
}
