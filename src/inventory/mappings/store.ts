/** Saved mappings of a city: added, found by name, found for a file. */
import { and, asc, eq, sql } from 'drizzle-orm'
import type { Scope, Tx } from '../../db/database.ts'
import { importMappings } from '../../db/schema/index.ts'
import { changesOf } from '../../http/changes.ts'
import type { PageAsked } from '../../http/pages.ts'
import { DomainError } from '../../http/problems.ts'
import { ascending, inScope, tablePage } from '../../http/table-pages.ts'
import { COLUMN_FIELDS, foldHeader } from '../../intake/fields.ts'
import { loadJurisdiction } from '../../screening/context.ts'
import { note } from '../../tenancy/audit.ts'
import { addRow, lockRow, oneRow, reviseRow } from '../../tenancy/stored-rows.ts'
import type { Work } from '../../tenancy/work.ts'
import { customFieldsOf } from '../custom-fields/store.ts'
import { type MappingChange, type MappingWrite, toMapping } from './schemas.ts'

export type MappingRow = typeof importMappings.$inferSelect

const MOST_OF_A_CITY = 200

const ORDER = ascending(importMappings, 'jurisdictionId', 'id')

/** Of a feed also those that are for every one. */
export const mappingPage = (tx: Tx, scope: Scope, source: string | undefined, page: PageAsked) =>
  tablePage(
    tx,
    {
      table: importMappings,
      order: ORDER,
      where: [inScope(scope), source === undefined ? undefined : sql`(source is null or source = ${source})`],
      item: toMapping,
    },
    page,
  )

/** Throws `not-found` for the jurisdiction, `invalid-request` for fields that there are not, `mapping-name-taken`. */
export async function addMapping(work: Work, wish: MappingWrite): Promise<MappingRow> {
  const { tx, jurisdictionId } = work
  await loadJurisdiction(tx, jurisdictionId)
  const { name, source = null, mapping, values: words = null, dateOrder = null, headers = null } = wish
  await assertFields(work, mapping, words)
  if ((await tx.$count(importMappings, eq(importMappings.jurisdictionId, jurisdictionId))) >= MOST_OF_A_CITY)
    throw new DomainError(
      'invalid-request',
      `A city keeps at most ${MOST_OF_A_CITY} mappings; remove one first.`,
    )
  const row = await addRow(work, importMappings, { name, source, mapping, words, dateOrder, headers })
  await note(work, { action: 'import-mapping.create', target: row.id, detail: { name, source, mapping } })
  return row
}

/** Throws `not-found`, `precondition-failed`, `invalid-request`, `mapping-name-taken`. */
export async function changeMapping(
  work: Work,
  id: string,
  wish: MappingChange,
  ifMatch: string | undefined,
): Promise<MappingRow> {
  const row = await lockRow(work, importMappings, id, { what: 'saved mapping', ifMatch })
  const { values, ...others } = changesOf(wish)
  const change = { ...others, ...(values === undefined ? {} : { words: values }) }
  await assertFields(work, change.mapping ?? {}, change.words)
  const changed = await reviseRow(work, importMappings, row, change)
  await note(work, { action: 'import-mapping.change', target: id, detail: { name: changed.name, ...change } })
  return changed
}

/** Throws `not-found`. */
export async function removeMapping(work: Work, id: string, ifMatch: string | undefined): Promise<void> {
  const { name } = await lockRow(work, importMappings, id, { what: 'saved mapping', ifMatch })
  await work.tx.delete(importMappings).where(oneRow(importMappings, work, id))
  await note(work, { action: 'import-mapping.delete', target: id, detail: { name } })
}

async function assertFields(
  { tx, jurisdictionId }: Work,
  mapping: MappingWrite['mapping'],
  words: MappingWrite['values'],
): Promise<void> {
  const own = await customFieldsOf(tx, [jurisdictionId])
  const fields = new Set<string>([...COLUMN_FIELDS, ...own.map(({ name }) => `custom.${name}`)])
  const errors = [
    ...Object.keys(mapping).map((field) => ['/mapping', field] as const),
    ...Object.keys(words ?? {}).map((field) => ['/values', field] as const),
  ]
    .filter(([, field]) => !fields.has(field))
    .map(([part, field]) => ({
      pointer: `${part}/${field}`,
      code: 'unknown-field',
      message: 'is no field of devices',
    }))
  if (errors.length > 0)
    throw new DomainError('invalid-request', 'The mapping names fields that there are not.', { errors })
}

/** Those of a city, by name. */
async function mappingsOf(tx: Tx, jurisdictionId: string): Promise<MappingRow[]> {
  return tx
    .select()
    .from(importMappings)
    .where(eq(importMappings.jurisdictionId, jurisdictionId))
    .orderBy(asc(sql`lower(name)`))
}

/** Throws `invalid-request` with the names that there are. */
export async function mappingNamed(tx: Tx, jurisdictionId: string, name: string): Promise<MappingRow> {
  const [found] = await tx
    .select()
    .from(importMappings)
    .where(and(eq(importMappings.jurisdictionId, jurisdictionId), sql`lower(name) = lower(${name})`))
  if (found !== undefined) return found
  const names = (await mappingsOf(tx, jurisdictionId)).map((one) => JSON.stringify(one.name))
  const there = names.length === 0 ? 'the city has none' : `there are ${names.join(', ')}`
  throw new DomainError('invalid-request', 'There is no such saved mapping.', {
    errors: [
      {
        pointer: '?mapping',
        code: 'unknown',
        message: `is neither a JSON object nor the name of a saved mapping; ${there}`,
      },
    ],
  })
}

/** Those that suit a file with these headers: made for the same ones, or naming only columns that it has. */
export async function mappingsFor(
  tx: Tx,
  jurisdictionId: string,
  headers: readonly string[],
): Promise<MappingRow[]> {
  const all = await mappingsOf(tx, jurisdictionId)
  const there = new Set(headers.map(foldHeader))
  return all.filter((one) => fits(one, there))
}

function fits({ mapping, headers }: MappingRow, there: ReadonlySet<string>): boolean {
  if (headers !== null) {
    const wanted = new Set(headers.map(foldHeader))
    return wanted.size === there.size && [...wanted].every((header) => there.has(header))
  }
  const named = Object.values(mapping).filter((column) => typeof column === 'string')
  return named.length > 0 && named.every((column) => there.has(foldHeader(column)))
}
