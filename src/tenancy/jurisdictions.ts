/** Cities, counties, school and transit districts: the tenants. The only list of them. */

import { eq, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../db/database.ts'
import { jurisdictions } from '../db/schema/index.ts'
import type { Changes } from '../http/changes.ts'
import { assertMatch } from '../http/etag.ts'
import type { PageAsked, SortKey } from '../http/pages.ts'
import { notFound } from '../http/problems.ts'
import { Country, Currency, Instant, pageOf, State, someText, toInstant } from '../http/schemas.ts'
import { ascending, tablePage } from '../http/table-pages.ts'
import { isTimezone } from '../lib/calendar.ts'
import { uuidv7 } from '../lib/ids.ts'
import { JURISDICTION_KINDS } from '../lib/jurisdiction-kinds.ts'
import { note } from './audit.ts'
import { beforeAndAfter } from './stored-rows.ts'
import type { Work } from './work.ts'

const Timezone = z
  .string()
  .refine(isTimezone, 'must be a name of the IANA time zone database such as America/Chicago')
  .meta({ examples: ['America/Chicago'] })

const fields = {
  name: someText(200),
  state: State.nullable().meta({ description: 'USPS code' }),
  country: Country,
  kind: z.enum(JURISDICTION_KINDS),
  federalContractor: z
    .boolean()
    .nullable()
    .meta({ description: 'holds a contract under the FAR; null is unknown, which is treated as yes' }),
  sellsToFederal: z
    .boolean()
    .nullable()
    .meta({ description: 'sells equipment or services to a federal buyer; null is unknown' }),
  defenseContract: z.boolean().nullable().meta({
    description: 'one of its federal contracts or sales is with the Department of Defense; null is unknown',
  }),
  receivesFccSupport: z.boolean().nullable().meta({
    description:
      'any equipment is paid from support that the FCC administers, such as E-Rate; null is unknown',
  }),
  sharesBulkData: z.boolean().nullable().meta({
    description:
      'makers or their services can see footage, faces, plates or positions in bulk (28 CFR part 202); null is unknown',
  }),
  fiscalYearStartMonth: z.int().min(1).max(12),
  timezone: Timezone,
  currency: Currency,
  population: z.int().min(0).max(2_000_000_000).nullable(),
}

export const JurisdictionWrite = z
  .strictObject({
    name: fields.name,
    state: fields.state.default(null),
    country: fields.country.default('US'),
    kind: fields.kind.default('city'),
    federalContractor: fields.federalContractor.default(null),
    sellsToFederal: fields.sellsToFederal.default(null),
    defenseContract: fields.defenseContract.default(null),
    receivesFccSupport: fields.receivesFccSupport.default(null),
    sharesBulkData: fields.sharesBulkData.default(null),
    fiscalYearStartMonth: fields.fiscalYearStartMonth.default(7),
    timezone: fields.timezone.default('UTC'),
    currency: fields.currency.default('USD'),
    population: fields.population.default(null),
  })
  .meta({ id: 'NewJurisdiction' })
export type JurisdictionWrite = z.infer<typeof JurisdictionWrite>

export const JurisdictionChange = z.strictObject(fields).partial().meta({ id: 'JurisdictionChange' })

export const Jurisdiction = z
  .object({ id: z.string(), ...fields, version: z.int(), createdAt: Instant, updatedAt: Instant })
  .meta({ id: 'Jurisdiction' })
export type Jurisdiction = z.infer<typeof Jurisdiction>

export const JurisdictionPage = pageOf('JurisdictionPage', Jurisdiction)

type Row = typeof jurisdictions.$inferSelect

export function toJurisdiction(row: Row): Jurisdiction {
  return {
    ...row,
    kind: row.kind as Jurisdiction['kind'],
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
  }
}

/** What rules may read of a jurisdiction, as a client says it, every one of them optional; a city in the United States unless said. */
export const StatedJurisdiction = z.strictObject({
  country: fields.country.default('US'),
  state: fields.state.default(null),
  kind: z.string().max(40).nullable().default('city'),
  federalContractor: fields.federalContractor.default(null),
  sellsToFederal: fields.sellsToFederal.default(null),
  defenseContract: fields.defenseContract.default(null),
  receivesFccSupport: fields.receivesFccSupport.default(null),
  sharesBulkData: fields.sharesBulkData.default(null),
})

/** Add a jurisdiction. Throws `jurisdiction-name-taken`. */
export async function addJurisdiction(tx: Tx, values: JurisdictionWrite, now: Date): Promise<Jurisdiction> {
  const [row] = await tx
    .insert(jurisdictions)
    .values({
      id: uuidv7(now.getTime()),
      ...values,
      createdAt: now.toISOString(),
      updatedAt: now.toISOString(),
    })
    .returning()
  return toJurisdiction(row!)
}

const ORDER: readonly SortKey[] = [
  { field: 'name', column: sql`name collate "C"`, descending: false, type: 'text', nullable: false },
  ...ascending(jurisdictions, 'id'),
]

interface JurisdictionFilter {
  readonly state: readonly string[]
  readonly name?: string | undefined
}

export function jurisdictionPage(
  tx: Tx,
  { question: { state, name } }: { readonly question: JurisdictionFilter },
  page: PageAsked,
) {
  return tablePage(
    tx,
    {
      table: jurisdictions,
      order: ORDER,
      where: [
        state.length > 0 ? inArray(jurisdictions.state, state) : undefined,
        name === undefined ? undefined : sql`lower(${jurisdictions.name}) = lower(${name})`,
      ],
      item: toJurisdiction,
    },
    page,
  )
}

/** Throws `not-found`. */
export async function findJurisdiction(tx: Tx, id: string): Promise<Row> {
  const [row] = await tx.select().from(jurisdictions).where(eq(jurisdictions.id, id))
  if (!row) throw notFound('jurisdiction')
  return row
}

/** The same as `addJurisdiction`, on record. */
export async function createJurisdiction(work: Work, values: JurisdictionWrite): Promise<Jurisdiction> {
  const created = await addJurisdiction(work.tx, values, work.now)
  await note(work, { action: 'jurisdiction.create', target: created.id, detail: { ...values } })
  return created
}

/** Throws `not-found`, `precondition-failed`, `jurisdiction-name-taken`. */
export async function changeJurisdiction(
  work: Work,
  id: string,
  changes: Changes<JurisdictionWrite>,
  ifMatch: string | undefined,
): Promise<Jurisdiction> {
  const { tx, now } = work
  const mine = eq(jurisdictions.id, id)
  const [current] = await tx.select().from(jurisdictions).where(mine).for('no key update')
  if (!current) throw notFound('jurisdiction')
  assertMatch(ifMatch, current.version)
  const [row] = await tx
    .update(jurisdictions)
    .set({ ...changes, version: current.version + 1, updatedAt: now.toISOString() })
    .where(mine)
    .returning()
  await note(work, { action: 'jurisdiction.change', target: id, detail: beforeAndAfter(current, changes) })
  return toJurisdiction(row!)
}
