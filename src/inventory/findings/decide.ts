/** Decisions on findings: made of one or of many, confirmed by a second person, withdrawn. Load, decide, save. */
import { and, eq, sql } from 'drizzle-orm'
import type { Database, Scope, Tx } from '../../db/database.ts'
import { lockFindings } from '../../db/locks.ts'
import { decidedFindings, documents, findingDecisions } from '../../db/schema/index.ts'
import type { Page, PageAsked } from '../../http/pages.ts'
import { DomainError, type FieldProblem } from '../../http/problems.ts'
import { toInstant } from '../../http/schemas.ts'
import { ascending, descending, inScope, tablePage } from '../../http/table-pages.ts'
import { dayIn } from '../../lib/calendar.ts'
import { uuidv7 } from '../../lib/ids.ts'
import { isSameName } from '../../lib/letters.ts'
import { loadJurisdiction } from '../../screening/context.ts'
import { assertKnownIn } from '../../screening/known-ids.ts'
import type { Work } from '../../screening/work.ts'
import { note } from '../../tenancy/audit.ts'
import { lockRow, reviseRow } from '../../tenancy/stored-rows.ts'
import { assertCustomFilter } from '../queries/custom-filter.ts'
import type { DecisionState } from './model/standing.ts'
import { type FoundFinding, findingsFrom, questionOf } from './read.ts'
import { type DecisionWrite, type FindingDecision, FindingFilter, MOST_FINDINGS } from './schemas.ts'

type Row = typeof findingDecisions.$inferSelect
type Key = Pick<FoundFinding, 'deviceId' | 'regime' | 'activity'>

const keyOf = ({ deviceId, regime, activity }: Key) => `${deviceId} ${regime} ${activity}`

/** What would be decided on, or the decision. Throws `invalid-request`, `selection-changed`. */
export async function decide(
  work: Work,
  wish: DecisionWrite,
): Promise<{ readonly count: number; readonly decision: FindingDecision | null }> {
  await assertWish(work, wish)
  // Of two decisions on one finding the second takes the place of the first.
  await lockFindings(work.tx, work.jurisdictionId)
  const found = await findingsOf(work, wish)
  if (wish.dryRun) return { count: found.length, decision: null }
  assertExpected(wish, found.length)
  return { count: found.length, decision: await keep(work, wish, found) }
}

/** Throws `invalid-request` for a day that is over, and for documents that are not there. */
async function assertWish({ tx, jurisdictionId, knowledge, now }: Work, wish: DecisionWrite): Promise<void> {
  const { timezone } = await loadJurisdiction(tx, jurisdictionId)
  if (wish.filter !== undefined) {
    await assertKnownIn((read) => read(tx), wish.filter, knowledge)
    await assertCustomFilter((read) => read(tx), [jurisdictionId], wish.filter, '/filter/custom/')
  }
  const today = dayIn(now, timezone)
  const errors: FieldProblem[] = []
  if (wish.until !== undefined && wish.until < today) {
    errors.push({ pointer: '/until', code: 'over', message: `must not be before today, ${today}` })
  }
  if (wish.documentIds.length > 0) {
    const kept = await tx
      .select({ id: documents.id })
      .from(documents)
      .where(
        and(
          eq(documents.jurisdictionId, jurisdictionId),
          sql`id = any (${sql.param(wish.documentIds)}::uuid[]) and removed_at is null`,
        ),
      )
    const known = new Set(kept.map(({ id }) => id))
    for (const [i, id] of wish.documentIds.entries()) {
      if (!known.has(id))
        errors.push({ pointer: `/documentIds/${i}`, code: 'unknown', message: 'is no document of the city' })
    }
  }
  if (errors.length > 0) throw new DomainError('invalid-request', 'The decision cannot be kept.', { errors })
}

