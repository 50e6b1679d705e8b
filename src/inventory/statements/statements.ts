/** Use cases of statements: made, confirmed by a second person, withdrawn. Load, decide, save. */
import { eq, sql } from 'drizzle-orm'
import type { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { lockImports, lockStatements } from '../../db/locks.ts'
import { makerStatements } from '../../db/schema/index.ts'
import type { DeviceFields } from '../../device/blank.ts'
import { DomainError, notFound } from '../../http/problems.ts'
import type { Identification } from '../../identification/identification.ts'
import { makersSpokenFor } from '../../identification/identify.ts'
import { dayIn } from '../../lib/calendar.ts'
import { isSameName } from '../../lib/letters.ts'
import { type JurisdictionContext, loadJurisdiction } from '../../screening/context.ts'
import { reviseDevices } from '../../screening/device-bulk.ts'
import { screenDevice } from '../../screening/device-reads.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import { underLocalLaw } from '../../screening/local-law.ts'
import { allStanding, subjectOf } from '../../screening/standing-statements.ts'
import type { Work } from '../../screening/work.ts'
import { note } from '../../tenancy/audit.ts'
import { addRow, lockRow, reviseRow } from '../../tenancy/stored-rows.ts'
import type { Confirmation, StatementEffect, StatementWrite, Withdrawal } from './schemas.ts'
import { toStatement } from './schemas.ts'

type Row = typeof makerStatements.$inferSelect

/** No camera of a register is older: an earlier day is a slip, and would stand in records as if it were known. */
const FIRST_DAY = '1980-01-01'

/** Throws `not-found`, `invalid-request`. */
export async function stateMaker(
  work: Work,
  deviceId: string,
  wish: StatementWrite,
): Promise<StatementEffect> {
  const { tx, jurisdictionId, knowledge, now, actor } = work
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  await lockWriters(work)
  const { device } = await screenOwn(work, deviceId)
  const today = dayIn(now, jurisdiction.timezone)
  const subject = wish.scope === 'model' ? subjectOf(device) : null
  const { maker, statedOn } = checked(wish, { subject, today }, knowledge)
  const row = await addRow(work, makerStatements, {
    deviceId,
    scope: wish.scope,
    subject,
    manufacturer: device.manufacturer,
    model: device.model,
    serialNumber: device.serialNumber,
    macAddress: device.macAddress,
    makerId: maker,
    basis: wish.basis,
    note: wish.note,
    statedOn,
    statedBy: wish.by,
    spokenFor: makersSpokenFor(
      { ...device, statements: null },
      underLocalLaw(knowledge, jurisdiction).identifyLocally,
    ),
    keyId: actor.id,
    keyLabel: actor.keyLabel,
  })
  const devices = await apply(work, jurisdiction, row)
  const { scope, basis, by } = wish
  await note(work, {
    action: 'statement.create',
    target: row.id,
    detail: { device: deviceId, maker, scope, basis, by, devices },
  })
  return withEffect(work, row)
}

/** Imports and re-screening wait, and nobody registers a device meanwhile. */
export async function lockWriters({ tx, jurisdictionId }: Work): Promise<void> {
  await lockImports(tx, jurisdictionId)
  await lockStatements(tx, jurisdictionId)
}

async function screenOwn(work: Work, deviceId: string) {
  const screened = await screenDevice(work.tx, deviceId, work.knowledge, work.now)
  if (screened.jurisdictionId !== work.jurisdictionId) throw notFound('device')
  return screened
}

export function checked(
  wish: StatementWrite,
  { subject, today }: { readonly subject: string | null; readonly today: string },
  knowledge: Knowledge,
): { maker: string | null; statedOn: string } {
  const statedOn = wish.statedOn ?? today
  const maker = wish.maker === null ? null : (knowledge.identify.makers.get(wish.maker) ?? undefined)
  const errors = [
    ...(maker === undefined ? [unknownMaker(wish.maker!, knowledge)] : []),
    ...(wish.scope === 'model' && subject === null
      ? [
          {
            pointer: '/scope',
            code: 'no-model',
            message:
              'needs a model number: correct the model of the device first, or state it of the device alone',
          },
        ]
      : []),
    ...(statedOn > today
      ? [{ pointer: '/statedOn', code: 'in-the-future', message: `must not be after ${today}` }]
      : []),
    ...(statedOn < FIRST_DAY
      ? [{ pointer: '/statedOn', code: 'too-early', message: `must not be before ${FIRST_DAY}` }]
      : []),
  ]
  if (errors.length > 0) throw new DomainError('invalid-request', 'The statement cannot be kept.', { errors })
  return { maker: maker ?? null, statedOn }
}

function unknownMaker(id: string, knowledge: Knowledge) {
  const isSeller = knowledge.identify.vendors.has(id)
  return isSeller
    ? { pointer: '/maker', code: 'is-a-seller', message: 'sells what others build: name who built it' }
    : {
        pointer: '/maker',
        code: 'unknown',
        message: 'is no maker of the catalog; GET /v1/manufacturers?q= finds its id',
      }
}

/** Devices carry what is stated of them now. Gives how many were changed. */
async function apply(work: Work, jurisdiction: JurisdictionContext, row: Row): Promise<number> {
  const standing = await allStanding(work.tx, work.jurisdictionId)
  const ids = row.subject === null ? [row.deviceId] : await devicesOf(work, row.subject)
  const revised = await reviseDevices(work, jurisdiction, ids, ({ id, fields }) => standing.on(id, fields))
  return revised.length
}

/** Ids of the devices with this name and model. Their profiles are far fewer, and know both. */
export async function devicesOf({ tx, jurisdictionId }: Work, subject: string): Promise<string[]> {
  const { rows } = await tx.execute<{ id: string } & Pick<DeviceFields, 'manufacturer' | 'model'>>(sql`
    select p.id::text as id, p.facts ->> 'manufacturer' as manufacturer, p.facts ->> 'model' as model
    from profiles p where p.jurisdiction_id = ${jurisdictionId}::uuid and p.device_count > 0`)
  const profiles = rows.filter((row) => subjectOf(row) === subject).map(({ id }) => id)
  const { rows: found } = await tx.execute<{ id: string }>(sql`
    select d.id::text as id from devices d
    where d.jurisdiction_id = ${jurisdictionId}::uuid and d.profile_id = any (${sql.param(profiles)}::uuid[])`)
  return found.map(({ id }) => id)
}

/** Throws `not-found`, `statement-withdrawn`, `second-person-needed`, `statement-fell`. */
export async function confirmStatement(
  work: Work,
  id: string,
  { by }: z.output<typeof Confirmation>,
  ifMatch: string | undefined,
  /** Keys that may be the same person's. */
  related: ReadonlySet<string>,
): Promise<StatementEffect> {
  const { tx, jurisdictionId, actor, now } = work
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  await lockWriters(work)
  const row = await lockStanding(work, id, ifMatch)
  if (row.confirmedAt !== null) return withEffect(work, row)
  if (row.makerId === null) {
    throw new DomainError('second-person-needed', 'That a maker cannot be found out needs no second person.')
  }
  const isSame = [
    actor.id === row.keyId || related.has(row.keyId),
    isSameName(actor.keyLabel, row.keyLabel),
    isSameName(by, row.statedBy),
  ].some(Boolean)
  if (isSame) {
    throw new DomainError(
      'second-person-needed',
      'Whoever stated it cannot confirm it: another person has to, by a key with another label that does not come from the same key of the city as the first.',
    )
  }
  if ((await effectOn(work, row)) === 'fell') {
    throw new DomainError(
      'statement-fell',
      'Facts of the device have changed since. Withdraw it and state it anew.',
    )
  }
  const confirmed = await reviseRow(work, makerStatements, row, {
    confirmedAt: now.toISOString(),
    confirmedBy: by,
    confirmedKeyId: actor.id,
    confirmedKeyLabel: actor.keyLabel,
  })
  const devices = await apply(work, jurisdiction, confirmed)
  await note(work, { action: 'statement.confirm', target: id, detail: { by, maker: row.makerId, devices } })
  return withEffect(work, confirmed)
}

/** Throws `not-found`, `statement-withdrawn`. */
export async function withdrawStatement(
  work: Work,
  id: string,
  { by, reason }: z.output<typeof Withdrawal>,
  ifMatch: string | undefined,
): Promise<StatementEffect> {
  const { tx, jurisdictionId, actor, now } = work
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  await lockWriters(work)
  const row = await lockStanding(work, id, ifMatch)
  const withdrawn = await reviseRow(work, makerStatements, row, {
    withdrawnAt: now.toISOString(),
    withdrawnBy: by,
    withdrawnKeyLabel: actor.keyLabel,
    withdrawnReason: reason,
  })
  const devices = await apply(work, jurisdiction, withdrawn)
  await note(work, { action: 'statement.withdraw', target: id, detail: { by, reason, devices } })
  return withEffect(work, withdrawn)
}

async function lockStanding(work: Work, id: string, ifMatch: string | undefined): Promise<Row> {
  const row = await lockRow(work, makerStatements, id, { what: 'statement', ifMatch })
  if (row.withdrawnAt !== null) throw new DomainError('statement-withdrawn', 'It was withdrawn before.')
  return row
}

/** A statement with what it does now. */
async function withEffect(work: Pick<Work, 'tx' | 'knowledge' | 'now'>, row: Row): Promise<StatementEffect> {
  return { ...toStatement(row), effect: await effectOn(work, row), devices: await carriers(work.tx, row) }
}

/** Throws `not-found`. */
export async function findStatement(
  tx: Tx,
  id: string,
  { knowledge, now }: Pick<Work, 'knowledge' | 'now'>,
): Promise<StatementEffect> {
  const [row] = await tx.select().from(makerStatements).where(eq(makerStatements.id, id))
  if (!row) throw notFound('statement')
  return withEffect({ tx, knowledge, now }, row)
}

async function effectOn(
  { tx, knowledge, now }: Pick<Work, 'tx' | 'knowledge' | 'now'>,
  row: Row,
): Promise<StatementEffect['effect']> {
  if (row.withdrawnAt !== null) return 'withdrawn'
  const found = await screenDevice(tx, row.deviceId, knowledge, now).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === 'not-found') return null
    throw error
  })
  if (found === null) return 'fell'
  return effectIn(found.screening.identification, row)
}

function effectIn({ evidence, maker, status }: Identification, row: Row): StatementEffect['effect'] {
  const stands = evidence.some(({ kind, source }) => kind === 'person-statement' && source.endsWith(row.id))
  if (!stands) return 'fell'
  if (row.makerId === null) return 'noted'
  if (status === 'resolved' && maker === row.makerId) return 'settles'
  const others = evidence.filter(
    ({ kind, pointsTo }) => kind === 'person-statement' && pointsTo !== null && pointsTo !== row.makerId,
  )
  return others.length > 0 ? 'contradicted' : 'needs-second-person'
}

async function carriers(tx: Tx, { jurisdictionId, id }: Row): Promise<number> {
  const { rows } = await tx.execute<{ devices: number }>(sql`
    select coalesce(sum(p.device_count), 0)::int as devices from profiles p
    where p.jurisdiction_id = ${jurisdictionId}::uuid and p.facts -> 'statements' @> ${JSON.stringify([{ id }])}::jsonb`)
  return rows[0]!.devices
}
