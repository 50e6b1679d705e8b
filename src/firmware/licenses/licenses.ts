/** Licenses and waivers on record: listed, added, changed, removed. */
import { eq, inArray, sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { licences } from '../../db/schema/index.ts'
import type { Licence } from '../../firmware-risk/licenses/license.ts'
import type { Changes } from '../../http/changes.ts'
import type { PageAsked } from '../../http/pages.ts'
import { uuidv7 } from '../../lib/ids.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import type { CityDays } from '../../tenancy/city-days.ts'
import { addRow, beforeAndAfter, lockRow, oneRow, reviseRow } from '../../tenancy/stored-rows.ts'
import type { Work } from '../../tenancy/work.ts'
import { checkRoom, type Keeper, type KeptChange, keptPage, ownOnly, type Touched } from '../owned-records.ts'
import { checkLicence, checkSuperseded, columnsOf, licenceOf, toLicence, warningsOf } from './records.ts'
import { writeReminders } from './reminders.ts'
import { assertUnused } from './uses.ts'

export interface LicenceFilter {
  readonly jurisdictionId: readonly string[]
  readonly regime: string[]
  readonly status: string[]
  readonly entity: readonly string[]
  readonly endsBefore?: string | undefined
}

export function licencePage(tx: Tx, filter: LicenceFilter, page: PageAsked, cities: CityDays) {
  const { regime, status, entity, endsBefore, jurisdictionId } = filter
  const where = [
    regime.length > 0 ? inArray(licences.regimeId, regime) : undefined,
    status.length > 0 ? inArray(licences.status, status) : undefined,
    entity.length > 0
      ? sql`(doc -> 'entities' = '"any"' or doc -> 'entities' ?| ${sql.param(entity)}::text[])`
      : undefined,
    endsBefore === undefined ? undefined : sql`ends_on <= ${endsBefore}::date`,
    ownOnly(jurisdictionId),
  ]
  return keptPage(tx, licences, where, page, (row) => toLicence(row, cities))
}

export async function regimeOfLicence(tx: Tx, id: string): Promise<string | undefined> {
  const [row] = await tx.select({ regime: licences.regimeId }).from(licences).where(eq(licences.id, id))
  return row?.regime
}

export interface LicenceWork extends Work {
  readonly keeper: Keeper
  readonly cities: CityDays
  readonly knowledge: Knowledge
  readonly noteChange: (change: KeptChange) => Promise<Touched>
}

/** Throws `invalid-request`. */
export async function addLicence(work: LicenceWork, fields: Omit<Licence, 'id'>) {
  const { tx, keeper, cities, knowledge, now } = work
  const licence: Licence = { id: uuidv7(now.getTime()), ...fields }
  checkLicence(licence, knowledge)
  await checkSuperseded(tx, licence)
  await checkRoom(tx, licences, keeper, licence)
  const row = await addRow(work, licences, { id: licence.id, ...columnsOf(licence, cities.zoneOf(keeper)) })
  await writeReminders(tx, keeper, licence, now)
  const warnings = await warningsOf(tx, keeper, licence, knowledge)
  const touched = await work.noteChange({
    kind: 'licence',
    action: 'licence.create',
    target: licence.id,
    detail: { ...fields },
    subjects: [`regime:${licence.regime}`],
  })
  return { ...toLicence(row, cities), warnings, touched }
}

/** Throws `not-found`, `precondition-failed`, `invalid-request`. */
export async function changeLicence(
  work: LicenceWork,
  id: string,
  changes: Changes<Omit<Licence, 'id'>>,
  ifMatch: string | undefined,
  subjects: readonly string[],
) {
  const { tx, keeper, cities, knowledge } = work
  const current = await lockRow(work, licences, id, { what: 'licence', ifMatch })
  const before = licenceOf(current)
  const licence: Licence = { ...before, ...changes }
  checkLicence(licence, knowledge)
  await checkSuperseded(tx, licence)
  await checkRoom(tx, licences, keeper, { id, models: changes.models })
  const row = await reviseRow(work, licences, current, columnsOf(licence, cities.zoneOf(keeper)))
  await writeReminders(tx, keeper, licence, work.now)
  const warnings = await warningsOf(tx, keeper, licence, knowledge)
  const touched = await work.noteChange({
    kind: 'licence',
    action: 'licence.change',
    target: id,
    detail: beforeAndAfter(before, changes),
    subjects,
  })
  return { ...toLicence(row, cities), warnings, touched }
}

/** Throws `not-found`, `precondition-failed`, `license-in-use`. */
export async function removeLicence(
  work: LicenceWork,
  id: string,
  ifMatch: string | undefined,
  subjects: readonly string[],
): Promise<void> {
  const { doc } = await lockRow(work, licences, id, { what: 'licence', ifMatch })
  if (work.keeper !== null) await assertUnused(work.tx, id)
  await work.tx.delete(licences).where(oneRow(licences, work, id))
  await work.noteChange({
    kind: 'licence',
    action: 'licence.delete',
    target: id,
    detail: { before: doc },
    subjects,
  })
}