/** Throws `invalid-request` naming what is no finding, and when there are more than can be decided on at once. */
async function findingsOf(
  { tx, jurisdictionId, knowledge, now }: Work,
  wish: DecisionWrite,
): Promise<FoundFinding[]> {
  const { findings: named } = wish
  const devices = [...new Set((named ?? []).map(({ deviceId }) => deviceId))]
  const filter = wish.filter ?? { ...FindingFilter.parse({}), deviceId: devices }
  const wanted = named && new Set(named.map(keyOf))
  const found: FoundFinding[] = []
  for await (const batch of findingsFrom(tx, [jurisdictionId], questionOf(filter), { knowledge, now })) {
    for (const one of batch) if (!wanted || wanted.has(keyOf(one))) found.push(one)
    if (found.length > MOST_FINDINGS) {
      throw new DomainError(
        'invalid-request',
        `At most ${MOST_FINDINGS} findings are decided on at once; narrow the filter.`,
      )
    }
  }
  if (named) {
    const known = new Set(found.map(keyOf))
    const errors = named.flatMap((one, i) =>
      known.has(keyOf(one))
        ? []
        : [{ pointer: `/findings/${i}`, code: 'unknown', message: 'is no finding of the city' }],
    )
    if (errors.length > 0)
      throw new DomainError('invalid-request', 'Some of these are no findings.', { errors })
  }
  return found
}

function assertExpected({ filter, expected }: DecisionWrite, count: number): void {
  if (filter === undefined || expected!.count === count) return
  throw new DomainError(
    'selection-changed',
    `${expected!.count} findings were expected and the filter finds ${count} by now. Try it again with dryRun.`,
  )
}

async function keep(
  work: Work,
  wish: DecisionWrite,
  found: readonly FoundFinding[],
): Promise<FindingDecision> {
  const { tx, jurisdictionId, actor, now } = work
  const at = now.toISOString()
  const id = uuidv7(now.getTime())
  const [row] = await tx
    .insert(findingDecisions)
    .values({
      jurisdictionId,
      id,
      state: wish.state,
      reason: wish.reason,
      documentIds: wish.documentIds,
      until: wish.until ?? null,
      decidedBy: wish.by,
      keyId: actor.id,
      keyLabel: actor.label,
      findings: found.length,
      createdAt: at,
      updatedAt: at,
    })
    .returning()
  const records = JSON.stringify(
    found.map(({ deviceId, regime, activity, basis }) => ({ device: deviceId, regime, activity, basis })),
  )
  const rows = sql`jsonb_to_recordset(${records}::jsonb) as r(device uuid, regime text, activity text, basis jsonb)`
  await tx.execute(sql`
    update decided_findings f set replaced_at = ${at}::timestamptz from ${rows}
    where f.jurisdiction_id = ${jurisdictionId}::uuid and f.replaced_at is null
      and f.device_id = r.device and f.regime_id = r.regime and f.activity = r.activity`)
  await tx.execute(sql`
    insert into decided_findings (jurisdiction_id, decision_id, device_id, regime_id, activity, basis)
    select ${jurisdictionId}::uuid, ${id}::uuid, r.device, r.regime, r.activity, r.basis from ${rows}`)
  const { state, until = null, reason, by, filter = null } = wish
  await note(work, {
    action: 'finding.decide',
    target: id,
    detail: { state, until, reason, by, filter, findings: found.length },
  })
  return toDecision(row!, found.length)
}

