/** Statements on all devices that wait for the same decision, and many of them withdrawn at once. */
import { sql } from 'drizzle-orm'
import type { z } from 'zod'
import { devices, makerStatements } from '../../db/schema/index.ts'
import { pickFields } from '../../device/device.ts'
import { DomainError, notFound } from '../../http/problems.ts'
import { makersSpokenFor } from '../../identification/identify.ts'
import { dayIn } from '../../lib/calendar.ts'
import { uuidv7 } from '../../lib/ids.ts'
import { loadJurisdiction } from '../../screening/context.ts'
import { reviseDevices } from '../../screening/device-bulk.ts'
import { underLocalLaw } from '../../screening/local-law.ts'
import { allStanding } from '../../screening/standing-statements.ts'
import type { Work } from '../../screening/work.ts'
import { note } from '../../tenancy/audit.ts'
import { type Group, reviewGroups } from '../reviews/groups.ts'
import type { GroupStatement, StatementsMade, StatementsWithdrawn, WithdrawMany } from './schemas.ts'
import { checked, devicesOf, lockWriters, stateMaker } from './statements.ts'

/** A group of more is better settled by a fact, or in parts. */
const MOST_DEVICES = 5_000
const BATCH = 500

type Wish = z.output<typeof GroupStatement>

/** Throws `not-found` for the group, `invalid-request`. */
export async function stateOfGroup(work: Work, groupId: string, wish: Wish): Promise<StatementsMade> {
  const group = (await reviewGroups(work.tx, work.jurisdictionId)).find(({ id }) => id === groupId)
  if (group === undefined) throw notFound('review group')
  if (group.by === 'model') {
    const [example] = await idsIn(work, group.profileIds, 1)
    if (example === undefined) throw notFound('review group')
    const made = await stateMaker(work, example, { ...wish, scope: 'model' })
    return { id: groupId, devices: made.devices, statements: [made.id] }
  }
  return stateOfEach(work, group, wish)
}

async function stateOfEach(work: Work, group: Group, wish: Wish): Promise<StatementsMade> {
  const { tx, jurisdictionId, now, actor, knowledge } = work
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  await lockWriters(work)
  const today = dayIn(now, jurisdiction.timezone)
  const { identifyLocally } = underLocalLaw(knowledge, jurisdiction)
  const { maker, statedOn } = checked({ ...wish, scope: 'device' }, { subject: null, today }, knowledge)
  const ids = await idsIn(work, group.profileIds, MOST_DEVICES + 1)
  if (ids.length > MOST_DEVICES)
    throw new DomainError(
      'invalid-request',
      `The group has more than ${MOST_DEVICES} devices: state it of devices alike, by their model, first.`,
    )
  const at = now.toISOString()
  const statements: string[] = []
  for (let i = 0; i < ids.length; i += BATCH) {
    const rows = await tx
      .select()
      .from(devices)
      .where(
        sql`jurisdiction_id = ${jurisdictionId}::uuid and id = any (${sql.param(ids.slice(i, i + BATCH))}::uuid[])`,
      )
    const made = rows.map((row) => {
      const { manufacturer, model, serialNumber, macAddress } = row
      return {
        jurisdictionId,
        id: uuidv7(now.getTime()),
        deviceId: row.id,
        scope: 'device',
        subject: null,
        ...{ manufacturer, model, serialNumber, macAddress },
        makerId: maker,
        basis: wish.basis,
        note: wish.note,
        statedOn,
        statedBy: wish.by,
        spokenFor: makersSpokenFor({ ...pickFields(row), statements: null }, identifyLocally),
        keyId: actor.id,
        keyLabel: actor.keyLabel,
        createdAt: at,
        updatedAt: at,
      }
    })
    await tx.insert(makerStatements).values(made)
    statements.push(...made.map(({ id }) => id))
  }
  const standing = await allStanding(tx, jurisdictionId)
  await reviseDevices(work, jurisdiction, ids, ({ id, fields }) => standing.on(id, fields))
  const { basis, by } = wish
  await note(work, {
    action: 'statements.create',
    target: group.id,
    detail: { maker, basis, by, devices: ids.length, statements },
  })
  return { id: group.id, devices: ids.length, statements }
}

async function idsIn(
  { tx, jurisdictionId }: Work,
  profileIds: readonly string[],
  most: number,
): Promise<string[]> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    select d.id::text as id from devices d where d.jurisdiction_id = ${jurisdictionId}::uuid
      and d.profile_id = any (${sql.param(profileIds)}::uuid[]) order by d.id limit ${most}`)
  return rows.map(({ id }) => id)
}

/** All or none. Throws `invalid-request` with those that do not stand. */
export async function withdrawStatements(
  work: Work,
  { ids, by, reason }: z.output<typeof WithdrawMany>,
): Promise<StatementsWithdrawn> {
  const { tx, jurisdictionId, now, actor } = work
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  await lockWriters(work)
  const at = now.toISOString()
  const rows = await tx
    .update(makerStatements)
    .set({
      withdrawnAt: at,
      withdrawnBy: by,
      withdrawnKeyLabel: actor.keyLabel,
      withdrawnReason: reason,
      version: sql`version + 1`,
      updatedAt: at,
    })
    .where(
      sql`jurisdiction_id = ${jurisdictionId}::uuid and id = any (${sql.param(ids)}::uuid[]) and withdrawn_at is null`,
    )
    .returning()
  const done = new Set(rows.map(({ id }) => id))
  const others = ids.filter((id) => !done.has(id.toLowerCase()))
  if (others.length > 0) throw notStanding(ids, others)
  const about = new Set<string>()
  for (const row of rows) {
    const carriers = row.subject === null ? [row.deviceId] : await devicesOf(work, row.subject)
    for (const id of carriers) about.add(id)
  }
  const standing = await allStanding(tx, jurisdictionId)
  const revised = await reviseDevices(work, jurisdiction, [...about], ({ id, fields }) =>
    standing.on(id, fields),
  )
  await note(work, {
    action: 'statements.withdraw',
    target: null,
    detail: { ids, by, reason, devices: revised.length },
  })
  return { withdrawn: rows.length, devices: revised.length }
}

function notStanding(ids: readonly string[], others: readonly string[]): DomainError {
  return new DomainError('invalid-request', 'Some are no statements that stand; none was withdrawn.', {
    errors: others.slice(0, 100).map((id) => ({
      pointer: `/ids/${ids.indexOf(id)}`,
      code: 'not-standing',
      message: 'is no statement of the city, or was withdrawn before',
    })),
  })
}
