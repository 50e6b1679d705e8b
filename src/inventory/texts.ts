/**
 * The screened part of devices as JSON text, kept in memory in the bytes that are sent.
 *
 * Profiles repeat among devices and answers among profiles, so both are read once: a profile's text is kept under the
 * moment it was evaluated, an answer's under its digest. Memory is bounded in bytes.
 */
import { type SQL, sql } from 'drizzle-orm'
import { dayIn } from '../calendar.ts'
import type { Tx } from '../db/database.ts'
import { firmwareIsStale } from '../firmware/store.ts'
import { writeRisk } from '../firmware/wire.ts'
import { loadJurisdictions } from '../jurisdictions.ts'
import type { Knowledge } from '../knowledge.ts'
import { findingsOf, isStale } from '../screening/profiles.ts'
import { type Screening, screen } from '../screening/screen.ts'
import type { DeviceRecord } from './schemas.ts'

export type DeterminationsShown = 'all' | 'findings' | 'none'

/** What `withScreening` needs of a device; `screenedColumns` selects all but `doc`. */
export interface ScreenedRow extends Record<string, unknown> {
  readonly doc: string
  readonly jurisdictionId: string
  readonly profileId: string
  readonly knowledgeVersion: number
  readonly validUntil: string | null
  readonly firmwareIsStale: boolean
  /** A fact of the jurisdiction has changed since the profile was evaluated. */
  readonly cityHasMoved: boolean
  readonly stamp: string
}

/** Tells two evaluations of one profile apart, also within one instant of the clock. */
const evaluationStamp = sql`concat_ws(' ', p.evaluated_at, p.knowledge_version, p.firmware_version, p.firmware_revision)`

/** Columns of `ScreenedRow` from `devices d` and its `profiles p`. */
export function screenedColumns(knowledge: Knowledge): SQL {
  return sql`d.jurisdiction_id as "jurisdictionId", d.profile_id as "profileId",
    p.knowledge_version as "knowledgeVersion", p.valid_until::text as "validUntil",
    ${firmwareIsStale(knowledge.firmware.version)} as "firmwareIsStale",
    p.jurisdiction_version <> (select j.version from jurisdictions j where j.id = d.jurisdiction_id) as "cityHasMoved",
    ${evaluationStamp} as stamp`
}

/** Texts by key, up to so many bytes; when more come, all are forgotten. */
class Texts<T> {
  readonly #most: number
  readonly #kept = new Map<string, T>()
  #bytes = 0

  constructor(most: number) {
    this.#most = most
  }

  get(key: string): T | undefined {
    return this.#kept.get(key)
  }

  keep(key: string, text: T, bytes: number): void {
    if (this.#bytes + bytes > this.#most) {
      this.#kept.clear()
      this.#bytes = 0
    }
    this.#kept.set(key, text)
    this.#bytes += bytes
  }
}

interface ProfileText {
  /** From `,"identification":` to before the determinations. */
  readonly before: Buffer
  readonly answerId: string
  /** From after the determinations to the end. */
  readonly after: Buffer
}

const MEGABYTE = 1024 * 1024
const profileTexts = new Texts<ProfileText>(32 * MEGABYTE)
const answerTexts = new Texts<Buffer>(16 * MEGABYTE)
/** Many profiles end alike. */
const endings = new Texts<Buffer>(8 * MEGABYTE)
const NO_DETERMINATIONS = Buffer.from('[]')

/** Each device whole, as JSON text in UTF-8. */
export async function withScreening(
  tx: Tx,
  rows: readonly ScreenedRow[],
  shown: DeterminationsShown,
  knowledge: Knowledge,
  now: Date,
): Promise<Buffer[]> {
  const today = dayIn(now)
  const fresh = rows.map((row) => shown !== 'all' && !row.cityHasMoved && !isStale(row, knowledge, today))
  const texts = await textsOf(
    tx,
    rows.filter((_, i) => fresh[i]),
    shown === 'findings',
  )
  const known = rows.map((row, i) => (fresh[i] ? texts.get(keyOf(row)) : undefined))
  const late = rows.filter((_, i) => !known[i])
  const contexts = await loadJurisdictions(tx, [...new Set(late.map((row) => row.jurisdictionId))])
  return rows.map((row, i) => {
    const text = known[i]
    if (text) return Buffer.concat([Buffer.from(row.doc.slice(0, -1)), ...text])
    const context = contexts.get(row.jurisdictionId)!
    const device = JSON.parse(row.doc) as DeviceRecord
    const day = dayIn(now, context.timezone)
    const screening = screen(device, context.facts, knowledge, day, context.firmware)
    return Buffer.from(screenedText(row.doc, screening, shown))
  })
}

