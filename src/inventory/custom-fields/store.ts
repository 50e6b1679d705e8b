/** Fields that a city adds to its devices: added, changed, removed. Values stay with the devices. */
import { and, asc, eq, isNull, lte, sql } from 'drizzle-orm'
import type { Scope, Tx } from '../../db/database.ts'
import { customFields, jurisdictions } from '../../db/schema/index.ts'
import type { CustomField, CustomType } from '../../device/custom.ts'
import { changesOf } from '../../http/changes.ts'
import { DomainError, notFound } from '../../http/problems.ts'
import { inScope } from '../../http/table-pages.ts'
import type { Mentions } from '../../identification/mentions.ts'
import { counted } from '../../lib/counted.ts'
import { loadJurisdiction } from '../../screening/context.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import { underLocalLaw } from '../../screening/local-law.ts'
import { note } from '../../tenancy/audit.ts'
import { addRow, beforeAndAfter, lockRow, oneRow, reviseRow } from '../../tenancy/stored-rows.ts'
import type { Work } from '../../tenancy/work.ts'
import type { CustomFieldChange, CustomFieldWrite } from './schemas.ts'
import { assertFreeWords, assertNamesAlike } from './words.ts'

type Row = typeof customFields.$inferSelect

/** A spreadsheet has a column for each. */
const MOST_OF_A_CITY = 100

export const ASKED_OF_LIVE = isNull(customFields.removedAt)

const toField = ({ name, label, type, choices }: Row): CustomField => ({
  name,
  label,
  type: type as CustomType,
  choices,
})

/** Those of the cities in scope, by name; also those that were removed, for past days, and none that came later. */
export async function customFieldsOf(
  tx: Tx,
  scope: Scope,
  { alsoRemoved = false, knownAt }: { readonly alsoRemoved?: boolean; readonly knownAt?: string } = {},
): Promise<CustomField[]> {
  const rows = await tx
    .select()
    .from(customFields)
    .where(
      and(
        inScope(scope),
        alsoRemoved ? undefined : ASKED_OF_LIVE,
        knownAt === undefined ? undefined : lte(customFields.createdAt, knownAt),
      ),
    )
    .orderBy(asc(customFields.name), asc(customFields.jurisdictionId), asc(customFields.id))
  return rows.map(toField)
}

/** Those of a city, which nobody removes or narrows until the transaction ends. */
export async function heldCustomFields(tx: Tx, jurisdictionId: string): Promise<CustomField[]> {
  const rows = await tx
    .select()
    .from(customFields)
    .where(and(eq(customFields.jurisdictionId, jurisdictionId), ASKED_OF_LIVE))
    .orderBy(asc(customFields.id))
    .for('share')
  return rows.map(toField)
}

/** Throws `not-found` for the jurisdiction, `invalid-request`, `custom-field-taken`. */
export async function addCustomField(
  work: Work,
  { jurisdictionId: _, ...fields }: CustomFieldWrite,
  knowledge: Knowledge,
): Promise<Row> {
  const { tx, jurisdictionId } = work
  const mentions = await mentionsIn(work, knowledge)
  const others = await heldCustomFields(tx, jurisdictionId)
  if (others.length >= MOST_OF_A_CITY) {
    throw new DomainError('invalid-request', `A city has at most ${MOST_OF_A_CITY} custom fields.`)
  }
  assertFreeWords(fields, others)
  assertNamesAlike(fields, mentions)
  const { choices = [], description = null, ...rest } = fields
  const row = await addRow(work, customFields, { ...rest, choices, description })
  await note(work, { action: 'custom-field.create', target: row.id, detail: fields })
  return row
}

/** Throws `not-found`, `precondition-failed`, `invalid-request`, `custom-field-taken`, `custom-field-in-use`. */
export async function changeCustomField(
  work: Work,
  id: string,
  changes: CustomFieldChange,
  ifMatch: string | undefined,
  knowledge: Knowledge,
): Promise<Row> {
  const { tx, jurisdictionId } = work
  const current = await lockLive(work, id, ifMatch)
  const { label, choices } = changes
  if (choices !== undefined && current.type !== 'choice') {
    throw new DomainError('invalid-request', 'Only a choice has choices.', {
      errors: [{ pointer: '/choices', code: 'not-allowed', message: `is nothing of a ${current.type}` }],
    })
  }
  if (label !== undefined) {
    const others = (await heldCustomFields(tx, jurisdictionId)).filter(({ name }) => name !== current.name)
    assertFreeWords({ name: current.name, label }, others)
    const mentions = await mentionsIn(work, knowledge)
    assertNamesAlike({ name: current.name, label }, mentions)
    await judgeAgain(work, [current.label, label], mentions)
  }
  const gone = choices === undefined ? [] : current.choices.filter((choice) => !choices.includes(choice))
  if (gone.length > 0) await assertUnused(work, current.name, gone)
  const row = await reviseRow(work, customFields, current, changesOf(changes))
  await note(work, { action: 'custom-field.change', target: id, detail: beforeAndAfter(current, changes) })
  return row
}

/** How texts are read in the city. Throws `not-found`. */
async function mentionsIn({ tx, jurisdictionId }: Work, knowledge: Knowledge): Promise<Mentions> {
  return underLocalLaw(knowledge, await loadJurisdiction(tx, jurisdictionId)).identifyLocally.mentions
}

/** A label may have come to name somebody since: without him devices that have the field are read again. */
async function judgeAgain(
  { tx, jurisdictionId, now }: Work,
  [before, after]: readonly [string, string],
  mentions: Mentions,
): Promise<void> {
  if (mentions.in(before).join() === mentions.in(after).join()) return
  await tx
    .update(jurisdictions)
    .set({ version: sql`${jurisdictions.version} + 1`, updatedAt: now.toISOString() })
    .where(eq(jurisdictions.id, jurisdictionId))
}

/** Throws `not-found`, `precondition-failed`, and `custom-field-in-use` while devices have a value of it. */
export async function removeCustomField(work: Work, id: string, ifMatch: string | undefined): Promise<void> {
  const current = await lockLive(work, id, ifMatch)
  await assertUnused(work, current.name, null)
  await work.tx
    .update(customFields)
    .set({ removedAt: work.now.toISOString() })
    .where(oneRow(customFields, work, id))
  const { name, label, type } = current
  await note(work, { action: 'custom-field.delete', target: id, detail: { name, label, type } })
}

async function lockLive(work: Work, id: string, ifMatch: string | undefined) {
  const row = await lockRow(work, customFields, id, { what: 'custom field', ifMatch })
  if (row.removedAt !== null) throw notFound('custom field')
  return row
}

/** What devices say is not dropped: a person clears or changes it first, which the history of each keeps. */
async function assertUnused(
  { tx, jurisdictionId }: Work,
  name: string,
  choices: readonly string[] | null,
): Promise<void> {
  const held =
    choices === null
      ? sql`jsonb_exists(custom, ${name})`
      : sql`custom ->> ${name} = any (${sql.param([...choices])}::text[])`
  const { rows } = await tx.execute<{ devices: number }>(sql`
    select count(*)::int as devices from devices where jurisdiction_id = ${jurisdictionId}::uuid and ${held}`)
  const { devices } = rows[0]!
  if (devices === 0) return
  const what = choices === null ? 'a value of this field' : `one of ${choices.join(', ')}`
  throw new DomainError(
    'custom-field-in-use',
    `${counted(devices, 'device')} ${devices === 1 ? 'has' : 'have'} ${what}; change them first, such as by POST /v1/devices/changes with {"filter": {"custom": {"${name}__empty": false}}, "change": {"custom": {"${name}": null}}}.`,
  )
}
