/**
 * The screened part of devices as JSON text, kept in memory in the bytes that are sent.
 *
 * Profiles repeat among devices and answers among profiles, so both are read once: a profile's text is kept under the
 * moment it was evaluated, an answer's under its digest. Memory is bounded in bytes.
 */

import { type SQL, sql } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import type { Tx } from '../db/database.ts'
import type { Determination } from '../determination/determination.ts'
import { deviceDocument, STORED_FIELDS } from '../device/columns.ts'
import type { DeviceRecord } from '../device/schemas.ts'
import { pickFields } from '../http/fields.ts'
import { filling } from '../http/full-page.ts'
import { dayIn } from '../lib/calendar.ts'
import { memoryOf } from '../lib/memory.ts'
import { pacer } from '../lib/pacing.ts'
import {
  answerParts,
  headlineText,
  identificationText,
  join,
  riskText,
  screeningText,
} from '../screening/answer-json.ts'
import { loadJurisdictions } from '../screening/context.ts'
import { firmwareIsStale } from '../screening/firmware-knowledge.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { type Screening, screenIn } from '../screening/screen.ts'
import type { DeviceShape } from '../screening/shape.ts'
import { lawIsStale } from '../screening/stale.ts'

/** What `withScreening` needs of a device; `screenedColumns` selects all but `doc`. */
export interface ScreenedRow extends Record<string, unknown> {
  /** The stored fields that are shown, or all of them where `needsWhole` says so. */
  readonly doc: string
  readonly jurisdictionId: string
  readonly deviceId: string
  readonly profileId: string
  /** What is stored of the profile may no longer be said. */
  readonly isStale: boolean
  readonly stamp: string
}

/** Tells two evaluations of one profile apart, also within one instant of the clock. */
const evaluationStamp = sql`concat_ws(' ', p.evaluated_at, p.knowledge_version, p.firmware_version, p.firmware_revision)`

/** Columns of `ScreenedRow` from `devices d` and its `profiles p`: few, since each costs the driver time in each row. */
export function screenedColumns(knowledge: Knowledge, now: Date): SQL {
  return sql`d.jurisdiction_id as "jurisdictionId", d.id as "deviceId", d.profile_id as "profileId",
    (${lawIsStale(knowledge)} or coalesce(p.valid_until <= (${now.toISOString()}::timestamptz at time zone (select j.timezone from jurisdictions j where j.id = d.jurisdiction_id))::date, false)
      or p.jurisdiction_version <> (select j.version from jurisdictions j where j.id = d.jurisdiction_id)
      or ${firmwareIsStale(knowledge.firmware.version)}) as "isStale",
    ${evaluationStamp} as stamp`
}

interface ProfileText {
  /** From `,"identification":` to before what the rules say. */
  readonly before: Buffer
  readonly answerId: string
  /** From after it to the end. */
  readonly after: Buffer
}

const MEGABYTE = 1024 * 1024
const bytes = <T extends object | string>(megabytes: number) =>
  new LRUCache<string, T>({ maxSize: megabytes * MEGABYTE, maxEntrySize: MEGABYTE })

/** Texts as they were put together under one version of the knowledge, up to so many bytes. */
const textsUnder = memoryOf((_: Knowledge) => ({
  profiles: bytes<ProfileText>(32),
  /** Short forms from identification to the end, in one piece; strings, which join faster while they are small. */
  short: bytes<string>(32),
  answers: bytes<Buffer>(16),
  /** Many profiles end alike. */
  endings: bytes<Buffer>(8),
}))
type Texts = ReturnType<typeof textsUnder>

/** Whether devices have to be screened anew: what is permitted is not stored. Then `doc` holds every field. */
export function needsWhole(shape: DeviceShape): boolean {
  return shape.determinations === 'all'
}

/** JSON text: a string when it is short, else in UTF-8. */
export type Text = string | Buffer

/** Runs work in the transaction that is open, or in one of its own. */
export type Reading = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>

export interface Screened {
  /** Each device as JSON text. One that has gone meanwhile is left out. */
  readonly items: Text[]
  /** So many of the rows are among them or have gone; fewer than all when they are as many bytes as they may be. */
  readonly rows: number
}

