/** An operator confirms whether a body of law is in force: who, when, by what. The law changes at once. */
import { asc, eq, max } from 'drizzle-orm'
import { type Patch, withPatches } from '../../catalogue/patches.ts'
import type { ReferenceData } from '../../catalogue/reference-data.ts'
import type { RegimePeriod, RegimeStatus } from '../../catalogue/rules.ts'
import { readRows } from '../../catalogue/tables.ts'
import { lockVersions } from '../../catalogue/versions.ts'
import type { Tx } from '../../db/database.ts'
import { regimeStatuses } from '../../db/schema/index.ts'
import type { PageAsked } from '../../http/pages.ts'
import { DomainError, notFound } from '../../http/problems.ts'
import { toInstant } from '../../http/schemas.ts'
import { ascending, descending, tablePage } from '../../http/table-pages.ts'
import { dayIn } from '../../lib/calendar.ts'
import { type Actor, record } from '../../tenancy/audit.ts'
import { writeLaw } from '../load.ts'
import { MILDER, type StatusWrite } from './schemas.ts'

type Row = typeof regimeStatuses.$inferSelect

function toStatus({ regimeId, recordedAt, status, validFrom, validTo, evidence, recordedBy }: Row) {
  const said = { regime: regimeId, status, from: validFrom, to: validTo, evidence, recordedBy }
  return { ...said, recordedAt: toInstant(recordedAt) }
}

export const statusPage = (tx: Tx, regime: string, page: PageAsked) =>
  tablePage(
    tx,
    {
      table: regimeStatuses,
      order: descending(ascending(regimeStatuses, 'recordedAt')),
      where: [eq(regimeStatuses.regimeId, regime)],
      item: toStatus,
    },
    page,
  )

/** Throws `invalid-request`. */
export function assertStatus({ status, from, to }: StatusWrite): void {
  const fault = (pointer: string, code: string, message: string) =>
    new DomainError('invalid-request', 'The status cannot be confirmed like this.', {
      errors: [{ pointer, code, message }],
    })
  if (to !== null && to <= from) throw fault('/to', 'ends-before-it-starts', `must be after ${from}`)
  if (to === null && MILDER.includes(status))
    throw fault('/to', 'required', `is needed: "${status}" counts only as long as somebody has confirmed it`)
}

/** The patch of a regime, and the law with it. Throws `not-found`. */
export async function supposedStatus(tx: Tx, id: string, written: StatusWrite, now: Date) {
  const reference = await readRows(tx)
  if (!reference.regimes.some((regime) => regime.id === id)) throw notFound('regime')
  const rows = await tx
    .select()
    .from(regimeStatuses)
    .where(eq(regimeStatuses.regimeId, id))
    .orderBy(asc(regimeStatuses.recordedAt))
  const confirmed = [...rows.map(periodOf), periodWritten(written, now)]
  const patch: Patch = { part: 'regimes', id, origin: `status:${id}`, patch: { confirmed } }
  return { reference, patch, laid: withPatches(reference, [patch]) }
}

const periodOf = ({ status, validFrom, validTo, evidence, recordedAt }: Row): RegimePeriod => ({
  ...{ from: validFrom, to: validTo, status: status as RegimeStatus },
  note: noteOf(evidence, new Date(recordedAt)),
})

const periodWritten = ({ status, from, to, evidence }: StatusWrite, now: Date): RegimePeriod => ({
  ...{ from, to, status },
  note: noteOf(evidence, now),
})

const noteOf = (evidence: string, at: Date) => `Confirmed on ${dayIn(at)}: ${evidence}`

/** Later than the last confirmation: of two at once the one that waited counts over the other, now and afterwards. */
async function afterLast(tx: Tx, id: string, now: Date): Promise<Date> {
  const [last] = await tx
    .select({ at: max(regimeStatuses.recordedAt) })
    .from(regimeStatuses)
    .where(eq(regimeStatuses.regimeId, id))
  const earliest = last?.at == null ? 0 : Date.parse(last.at) + 1
  return new Date(Math.max(now.getTime(), earliest))
}

export const periodsIn = ({ regimes }: ReferenceData, id: string) => {
  const { periods } = regimes.find((regime) => regime.id === id)!
  return periods.map(({ status, from, to, note }) => ({ status, from, to, note }))
}

/** Throws `not-found`. */
export async function confirmStatus(
  tx: Tx,
  id: string,
  written: StatusWrite,
  { actor, now }: { readonly actor: Actor; readonly now: Date },
) {
  await lockVersions(tx)
  const at = await afterLast(tx, id, now)
  const { reference, patch, laid } = await supposedStatus(tx, id, written, at)
  const { status, from, to, evidence } = written
  await tx.insert(regimeStatuses).values({
    ...{ regimeId: id, status, validFrom: from, validTo: to, evidence },
    recordedAt: at.toISOString(),
    recordedBy: actor.id,
  })
  const cause = { regime: id, status }
  const knowledgeVersion = await writeLaw(tx, reference, [patch], { actor, now, cause })
  await record(tx, null, actor, now, {
    action: 'regimes.confirm-status',
    target: id,
    detail: { status, from, to, evidence, knowledgeVersion },
  })
  return { regime: id, periods: periodsIn(laid, id), knowledgeVersion }
}