/** Throws `not-found`, `statement-withdrawn`, `second-person-needed`. */
export async function confirmDecision(
  work: Work,
  id: string,
  { by }: { readonly by: string },
  ifMatch: string | undefined,
  /** Keys that may be the same person's. */
  related: ReadonlySet<string>,
): Promise<FindingDecision> {
  const { actor, now } = work
  const row = (await lockRow(work, findingDecisions, id, { what: 'decision', ifMatch })) as Row
  assertStands(row)
  if (row.state !== 'accepted') {
    throw new DomainError('second-person-needed', 'Only an acceptance needs a second person.')
  }
  if (row.confirmedAt !== null) return shown(work.tx, row)
  const isSame =
    actor.id === row.keyId ||
    related.has(row.keyId) ||
    isSameName(actor.label, row.keyLabel) ||
    isSameName(by, row.decidedBy)
  if (isSame) {
    throw new DomainError(
      'second-person-needed',
      'Whoever accepted it cannot confirm it: another person has to, by a key with another label that does not come from the same key of the city as the first.',
    )
  }
  const confirmed = await reviseRow(work, findingDecisions, row, {
    confirmedAt: now.toISOString(),
    confirmedBy: by,
    confirmedKeyLabel: actor.label,
  })
  await note(work, { action: 'finding.confirm', target: id, detail: { by, findings: row.findings } })
  return shown(work.tx, confirmed)
}

/** Throws `not-found`, `statement-withdrawn`. */
export async function withdrawDecision(
  work: Work,
  id: string,
  { by, reason }: { readonly by: string; readonly reason: string },
  ifMatch: string | undefined,
): Promise<FindingDecision> {
  const row = (await lockRow(work, findingDecisions, id, { what: 'decision', ifMatch })) as Row
  assertStands(row)
  const withdrawn = await reviseRow(work, findingDecisions, row, {
    withdrawnAt: work.now.toISOString(),
    withdrawnBy: by,
    withdrawnReason: reason,
  })
  await note(work, { action: 'finding.withdraw', target: id, detail: { by, reason, findings: row.findings } })
  return shown(work.tx, withdrawn)
}

function assertStands({ withdrawnAt }: Row): void {
  if (withdrawnAt === null) return
  throw new DomainError('decision-withdrawn', 'The decision was withdrawn. Decide anew.')
}

async function standingCount(tx: Tx, { jurisdictionId, id }: Row): Promise<number> {
  return tx.$count(
    decidedFindings,
    and(
      eq(decidedFindings.jurisdictionId, jurisdictionId),
      eq(decidedFindings.decisionId, id),
      sql`${decidedFindings.replacedAt} is null`,
    ),
  )
}

export async function shown(tx: Tx, row: Row): Promise<FindingDecision> {
  return toDecision(row, await standingCount(tx, row))
}

const NEWEST_FIRST = descending(ascending(findingDecisions, 'createdAt', 'id'))

/** Newest first. */
export async function decisionPage(
  database: Database,
  scope: Scope,
  states: readonly string[],
  page: PageAsked,
): Promise<Page<FindingDecision>> {
  return database.acrossJurisdictions(scope, async (tx) => {
    const where = [
      inScope(scope),
      states.length === 0 ? undefined : sql`state = any (${sql.param(states)}::text[])`,
    ]
    const rows = await tablePage(
      tx,
      { table: findingDecisions, order: NEWEST_FIRST, where, item: (row) => row },
      page,
    )
    const items: FindingDecision[] = []
    for (const row of rows.items) items.push(await shown(tx, row))
    return { items, nextCursor: rows.nextCursor }
  })
}

function toDecision(row: Row, standing: number): FindingDecision {
  const { id, jurisdictionId, reason, documentIds, until, findings, version, confirmedAt, withdrawnAt } = row
  return {
    id,
    jurisdictionId,
    state: row.state as DecisionState,
    reason,
    documentIds,
    until,
    by: row.decidedBy,
    keyLabel: row.keyLabel,
    at: toInstant(row.createdAt),
    confirmed:
      confirmedAt === null
        ? null
        : { by: row.confirmedBy!, keyLabel: row.confirmedKeyLabel!, at: toInstant(confirmedAt) },
    withdrawn:
      withdrawnAt === null
        ? null
        : { by: row.withdrawnBy!, reason: row.withdrawnReason!, at: toInstant(withdrawnAt) },
    findings,
    standing,
    version,
  }
}
