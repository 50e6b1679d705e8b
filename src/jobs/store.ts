/** The table of jobs. Each change of state is one statement that names the state it starts from. */

import { and, eq, inArray, lt, sql } from 'drizzle-orm'
import type { Database, Scope, Tx, WorkOptions } from '../db/database.ts'
import { jobs } from '../db/schema/index.ts'
import type { Answer } from '../http/idempotency.ts'
import type { Page, PageAsked } from '../http/pages.ts'
import { DomainError, type Problem, toProblem } from '../http/problems.ts'
import { ascending, descending, inScope, tablePage } from '../http/table-pages.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import type { Progress } from './operation.ts'

export type JobRow = typeof jobs.$inferSelect
export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled'

const ENDED: readonly JobState[] = ['succeeded', 'failed', 'canceled']
export const isEnded = (row: { readonly state: string }) => (ENDED as readonly string[]).includes(row.state)

/** Work on the rows of one jurisdiction, or of the operator. */
export function inTenant<T>(
  database: Database,
  tenant: string,
  work: (tx: Tx) => Promise<T>,
  options?: WorkOptions,
): Promise<T> {
  return tenant === OPERATOR_ID
    ? database.asOperator(work, options)
    : database.inJurisdiction(tenant, work, options)
}

const one = (tenant: string, id: string) => and(eq(jobs.jurisdictionId, tenant), eq(jobs.id, id))

export interface Place {
  /** This process. */
  readonly worker: string
  /** The folder its files are in. */
  readonly folder: string
  readonly leaseMillis: number
  /** No other process can have the database, so what runs for another is nobody's. */
  readonly isAlone: boolean
}

const until = (leaseMillis: number) => sql`clock_timestamp() + ${leaseMillis} * interval '1 millisecond'`

/** What this process could run: waiting, or begun by a process that is gone. */
const claimable = ({ worker, folder, isAlone }: Place) => {
  const abandoned = isAlone
    ? sql`${jobs.worker} <> ${worker}::uuid`
    : sql`${jobs.leaseUntil} < clock_timestamp()`
  return sql`(${jobs.state} = 'queued' or ${jobs.state} = 'running' and ${abandoned})
    and (${jobs.place} is null or ${jobs.place} = ${folder}::uuid)`
}

export interface Candidate {
  readonly tenant: string
  readonly id: string
}

/** The oldest job of each tenant of which none is running, those that waited longest first. */
export async function findWaiting(database: Database, place: Place): Promise<Candidate[]> {
  const find = async (tx: Tx) => {
    const { rows } = await tx.execute<{ tenant: string; id: string; createdAt: string }>(sql`
      select distinct on (jurisdiction_id) jurisdiction_id::text as tenant, id::text as id, created_at as "createdAt"
      from jobs where ${claimable(place)} and not exists (
        select from jobs r where r.jurisdiction_id = jobs.jurisdiction_id and r.state = 'running'
          and r.id <> jobs.id and r.lease_until >= clock_timestamp())
      order by jurisdiction_id, created_at, id`)
    return rows
  }
  const found = [...(await database.acrossJurisdictions('all', find)), ...(await database.asOperator(find))]
  return found
    .filter(({ tenant }, i) => found.findIndex((other) => other.tenant === tenant) === i)
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
}

/** Begin it, unless another process was faster; null then. */
export function claim(
  database: Database,
  { tenant, id }: Candidate,
  place: Place,
  now: Date,
): Promise<JobRow | null> {
  return inTenant(database, tenant, async (tx) => {
    const [row] = await tx
      .update(jobs)
      .set({
        state: 'running',
        worker: place.worker,
        leaseUntil: until(place.leaseMillis),
        attempts: sql`${jobs.attempts} + 1`,
        version: sql`${jobs.version} + 1`,
        phase: 'begun',
        startedAt: sql`coalesce(${jobs.startedAt}, ${now.toISOString()}::timestamptz)`,
      })
      .where(and(one(tenant, id), claimable(place)))
      .returning()
    return row ?? null
  })
}

const mine = (row: JobRow) =>
  and(
    one(row.jurisdictionId, row.id),
    eq(jobs.state, 'running'),
    eq(jobs.worker, row.worker!),
    eq(jobs.attempts, row.attempts),
  )

/** Say that it goes on. Gives whether it may. */
export function renew(
  database: Database,
  row: JobRow,
  place: Place,
  progress: Progress,
  version: number,
): Promise<'goes-on' | 'cancel' | 'lost'> {
  return inTenant(database, row.jurisdictionId, async (tx) => {
    const [kept] = await tx
      .update(jobs)
      .set({ ...progress, leaseUntil: until(place.leaseMillis), version })
      .where(mine(row))
      .returning({ cancelRequestedAt: jobs.cancelRequestedAt })
    if (!kept) return 'lost'
    return kept.cancelRequestedAt === null ? 'goes-on' : 'cancel'
  })
}

/** The job was taken away or canceled while it ran; what it did must not stand. */
export class JobLostError extends Error {}

export interface Outcome {
  readonly status: number
  readonly location: string | null
  readonly body: unknown
}

/** An outcome that can be read at its own address is not kept here once more. */
function outcomeOf({ status, location, body }: Answer): Outcome {
  return { status, location: location ?? null, body: location === undefined ? body : null }
}