/** Devices with the fields of the shape, up to so many bytes. */
export async function withScreening(
  read: Reading,
  rows: readonly ScreenedRow[],
  shape: DeviceShape,
  knowledge: Knowledge,
  now: Date,
  mostBytes: number,
): Promise<Screened> {
  const fresh = rows.map((row) => !needsWhole(shape) && !row.isStale)
  const freshRows = rows.filter((_, i) => fresh[i])
  const texts = await textsOf(read, freshRows, shape, textsUnder(knowledge))
  const known = rows.map((row, i) => (fresh[i] ? texts(row) : undefined))
  const late = rows.filter((_, i) => !known[i])
  const documents =
    needsWhole(shape) || late.length === 0 ? null : await read((tx) => wholeDocuments(tx, late))
  const cities = [...new Set(late.map((row) => row.jurisdictionId))]
  const contexts = late.length === 0 ? NO_CONTEXTS : await read((tx) => loadJurisdictions(tx, cities))
  const items: Text[] = []
  const fits = filling(mostBytes)
  const pause = pacer()
  for (const [i, row] of rows.entries()) {
    const text = known[i]
    let item: Text
    if (typeof text === 'string') item = row.doc.slice(0, -1) + text
    else if (text) item = Buffer.concat([Buffer.from(row.doc.slice(0, -1)), ...text])
    else {
      const doc = documents === null ? row.doc : documents.get(row.deviceId)
      if (doc === undefined) continue
      // Whole devices are a millisecond's work each; others are answered meanwhile.
      await pause()
      const context = contexts.get(row.jurisdictionId)!
      const device = JSON.parse(doc) as DeviceRecord
      const day = dayIn(now, context.timezone)
      const screening = screenIn(context, device, knowledge, day)
      item = screenedText(doc, screening, shape, device)
    }
    if (!fits(item)) return { items, rows: i }
    items.push(item)
  }
  return { items, rows: rows.length }
}

/** All that is stored of devices whose profile cannot be used, by device. */
async function wholeDocuments(tx: Tx, rows: readonly ScreenedRow[]): Promise<Map<string, string>> {
  const { rows: found } = await tx.execute<{ id: string; doc: string }>(sql`
    select d.id, ${deviceDocument} as doc from devices d
    join unnest(${sql.param(rows.map((row) => row.jurisdictionId))}::uuid[], ${sql.param(rows.map((row) => row.deviceId))}::uuid[]) w(jurisdiction_id, id)
      on w.jurisdiction_id = d.jurisdiction_id and w.id = d.id`)
  return new Map(found.map(({ id, doc }) => [id, doc]))
}

/** The parts that follow the stored one. None for a device whose profile was evaluated again meanwhile. */
async function textsOf(
  read: Reading,
  rows: readonly ScreenedRow[],
  shape: DeviceShape,
  kept: Texts,
): Promise<(row: ScreenedRow) => string | readonly Buffer[] | undefined> {
  // The caches may forget while they are filled, so what this page needs is held here.
  const texts = new Map<string, string | readonly Buffer[]>()
  const profiles = new Map<string, ProfileText>()
  const wanted = new Map<string, ScreenedRow>()
  const kind = kindOf(shape)
  const isShort = shape.determinations === null
  const keys = keysOf(rows)
  for (const [key, row] of keys.rows) {
    const short = isShort ? kept.short.get(kind + key) : undefined
    const text = isShort ? undefined : kept.profiles.get(kind + key)
    if (short !== undefined) texts.set(key, short)
    else if (text) profiles.set(key, text)
    else wanted.set(key, row)
  }
  if (wanted.size > 0) {
    const found = await read((tx) => readProfiles(tx, [...wanted.values()], shape, kept))
    for (const [key, text] of found) profiles.set(key, text)
  }
  const answers = await readAnswers(read, profiles.values(), shape, kept)
  for (const [key, { before, answerId, after }] of profiles) {
    const answer = answers.get(answerId)
    if (answer === undefined) continue
    if (isShort) {
      const short = `${before}${answer}${after}`
      kept.short.set(kind + key, short, { size: short.length + 2 * key.length + 200 })
      texts.set(key, short)
    } else texts.set(key, [before, answer, after])
  }
  return (row) => texts.get(keys.of(row))
}

/** The keys of rows, of which many share a profile: each is put together once. */
function keysOf(rows: readonly ScreenedRow[]) {
  const byProfile = new Map<string, { row: ScreenedRow; key: string }>()
  const of = (row: ScreenedRow): string => {
    const last = byProfile.get(row.profileId)
    if (last?.row.stamp === row.stamp && last.row.jurisdictionId === row.jurisdictionId) return last.key
    const key = keyOf(row)
    byProfile.set(row.profileId, { row, key })
    return key
  }
  return { of, rows: new Map(rows.map((row) => [of(row), row])) }
}

/** What tells the texts of one profile apart. */
function kindOf(shape: DeviceShape): string {
  return `${shape.identification} ${shape.headline} ${shape.firmwareRisk} ${shape.findings} ${shape.determinations} `
}

interface ProfileRow extends Record<string, unknown> {
  readonly jurisdictionId: string
  readonly profileId: string
  readonly stamp: string
  readonly answerId: string
  readonly identification: Parameters<typeof identificationText>[0]
  readonly headline: Record<string, string>
  readonly firmwareRisk: string | Parameters<typeof riskText>[0] | null
}

