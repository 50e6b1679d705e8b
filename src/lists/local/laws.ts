/** Use cases of local laws: laid down, previewed, withdrawn. */
import { and, eq, sql } from 'drizzle-orm'
import type { z } from 'zod'
import type { Database, Tx } from '../../db/database.ts'
import { lockStatements } from '../../db/locks.ts'
import { jurisdictions, localLaws } from '../../db/schema/index.ts'
import type { PageAsked } from '../../http/pages.ts'
import { DomainError } from '../../http/problems.ts'
import { toInstant } from '../../http/schemas.ts'
import { ascending, tablePage } from '../../http/table-pages.ts'
import { dayIn, type PlainDate } from '../../lib/calendar.ts'
import { OPERATOR_ID, uuidv7 } from '../../lib/ids.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import { type LocalLaw, type LocalLawText, regimeOfLaw } from '../../screening/local-law.ts'
import { note } from '../../tenancy/audit.ts'
import { findJurisdiction } from '../../tenancy/jurisdictions.ts'
import { lockRow, oneRow } from '../../tenancy/stored-rows.ts'
import type { Work } from '../../tenancy/work.ts'
import { lawFaults, lawText } from './model/check.ts'
import { knownIn } from './model/condition.ts'
import type { LocalLawShape, LocalLawWrite } from './schemas.ts'

type Row = typeof localLaws.$inferSelect

export function toLocalLaw(row: Row): z.infer<typeof LocalLawShape> {
  const { jurisdictionId, doc, recordedAt, withdrawnAt, ...rest } = row
  return {
    ...(doc as unknown as Pick<z.infer<typeof LocalLawShape>, keyof LocalLawText>),
    ...rest,
    regime: regimeOfLaw(row.id),
    jurisdictionId: jurisdictionId === OPERATOR_ID ? null : jurisdictionId,
    recordedAt: toInstant(recordedAt),
    withdrawnAt: withdrawnAt === null ? null : toInstant(withdrawnAt),
  }
}

/** The law as it is kept. Throws `invalid-request` naming every fault. */
export function checkLaw(written: LocalLawWrite, { reference }: Knowledge): LocalLawText {
  const errors = lawFaults(written, knownIn(reference))
  if (errors.length === 0) return lawText(written)
  throw new DomainError('invalid-request', 'The law cannot be laid down like this.', { errors })
}

export function localLawPage(
  tx: Tx,
  { question: { state } }: { readonly question: { readonly state: readonly string[] } },
  page: PageAsked,
) {
  const where = [state.length > 0 ? sql`state = any (${sql.param(state)}::text[])` : undefined]
  return tablePage(
    tx,
    { table: localLaws, order: ascending(localLaws, 'jurisdictionId', 'id'), where, item: toLocalLaw },
    page,
  )
}

/** A law as it would be on record. */
export function supposedLaw(doc: LocalLawText, now: Date): LocalLaw {
  return { id: uuidv7(now.getTime()), doc, recordedAt: now.toISOString(), withdrawnAt: null, endsOn: null }
}

/** Laws a place may have on record: all of them are read whenever its devices are judged. */
const LAWS_MOST = 200

export async function layDown(work: Work, law: LocalLaw, state: string | null): Promise<Row> {
  const { tx, jurisdictionId, actor } = work
  await touchPlace(work, state)
  const count = await tx.$count(localLaws, eq(localLaws.jurisdictionId, jurisdictionId))
  if (jurisdictionId !== OPERATOR_ID && count >= LAWS_MOST)
    throw new DomainError('invalid-request', `A city keeps at most ${LAWS_MOST} laws on record.`)
  const { id, doc, recordedAt } = law
  const [row] = await tx
    .insert(localLaws)
    .values({ jurisdictionId, id, state, doc, recordedAt, recordedBy: actor.id })
    .returning()
  await note(work, { action: 'local-law.create', target: id, detail: { state, ...doc } })
  return row!
}

export interface WithdrawalTerms {
  readonly because: string
  readonly endsOn: PlainDate
}

/** Throws `not-found`, `precondition-failed`, `invalid-request`. */
export async function withdraw(
  work: Work,
  id: string,
  { because, endsOn }: WithdrawalTerms,
  ifMatch: string | undefined,
): Promise<Row> {
  const { tx, actor, now } = work
  const before = await lockRow(work, localLaws, id, { what: 'local law', ifMatch })
  assertEnd(before, endsOn)
  await touchPlace(work, before.state)
  const end = { endsOn, withdrawnAt: now.toISOString(), withdrawnBy: actor.id, withdrawnBecause: because }
  const [row] = await tx
    .update(localLaws)
    .set({ ...end, version: before.version + 1 })
    .where(oneRow(localLaws, work, id))
    .returning()
  await note(work, { action: 'local-law.withdraw', target: id, detail: { endsOn, because } })
  return row!
}

/** An end is put on record once. Throws `invalid-request`. */
export function assertEnd({ doc, withdrawnAt }: Pick<Row, 'doc' | 'withdrawnAt'>, endsOn: PlainDate): void {
  const { from, to } = doc as LocalLawText
  const fault = (pointer: string, code: string, message: string) =>
    new DomainError('invalid-request', 'The law cannot be withdrawn like this.', {
      errors: [{ pointer, code, message }],
    })
  if (withdrawnAt !== null) throw fault('', 'withdrawn', 'was withdrawn already; lay it down anew')
  if (from !== null && endsOn < from)
    throw fault('/endsOn', 'ends-before-it-starts', `must not be before ${from}; that day undoes it`)
  if (to !== null && endsOn > to)
    throw fault('/endsOn', 'not-allowed', `must not be after ${to}, when it ends`)
}

/** Today where the law holds; for a state the day that has come everywhere. */
export async function todayOf({ tx, jurisdictionId, now }: Work): Promise<PlainDate> {
  if (jurisdictionId === OPERATOR_ID) return dayIn(now, 'UTC')
  return dayIn(now, (await findJurisdiction(tx, jurisdictionId)).timezone)
}

/**
 * What the law of a place says is stored with the version of its jurisdictions: with another version it is judged again.
 * Nobody registers a device meanwhile.
 */
async function touchPlace({ tx, jurisdictionId, now }: Work, state: string | null): Promise<void> {
  const isOfCity = jurisdictionId !== OPERATOR_ID
  if (isOfCity) await lockStatements(tx, jurisdictionId)
  const which = isOfCity
    ? eq(jurisdictions.id, jurisdictionId)
    : and(eq(jurisdictions.country, 'US'), sql`coalesce(${jurisdictions.state}, ${state}) = ${state}`)
  await tx
    .update(jurisdictions)
    .set({ version: sql`${jurisdictions.version} + 1`, updatedAt: now.toISOString() })
    .where(which)
}

/** Cities that a law of a state binds, by name. */
export function citiesOfState(database: Database, state: string): Promise<{ id: string; name: string }[]> {
  return database.asOperator((tx) =>
    tx
      .select({ id: jurisdictions.id, name: jurisdictions.name })
      .from(jurisdictions)
      .where(and(eq(jurisdictions.country, 'US'), sql`coalesce(${jurisdictions.state}, ${state}) = ${state}`))
      .orderBy(jurisdictions.name, jurisdictions.id),
  )
}
