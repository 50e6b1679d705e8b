/** Compensating controls and risk acceptances as records: owner, evidence, expiry. */

import { inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { riskTreatments } from '../../db/schema/index.ts'
import type { Changes } from '../../http/changes.ts'
import type { PageAsked } from '../../http/pages.ts'
import { DomainError, type FieldProblem } from '../../http/problems.ts'
import { Day, Id, Instant, someText, toInstant } from '../../http/schemas.ts'
import { dayIn, type PlainDate } from '../../lib/calendar.ts'
import { loadJurisdiction } from '../../screening/context.ts'
import { note } from '../../tenancy/audit.ts'
import { addRow, lockRow, reviseRow } from '../../tenancy/stored-rows.ts'
import type { Work } from '../../tenancy/work.ts'
import { ownedPage } from '../owned-records.ts'
import { TREATMENT_KINDS } from './in-force.ts'

const TreatmentFields = {
  kind: z.enum(TREATMENT_KINDS),
  title: someText(200).meta({ description: 'what is done, or what is accepted' }),
  owner: someText(200).meta({ description: 'who answers for it: a person or an office' }),
  deviceIds: z.array(Id).max(1000),
  siteIds: z.array(Id).max(200).meta({ description: 'all devices at these sites' }),
  vulnerabilities: z
    .union([z.literal('any'), z.array(someText(100)).min(1).max(200)])
    .meta({ description: 'ids it is about, such as CVE-2021-36260' }),
  evidence: z
    .array(
      z.strictObject({
        text: someText(1000),
        source: someText(1000).nullable().default(null).meta({ description: 'address or document' }),
        on: Day.meta({ description: 'the day of the evidence' }),
      }),
    )
    .min(1)
    .max(50),
  verifiedOn: Day.nullable().meta({ description: 'day somebody checked that a control works' }),
  verifiedBy: someText(200).nullable(),
  beginsOn: Day,
  expiresOn: Day.meta({ description: 'last day it counts; every control and acceptance has one' }),
  endedOn: Day.nullable().meta({ description: 'first day it no longer counts, when it was ended before' }),
}

export const TreatmentWrite = z
  .strictObject({
    jurisdictionId: Id.optional(),
    ...TreatmentFields,
    deviceIds: TreatmentFields.deviceIds.default([]),
    siteIds: TreatmentFields.siteIds.default([]),
    vulnerabilities: TreatmentFields.vulnerabilities.default('any'),
    verifiedOn: TreatmentFields.verifiedOn.default(null),
    verifiedBy: TreatmentFields.verifiedBy.default(null),
    endedOn: TreatmentFields.endedOn.default(null),
  })
  .meta({ id: 'NewRiskTreatment' })

export const TreatmentChange = z
  .strictObject(TreatmentFields)
  .omit({ kind: true })
  .partial()
  .meta({ id: 'RiskTreatmentChange' })

export const TreatmentShape = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    ...TreatmentFields,
    vulnerabilities: z.union([z.string(), z.array(z.string())]),
    evidence: z.array(z.object({ text: z.string(), source: z.string().nullable(), on: z.string() })),
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'RiskTreatment' })

export type Treatment = Omit<z.infer<typeof TreatmentWrite>, 'jurisdictionId'>
type Row = typeof riskTreatments.$inferSelect

export function toTreatment(row: Row) {
  return {
    ...(row.doc as Treatment),
    id: row.id,
    jurisdictionId: row.jurisdictionId,
    version: row.version,
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
  }
}

const columnsOf = (doc: Treatment) => ({
  kind: doc.kind,
  deviceIds: doc.deviceIds,
  siteIds: doc.siteIds,
  expiresOn: doc.expiresOn,
  endedOn: doc.endedOn,
  doc,
})