async function readProfiles(
  tx: Tx,
  rows: readonly ScreenedRow[],
  shape: DeviceShape,
  kept: Texts,
): Promise<[string, ProfileText][]> {
  const identification =
    shape.identification === 'full'
      ? sql`p.identification`
      : sql`json_build_object('status', p.identification_status, 'brand', p.brand_id, 'maker', p.maker_id,
          'confidence', p.confidence, 'needsReview', p.needs_review)`
  const risk =
    shape.firmwareRisk === 'full'
      ? sql`p.firmware_risk`
      : sql`case when p.firmware_risk is not null then json_build_object('level', p.firmware_level,
          'score', p.firmware_score, 'urgency', p.firmware_urgency) end`
  const { rows: found } = await tx.execute<ProfileRow>(sql`
    select p.jurisdiction_id as "jurisdictionId", p.id as "profileId", ${evaluationStamp} as stamp,
      p.answer_id as "answerId", ${identification} as identification, p.headline as headline, ${risk} as "firmwareRisk"
    from profiles p
    join unnest(${sql.param(rows.map((row) => row.jurisdictionId))}::uuid[], ${sql.param(rows.map((row) => row.profileId))}::uuid[]) w(jurisdiction_id, id)
      on w.jurisdiction_id = p.jurisdiction_id and w.id = p.id`)
  return found.flatMap((row): [string, ProfileText][] => {
    if (row.firmwareRisk === null) return []
    const text = profileText(row, shape, kept)
    const key = keyOf(row)
    if (shape.determinations !== null) {
      kept.profiles.set(`${kindOf(shape)}${key}`, text, {
        size: text.before.length + 2 * key.length + 200,
      })
    }
    return [[key, text]]
  })
}

function profileText(row: ProfileRow, shape: DeviceShape, kept: Texts): ProfileText {
  const { identification, headline, firmwareRisk } = row
  const ending = `${join([
    shape.headline ? headlineText(headline) : null,
    shape.firmwareRisk === null
      ? null
      : typeof firmwareRisk === 'string'
        ? `"firmwareRisk":${firmwareRisk}`
        : riskText(firmwareRisk!, shape.firmwareRisk),
  ])}}`
  let after = kept.endings.get(ending)
  if (!after) {
    after = Buffer.from(ending)
    kept.endings.set(ending, after, { size: 3 * after.length })
  }
  const before = Buffer.from(
    join([shape.identification && identificationText(identification, shape.identification)]),
  )
  return { before, answerId: row.answerId, after }
}

async function readAnswers(
  read: Reading,
  profiles: Iterable<ProfileText>,
  shape: DeviceShape,
  kept: Texts,
): Promise<Map<string, Buffer>> {
  const kind = `${shape.findings} ${shape.determinations} `
  const isWanted = shape.findings || shape.determinations !== null
  const answers = new Map<string, Buffer>()
  const wanted = new Set<string>()
  for (const { answerId } of profiles) {
    const text = isWanted ? kept.answers.get(`${kind}${answerId}`) : NOTHING
    if (text) answers.set(answerId, text)
    else wanted.add(answerId)
  }
  if (wanted.size === 0) return answers
  // The same answer of two cities says the same: its id is a digest of it.
  const { rows } = await read((tx) =>
    tx.execute<{ id: string; findings: string }>(sql`
      select distinct on (id) id, findings from answers where id = any (${sql.param([...wanted])}::uuid[])`),
  )
  for (const { id, findings } of rows) {
    const text = Buffer.from(join(answerParts(JSON.parse(findings) as Determination[], shape)))
    kept.answers.set(`${kind}${id}`, text, { size: Math.max(1, text.length) })
    answers.set(id, text)
  }
  return answers
}

const NOTHING = Buffer.alloc(0)
const NO_CONTEXTS: Awaited<ReturnType<typeof loadJurisdictions>> = new Map()

function keyOf(row: { jurisdictionId: string; profileId: string; stamp: string }): string {
  return `${row.jurisdictionId}${row.profileId}${row.stamp}`
}

/** A device as JSON text: what is shown of its stored part, which `doc` has all of, and of a screening. */
export function screenedText(
  doc: string,
  screening: Screening,
  shape: DeviceShape,
  device?: DeviceRecord,
): string {
  const stored =
    shape.stored.length === STORED_FIELDS.length
      ? doc
      : JSON.stringify(pickFields(device ?? (JSON.parse(doc) as DeviceRecord), STORED_FIELDS, shape.stored))
  return `${stored.slice(0, -1)}${screeningText(screening, shape)}}`
}
