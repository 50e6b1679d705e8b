/** Applications for licenses. */

import { inArray } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { licenseApplications } from '../../db/schema/index.ts'
import { UPDATE_CHANNELS } from '../../device/choices.ts'
import type { LicenseApplication } from '../../firmware-risk/licenses/license.ts'
import { modelPatterns } from '../../firmware-risk/model-fields.ts'
import type { Changes } from '../../http/changes.ts'
import type { PageAsked } from '../../http/pages.ts'
import { DomainError, type FieldProblem } from '../../http/problems.ts'
import { Day, Id, Instant, someText, toInstant } from '../../http/schemas.ts'
import { isPlainDate } from '../../lib/calendar.ts'
import { loadJurisdiction } from '../../screening/context.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import type { Work } from '../../screening/work.ts'
import { note } from '../../tenancy/audit.ts'
import { addRow, lockRow, reviseRow } from '../../tenancy/stored-rows.ts'
import { ownedPage } from '../owned-records.ts'
import { noteOwn } from '../store.ts'
import { entityFields, unknownVendors } from '../vendor-fields.ts'

export const ApplicationFields = {
  regime: someText(100),
  program: someText(100).nullable().default(null),
  status: z.enum(['draft', 'pending', 'returned', 'denied', 'granted', 'withdrawn']).default('draft'),
  filedOn: Day.nullable().default(null),
  decisionOn: Day.nullable().default(null),
  scope: someText(2000).nullable().default(null),
  entities: z
    .union([z.literal('any'), z.array(someText(100)).min(1).max(500)])
    .default('any')
    .meta({ description: 'vendor ids it asks for' }),
  models: z
    .union([z.literal('any'), modelPatterns(someText).min(1)])
    .default('any')
    .meta({ description: 'model patterns it asks for' }),
  channels: z.union([z.literal('any'), z.array(z.enum(UPDATE_CHANNELS)).min(1).max(20)]).default('any'),
  activities: z
    .union([z.literal('any'), z.array(someText(100)).min(1).max(50)])
    .default('any')
    .meta({ description: 'what is asked for, such as `firmware-update`' }),
}
export const ApplicationWrite = z
  .strictObject({ jurisdictionId: Id.optional(), ...ApplicationFields })
  .meta({ id: 'NewLicenseApplication' })
export const ApplicationChange = z
  .strictObject({
    program: someText(100).nullable().optional(),
    status: ApplicationFields.status.removeDefault().optional(),
    filedOn: Day.nullable().optional(),
    decisionOn: Day.nullable().optional(),
    scope: someText(2000).nullable().optional(),
    entities: ApplicationFields.entities.removeDefault().optional(),
    models: ApplicationFields.models.removeDefault().optional(),
    channels: ApplicationFields.channels.removeDefault().optional(),
    activities: ApplicationFields.activities.removeDefault().optional(),
  })
  .meta({ id: 'LicenseApplicationChange' })
export const ApplicationShape = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    regime: z.string(),
    program: z.string().nullable(),
    status: z.string(),
    filedOn: z.string().nullable(),
    decisionOn: z.string().nullable(),
    scope: z.string().nullable(),
    entities: z.union([z.string(), z.array(z.string())]),
    models: z.union([z.string(), z.array(z.string())]),
    channels: z.union([z.string(), z.array(z.string())]),
    activities: z.union([z.string(), z.array(z.string())]),
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'LicenseApplication' })

type ApplicationRow = typeof licenseApplications.$inferSelect

export function toApplication(row: ApplicationRow) {
  return {
    entities: 'any',
    models: 'any',
    channels: 'any',
    activities: 'any',
    ...(row.doc as Omit<LicenseApplication, 'id'>),
    id: row.id,
    jurisdictionId: row.jurisdictionId,
    version: row.version,
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
  }
}

function checkApplication(application: Omit<LicenseApplication, 'id'>, knowledge: Knowledge): void {
  const { regime, status, filedOn, decisionOn } = application
  const errors: FieldProblem[] = []
  const add = (pointer: string, code: string, message: string) => errors.push({ pointer, code, message })
  if (!knowledge.reference.regimes.some(({ id }) => id === regime)) {
    add('/regime', 'unknown-regime', `${regime} is not a regime; see /v1/regimes`)
  }
  if (status !== 'draft' && filedOn === null) add('/filedOn', 'required', `is required of a ${status} one`)
  if ((status === 'denied' || status === 'granted') && decisionOn === null)
    add('/decisionOn', 'required', `is required of a ${status} one`)
  if (filedOn !== null && decisionOn !== null && isPlainDate(decisionOn) && decisionOn < filedOn)
    add('/decisionOn', 'ends-before-it-starts', `${decisionOn} is before it was filed on ${filedOn}`)
  errors.push(...unknownVendors(entityFields(application.entities), knowledge))
  if (errors.length > 0) {
    throw new DomainError('invalid-request', 'The application cannot be stored.', { errors })
  }
}

type Application = Omit<LicenseApplication, 'id'>

export interface ApplicationFilter {
  readonly regime: string[]
  readonly status: string[]
}

export function applicationPage(
  tx: Tx,
  { question }: { readonly question: ApplicationFilter },
  page: PageAsked,
) {
  const { regime, status } = question
  const where = [
    regime.length > 0 ? inArray(licenseApplications.regimeId, regime) : undefined,
    status.length > 0 ? inArray(licenseApplications.status, status) : undefined,
  ]
  return ownedPage(tx, licenseApplications, where, page, toApplication)
}

/** Throws `not-found` for the jurisdiction, `invalid-request`. */
export async function addApplication(work: Work, doc: z.infer<typeof ApplicationWrite>) {
  const { tx, jurisdictionId, knowledge } = work
  checkApplication(doc, knowledge)
  await loadJurisdiction(tx, jurisdictionId)
  const row = await addRow(work, licenseApplications, { regimeId: doc.regime, status: doc.status, doc })
  await noteOwn(tx, jurisdictionId, [`regime:${doc.regime}`])
  await note(work, { action: 'license-application.create', target: row.id, detail: doc })
  return toApplication(row)
}

/** Throws `not-found`, `precondition-failed`, `invalid-request`. */
export async function changeApplication(
  work: Work,
  id: string,
  changes: Changes<Application>,
  ifMatch: string | undefined,
) {
  const current = await lockRow(work, licenseApplications, id, { what: 'application', ifMatch })
  const before = current.doc as Application
  const doc: Application = { ...before, ...changes }
  checkApplication(doc, work.knowledge)
  const row = await reviseRow(work, licenseApplications, current, { status: doc.status, doc })
  await noteOwn(work.tx, work.jurisdictionId, [`regime:${doc.regime}`])
  await note(work, {
    action: 'license-application.change',
    target: id,
    detail: { before, after: changes },
  })
  return toApplication(row)
}