/** Everything wrong with a treatment by itself. Throws `invalid-request`. */
function checkTreatment(one: Treatment, today: PlainDate): void {
  const errors: FieldProblem[] = []
  const add = (pointer: string, code: string, message: string) => errors.push({ pointer, code, message })
  if (one.deviceIds.length + one.siteIds.length === 0)
    add('/deviceIds', 'covers-nothing', 'must name devices, or siteIds sites')
  if (one.expiresOn < one.beginsOn)
    add('/expiresOn', 'ends-before-it-starts', `${one.expiresOn} is before ${one.beginsOn}`)
  if (one.endedOn !== null && one.endedOn < one.beginsOn)
    add('/endedOn', 'ends-before-it-starts', `${one.endedOn} is before ${one.beginsOn}`)
  if ((one.verifiedOn === null) !== (one.verifiedBy === null))
    add('/verifiedBy', 'required', 'a check has a day and somebody who made it')
  if (one.verifiedOn !== null && one.verifiedOn > today)
    add('/verifiedOn', 'in-the-future', 'must not be after today')
  one.evidence.forEach(({ on }, i) => {
    if (on > today) add(`/evidence/${i}/on`, 'in-the-future', 'must not be after today')
  })
  if (errors.length > 0) throw new DomainError('invalid-request', 'The record cannot be stored.', { errors })
}

export interface TreatmentFilter {
  readonly kind: string[]
  readonly deviceId: readonly string[]
  readonly expiresBefore?: string | undefined
}

export function treatmentPage(tx: Tx, { question }: { readonly question: TreatmentFilter }, page: PageAsked) {
  const { kind, deviceId, expiresBefore } = question
  const where = [
    kind.length > 0 ? inArray(riskTreatments.kind, kind) : undefined,
    deviceId.length > 0 ? sql`device_ids && ${sql.param(deviceId)}::uuid[]` : undefined,
    expiresBefore === undefined ? undefined : sql`expires_on < ${expiresBefore}::date and ended_on is null`,
  ]
  return ownedPage(tx, riskTreatments, where, page, toTreatment)
}

/** Throws `not-found` for the jurisdiction, `invalid-request`. */
export async function addTreatment(work: Work, doc: Treatment) {
  const { timezone } = await loadJurisdiction(work.tx, work.jurisdictionId)
  checkTreatment(doc, dayIn(work.now, timezone))
  await checkPlaces(work.tx, doc)
  const row = await addRow(work, riskTreatments, columnsOf(doc))
  await note(work, { action: 'risk-treatment.create', target: row.id, detail: { ...doc } })
  return toTreatment(row)
}

/** Throws `not-found`, `precondition-failed`, `invalid-request`. */
export async function changeTreatment(
  work: Work,
  id: string,
  changes: Changes<Treatment>,
  ifMatch: string | undefined,
) {
  const { timezone } = await loadJurisdiction(work.tx, work.jurisdictionId)
  const current = await lockRow(work, riskTreatments, id, { what: 'treatment', ifMatch })
  const before = current.doc as Treatment
  const doc: Treatment = { ...before, ...changes }
  checkTreatment(doc, dayIn(work.now, timezone))
  await checkPlaces(work.tx, changes)
  const row = await reviseRow(work, riskTreatments, current, columnsOf(doc))
  await note(work, { action: 'risk-treatment.change', target: id, detail: { before, after: changes } })
  return toTreatment(row)
}

/** Devices and sites have to be on the register of the city. Throws `invalid-request` naming each that is not. */
async function checkPlaces(
  tx: Tx,
  {
    deviceIds = [],
    siteIds = [],
  }: { readonly deviceIds?: readonly string[] | undefined; readonly siteIds?: readonly string[] | undefined },
): Promise<void> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    select id::text as id from devices where id = any (${sql.param([...deviceIds])}::uuid[])
    union all select id::text from sites where id = any (${sql.param([...siteIds])}::uuid[])`)
  const there = new Set(rows.map(({ id }) => id))
  const errors = [
    ...deviceIds.flatMap((id, i) => (there.has(id.toLowerCase()) ? [] : [`/deviceIds/${i}`])),
    ...siteIds.flatMap((id, i) => (there.has(id.toLowerCase()) ? [] : [`/siteIds/${i}`])),
  ].map((pointer) => ({ pointer, code: 'not-found', message: 'is not on the register' }))
  if (errors.length > 0) throw new DomainError('invalid-request', 'The record cannot be stored.', { errors })
}