/** In the transaction that keeps what was done. Throws JobLostError. */
export async function succeed(
  tx: Tx,
  row: JobRow,
  answer: Answer,
  now: Date,
  version: number,
): Promise<void> {
  const ended = await tx
    .update(jobs)
    .set({
      state: 'succeeded',
      result: outcomeOf(answer),
      done: 1,
      total: 1,
      phase: 'done',
      version,
      leaseUntil: null,
      finishedAt: now.toISOString(),
    })
    .where(and(mine(row), sql`${jobs.cancelRequestedAt} is null`))
    .returning({ id: jobs.id })
  if (ended.length === 0) throw new JobLostError('The job is no longer ours.')
}

export function fail(
  database: Database,
  row: JobRow,
  problem: Problem,
  now: Date,
  version: number,
): Promise<unknown> {
  return inTenant(database, row.jurisdictionId, (tx) =>
    tx
      .update(jobs)
      .set({
        state: 'failed',
        problem,
        phase: 'failed',
        version,
        leaseUntil: null,
        finishedAt: now.toISOString(),
      })
      .where(mine(row)),
  )
}

/** End it if it is ours and was to be canceled; gives whether it was. */
export function endCanceled(database: Database, row: JobRow, now: Date, version: number): Promise<boolean> {
  return inTenant(database, row.jurisdictionId, async (tx) => {
    const ended = await tx
      .update(jobs)
      .set({
        state: 'canceled',
        phase: 'canceled',
        version,
        leaseUntil: null,
        finishedAt: now.toISOString(),
        cancelRequestedAt: sql`coalesce(${jobs.cancelRequestedAt}, ${now.toISOString()}::timestamptz)`,
      })
      .where(mine(row))
      .returning({ id: jobs.id })
    return ended.length > 0
  })
}

/** Give it back, to be begun again. */
export function putBack(
  database: Database,
  row: JobRow,
  version: number,
  phase: string,
  attempts: number,
): Promise<unknown> {
  return inTenant(database, row.jurisdictionId, (tx) =>
    tx
      .update(jobs)
      .set({ state: 'queued', worker: null, leaseUntil: null, done: 0, total: 1, phase, version, attempts })
      .where(mine(row)),
  )
}

/** End it if it waits; ask its process to end it if it runs. Null when there is no such job. */
export async function cancel(tx: Tx, tenant: string, id: string, now: Date): Promise<JobRow | null> {
  const at = now.toISOString()
  const [waiting] = await tx
    .update(jobs)
    .set({
      state: 'canceled',
      phase: 'canceled',
      version: sql`${jobs.version} + 1`,
      cancelRequestedAt: at,
      finishedAt: at,
    })
    .where(and(one(tenant, id), eq(jobs.state, 'queued')))
    .returning()
  if (waiting) return waiting
  const [running] = await tx
    .update(jobs)
    .set({ cancelRequestedAt: sql`coalesce(${jobs.cancelRequestedAt}, ${at}::timestamptz)` })
    .where(and(one(tenant, id), eq(jobs.state, 'running')))
    .returning()
  if (running) return running
  const [row] = await tx.select().from(jobs).where(one(tenant, id))
  return row ?? null
}

/** How many of a tenant wait or run. */
export async function countOpen(tx: Tx, tenant: string): Promise<number> {
  return tx.$count(jobs, and(eq(jobs.jurisdictionId, tenant), inArray(jobs.state, ['queued', 'running'])))
}

/**
 * Forget jobs that ended before a moment, and end those whose file nobody has come for since another.
 * Gives how many were forgotten.
 */
export async function prune(
  database: Database,
  endedBefore: Date,
  lostBefore: Date,
  now: Date,
): Promise<number> {
  const ended = lt(jobs.finishedAt, endedBefore.toISOString())
  const lost = and(
    inArray(jobs.state, ['queued', 'running']),
    sql`${jobs.place} is not null`,
    lt(jobs.createdAt, lostBefore.toISOString()),
    sql`(${jobs.leaseUntil} is null or ${jobs.leaseUntil} < clock_timestamp())`,
  )
  const tidy = async (tx: Tx) => {
    await tx
      .update(jobs)
      .set({
        state: 'failed',
        phase: 'failed',
        version: sql`${jobs.version} + 1`,
        leaseUntil: null,
        finishedAt: now.toISOString(),
        problem: toProblem(
          new DomainError('job-lost', 'The process that has the file did not come back within a day.'),
          '',
        ),
      })
      .where(lost)
    return (await tx.delete(jobs).where(ended)).rowCount ?? 0
  }
  const tenants = await database.acrossJurisdictions('all', (tx) =>
    tx.selectDistinct({ id: jobs.jurisdictionId }).from(jobs).where(sql`${ended} or ${lost}`),
  )
  let pruned = await database.asOperator(tidy)
  for (const { id } of tenants) pruned += await database.inJurisdiction(id, tidy)
  return pruned
}

const NEWEST_FIRST = descending(ascending(jobs, 'id'))

export function jobPage<Item>(
  tx: Tx,
  scope: Scope,
  states: readonly string[],
  page: PageAsked,
  item: (row: JobRow) => Item,
): Promise<Page<Item>> {
  const where = [
    inScope(scope),
    states.length === 0 ? undefined : sql`state = any (${sql.param(states)}::text[])`,
  ]
  return tablePage(tx, { table: jobs, order: NEWEST_FIRST, where, item }, page)
}

export async function findJob(tx: Tx, id: string): Promise<JobRow | undefined> {
  const [row] = await tx.select().from(jobs).where(eq(jobs.id, id))
  return row
}