/** The parts that follow the stored one, by `keyOf`. Those whose profile was evaluated again meanwhile are left out. */
async function textsOf(
  tx: Tx,
  rows: readonly ScreenedRow[],
  withFindings: boolean,
): Promise<Map<string, readonly Buffer[]>> {
  // The caches may forget while they are filled, so what this page needs is held here.
  const profiles = new Map<string, ProfileText>()
  const wanted = new Map<string, ScreenedRow>()
  for (const row of rows) {
    const key = keyOf(row)
    const text = profileTexts.get(key)
    if (text) profiles.set(key, text)
    else wanted.set(key, row)
  }
  for (const [key, text] of await readProfiles(tx, [...wanted.values()])) profiles.set(key, text)
  const answers = withFindings ? await readAnswers(tx, profiles.values()) : null
  const texts = new Map<string, readonly Buffer[]>()
  for (const [key, { before, answerId, after }] of profiles) {
    const findings = answers === null ? NO_DETERMINATIONS : answers.get(answerId)
    if (findings) texts.set(key, [before, findings, after])
  }
  return texts
}

async function readProfiles(tx: Tx, rows: readonly ScreenedRow[]): Promise<[string, ProfileText][]> {
  if (rows.length === 0) return []
  const found = await tx.execute<{
    jurisdictionId: string
    profileId: string
    stamp: string
    answerId: string
    identification: string
    headline: string
    firmwareRisk: string | null
  }>(sql`
    select p.jurisdiction_id as "jurisdictionId", p.id as "profileId", ${evaluationStamp} as stamp,
      p.answer_id as "answerId", p.identification::text as identification, p.headline::text as headline,
      p.firmware_risk as "firmwareRisk"
    from profiles p
    join unnest(${sql.param(rows.map((row) => row.jurisdictionId))}::uuid[], ${sql.param(rows.map((row) => row.profileId))}::uuid[]) w(jurisdiction_id, id)
      on w.jurisdiction_id = p.jurisdiction_id and w.id = p.id`)
  return found.rows.flatMap((row): [string, ProfileText][] => {
    if (row.firmwareRisk === null) return []
    const key = keyOf(row)
    const before = Buffer.from(`,"identification":${row.identification},"determinations":`)
    const ending = `,"headline":${row.headline},"firmwareRisk":${row.firmwareRisk}}`
    let after = endings.get(ending)
    if (!after) {
      after = Buffer.from(ending)
      endings.keep(ending, after, 3 * after.length)
    }
    const text = { before, answerId: row.answerId, after }
    profileTexts.keep(key, text, before.length + 2 * key.length + 200)
    return [[key, text]]
  })
}

async function readAnswers(tx: Tx, profiles: Iterable<ProfileText>): Promise<Map<string, Buffer>> {
  const answers = new Map<string, Buffer>()
  const wanted = new Set<string>()
  for (const { answerId } of profiles) {
    const text = answerTexts.get(answerId)
    if (text) answers.set(answerId, text)
    else wanted.add(answerId)
  }
  if (wanted.size === 0) return answers
  // The same answer of two cities says the same: its id is a digest of it.
  const { rows } = await tx.execute<{ id: string; findings: string }>(sql`
    select distinct on (id) id, findings from answers where id = any (${sql.param([...wanted])}::uuid[])`)
  for (const { id, findings } of rows) {
    const text = Buffer.from(findings)
    answerTexts.keep(id, text, text.length)
    answers.set(id, text)
  }
  return answers
}

function keyOf(row: { jurisdictionId: string; profileId: string; stamp: string }): string {
  return `${row.jurisdictionId}${row.profileId}${row.stamp}`
}

/** A device as JSON text: its stored part and a screening. */
export function screenedText(doc: string, screening: Screening, shown: DeterminationsShown): string {
  const determinations =
    shown === 'none' ? [] : shown === 'findings' ? findingsOf(screening) : screening.determinations
  const identification = JSON.stringify(screening.identification)
  const headline = JSON.stringify(screening.headline)
  return `${doc.slice(0, -1)},"identification":${identification},"determinations":${JSON.stringify(determinations)},"headline":${headline},"firmwareRisk":${writeRisk(screening.firmwareRisk)}}`
}
