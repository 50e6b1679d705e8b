/** Cities, counties, school and transit districts: the tenants. The only list of them. */

import { eq, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../db/database.ts'
import { jurisdictions } from '../db/schema/index.ts'
import { changesOf } from '../http/changes.ts'
import { assertMatch, etagOf } from '../http/etag.ts'
import { type Answer, once, send } from '../http/idempotency.ts'
import type { PageAsked, SortKey } from '../http/pages.ts'
import { notFound, problems } from '../http/problems.ts'
import { Country, Currency, Id, Instant, pageOf, repeatable, someText, toInstant } from '../http/schemas.ts'
import type { App } from '../http/services.ts'
import { ascending, tablePage } from '../http/table-pages.ts'
import { isTimezone } from '../lib/calendar.ts'
import { uuidv7 } from '../lib/ids.ts'
import { State } from '../lib/states.ts'
import { actorOf, record } from './audit.ts'
import { ADMINS, READERS, readScope } from './auth.ts'
import { listInScope } from './list-in-scope.ts'
import type { TenancyServices } from './services.ts'

const KINDS = ['city', 'county', 'school', 'transit', 'special-district', 'state', 'other'] as const

const Timezone = z
  .string()
  .refine(isTimezone, 'must be a name of the IANA time zone database such as America/Chicago')
  .meta({ examples: ['America/Chicago'] })

const fields = {
  name: someText(200),
  state: State.nullable().meta({ description: 'USPS code' }),
  country: Country,
  kind: z.enum(KINDS),
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

const JurisdictionChange = z.strictObject(fields).partial().meta({ id: 'JurisdictionChange' })

export const Jurisdiction = z
  .object({ id: z.string(), ...fields, version: z.int(), createdAt: Instant, updatedAt: Instant })
  .meta({ id: 'Jurisdiction' })
export type Jurisdiction = z.infer<typeof Jurisdiction>

const JurisdictionPage = pageOf('JurisdictionPage', Jurisdiction)

type Row = typeof jurisdictions.$inferSelect

function toJurisdiction(row: Row): Jurisdiction {
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

function jurisdictionPage(
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

export function jurisdictionRoutes(app: App, services: TenancyServices): void {
  const { database, now, poke } = services
  listInScope(app, services, {
    url: '/v1/jurisdictions',
    operationId: 'listJurisdictions',
    tag: 'administration',
    summary: 'Jurisdictions this key may see',
    config: { roles: READERS, reads: 'jurisdictions.read' },
    query: {
      state: repeatable(State),
      name: someText(200).optional().meta({ description: 'exact, letter case ignored' }),
    },
    response: JurisdictionPage,
    page: jurisdictionPage,
  })

  app.post(
    '/v1/jurisdictions',
    {
      config: { roles: ADMINS },
      schema: {
        operationId: 'createJurisdiction',
        tags: ['administration'],
        summary: 'Add a jurisdiction',
        security: [{ apiKey: [] }],
        body: JurisdictionWrite,
        response: {
          201: Jurisdiction,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'jurisdiction-name-taken',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const instant = now()
      const answer = await database.asOperator((tx) =>
        once(tx, request, null, instant, async (): Promise<Answer> => {
          const created = await addJurisdiction(tx, request.body, instant)
          await record(tx, null, actorOf(request), instant, {
            action: 'jurisdiction.create',
            target: created.id,
            detail: { ...request.body },
          })
          return {
            status: 201,
            location: `/v1/jurisdictions/${created.id}`,
            etag: etagOf(created.version),
            body: created,
          }
        }),
      )
      return send(reply, answer)
    },
  )

  app.get(
    '/v1/jurisdictions/:id',
    {
      config: { roles: READERS, reads: 'jurisdiction.read', readsOf: 'jurisdictions' },
      schema: {
        operationId: 'getJurisdiction',
        tags: ['administration'],
        summary: 'One jurisdiction',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: Jurisdiction, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const row = await database.acrossJurisdictions(readScope(request.principal), async (tx) => {
        const [found] = await tx.select().from(jurisdictions).where(eq(jurisdictions.id, request.params.id))
        return found
      })
      if (!row) throw notFound('jurisdiction')
      reply.header('etag', etagOf(row.version))
      return toJurisdiction(row)
    },
  )

  app.patch(
    '/v1/jurisdictions/:id',
    {
      config: { roles: ADMINS },
      schema: {
        operationId: 'changeJurisdiction',
        tags: ['administration'],
        summary:
          'Change a jurisdiction; its devices are determined again when a fact that rules read changes',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: JurisdictionChange,
        response: {
          200: Jurisdiction,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'precondition-failed',
            'jurisdiction-name-taken',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const instant = now()
      const changes = changesOf(request.body)
      const row = await database.asOperator(async (tx) => {
        const [current] = await tx
          .select()
          .from(jurisdictions)
          .where(eq(jurisdictions.id, request.params.id))
          .for('no key update')
        if (!current) throw notFound('jurisdiction')
        assertMatch(request.headers['if-match'], current.version)
        const [changed] = await tx
          .update(jurisdictions)
          .set({ ...changes, version: current.version + 1, updatedAt: instant.toISOString() })
          .where(eq(jurisdictions.id, current.id))
          .returning()
        await record(tx, null, actorOf(request), instant, {
          action: 'jurisdiction.change',
          target: current.id,
          detail: {
            before: Object.fromEntries(
              Object.keys(changes).map((name) => [name, current[name as keyof Row]]),
            ),
            after: changes,
          },
        })
        return changed!
      })
      poke('rescreen')
      reply.header('etag', etagOf(row.version))
      return toJurisdiction(row)
    },
  )
}
