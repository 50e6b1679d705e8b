/** Licenses and waivers on record: listed, added, changed, removed. */
import { eq, inArray, sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { licenses } from '../../db/schema/index.ts'
import type { License } from '../../firmware-risk/licenses/license.ts'
import type { Changes } from '../../http/changes.ts'
import type { PageAsked } from '../../http/pages.ts'
import { uuidv7 } from '../../lib/ids.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import type { CityDays } from '../../tenancy/city-days.ts'
import { addRow, beforeAndAfter, lockRow, oneRow, reviseRow } from '../../tenancy/stored-rows.ts'
import type { Work } from '../../tenancy/work.ts'
import {
  checkRoom,
  type OwnedChange,
  type Owner,
  ownedPage,
  ownOnly,
  type Touched,
} from '../owned-records.ts'
import {
  assertNotShipped,
  checkLicense,
  checkSuperseded,
  columnsOf,
  licenseOf,
  toLicense,
  warningsOf,
} from './records.ts'
import { writeReminders } from './reminders.ts'
import { assertLawStays, assertUnused } from './uses.ts'

export interface LicenseFilter {
  readonly jurisdictionId: readonly string[]
  readonly regime: string[]
  readonly status: string[]
  readonly entity: readonly string[]
  readonly endsBefore?: string | undefined
}

export function licensePage(tx: Tx, filter: LicenseFilter, page: PageAsked, cities: CityDays) {
  const { regime, status, entity, endsBefore, jurisdictionId } = filter
  const where = [
    regime.length > 0 ? inArray(licenses.regimeId, regime) : undefined,
    status.length > 0 ? inArray(licenses.status, status) : undefined,
    entity.length > 0
      ? sql`(doc -> 'entities' = '"any"' or doc -> 'entities' ?| ${sql.param(entity)}::text[])`
      : undefined,
    endsBefore === undefined ? undefined : sql`ends_on <= ${endsBefore}::date`,
    ownOnly(jurisdictionId),
  ]
  return ownedPage(tx, licenses, where, page, (row) => toLicense(row, cities))
}

export async function regimeOfLicense(tx: Tx, id: string): Promise<string | undefined> {
  const [row] = await tx.select({ regime: licenses.regimeId }).from(licenses).where(eq(licenses.id, id))
  return row?.regime
}

export interface LicenseWork extends Work {
  readonly owner: Owner
  readonly cities: CityDays
  readonly knowledge: Knowledge
  readonly noteChange: (change: OwnedChange) => Promise<Touched>
}

/** Throws `invalid-request`. */
export async function addLicense(work: LicenseWork, fields: Omit<License, 'id'>) {
  const { tx, owner, cities, knowledge, now } = work
  const license: License = { id: uuidv7(now.getTime()), ...fields }
  checkLicense(license, knowledge)
  await checkSuperseded(tx, license)
  await checkRoom(tx, licenses, owner, license)
  const row = await addRow(work, licenses, { id: license.id, ...columnsOf(license, cities.zoneOf(owner)) })
  await writeReminders(tx, owner, license, now)
  const warnings = await warningsOf(tx, owner, license, knowledge)
  const touched = await work.noteChange({
    kind: 'license',
    action: 'license.create',
    target: license.id,
    detail: { ...fields },
    subjects: [`regime:${license.regime}`],
  })
  return { ...toLicense(row, cities), warnings, touched }
}

/** Throws `not-found`, `precondition-failed`, `invalid-request`, `license-in-use`. */
export async function changeLicense(
  work: LicenseWork,
  id: string,
  changes: Changes<Omit<License, 'id'>>,
  ifMatch: string | undefined,
  subjects: readonly string[],
) {
  const { tx, owner, cities, knowledge } = work
  const current = await lockRow(work, licenses, id, { what: 'license', ifMatch })
  assertNotShipped(current)
  const before: License = licenseOf(current)
  const license: License = { ...before, ...changes }
  if (owner !== null) await assertLawStays(tx, id, changes)
  checkLicense(license, knowledge)
  await checkSuperseded(tx, license)
  await checkRoom(tx, licenses, owner, { id, models: changes.models })
  const row = await reviseRow(work, licenses, current, columnsOf(license, cities.zoneOf(owner)))
  await writeReminders(tx, owner, license, work.now)
  const warnings = await warningsOf(tx, owner, license, knowledge)
  const touched = await work.noteChange({
    kind: 'license',
    action: 'license.change',
    target: id,
    detail: beforeAndAfter(before, changes),
    subjects,
  })
  return { ...toLicense(row, cities), warnings, touched }
}

/** Throws `not-found`, `precondition-failed`, `license-in-use`. */
export async function removeLicense(
  work: LicenseWork,
  id: string,
  ifMatch: string | undefined,
  subjects: readonly string[],
): Promise<void> {
  const current = await lockRow(work, licenses, id, { what: 'license', ifMatch })
  assertNotShipped(current)
  const { doc } = current
  if (work.owner !== null) await assertUnused(work.tx, id)
  await work.tx.delete(licenses).where(oneRow(licenses, work, id))
  await work.noteChange({
    kind: 'license',
    action: 'license.delete',
    target: id,
    detail: { before: doc },
    subjects,
  })
}
