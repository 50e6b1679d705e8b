/** Places with devices; an install crew is sent to a site. */
import { and, eq, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Scope, Tx } from '../db/database.ts'
import { devices, sites } from '../db/schema/index.ts'
import { changesOf } from '../http/changes.ts'
import { assertMatch, etagOf } from '../http/etag.ts'
import type { Column } from '../http/exports.ts'
import { type Answer, once, send } from '../http/idempotency.ts'
import type { PageAsked } from '../http/pages.ts'
import { DomainError, notFound, problems } from '../http/problems.ts'
import { Id, repeatable, someText, toInstant } from '../http/schemas.ts'
import type { App } from '../http/services.ts'
import { ascending, inScope, tablePage } from '../http/table-pages.ts'
import { uuidv7 } from '../lib/ids.ts'
import { loadJurisdiction } from '../screening/context.ts'
import type { Services } from '../screening/services.ts'
import { actorOf, record } from '../tenancy/audit.ts'
import { EDITORS, READERS, readScope, writeJurisdiction } from '../tenancy/auth.ts'
import { listInScope } from '../tenancy/list-in-scope.ts'
import { Site, SiteChange, SitePage, SiteWrite } from './schemas.ts'

type SiteShape = z.infer<typeof Site>
type Row = typeof sites.$inferSelect

function toSite(row: Row): SiteShape {
  return { ...row, createdAt: toInstant(row.createdAt), updatedAt: toInstant(row.updatedAt) }
}

const ORDER = ascending(sites, 'jurisdictionId', 'id')

const COLUMNS: readonly Column<SiteShape>[] = (
  [
    'id',
    'jurisdictionId',
    'name',
    'address',
    'department',
    'latitude',
    'longitude',
    'notes',
    'createdAt',
    'updatedAt',
  ] as const
).map((field) => ({ header: field, value: (site: SiteShape) => site[field] }))

/**
 * The ids of sites by name (letter case ignored), made where they do not exist. `latitude` and `longitude`
 * are given to new sites only.
 */
export async function findOrMakeSites(
  tx: Tx,
  jurisdictionId: string,
  names: ReadonlyMap<string, { readonly latitude: number | null; readonly longitude: number | null }>,
  now: Date,
): Promise<{ ids: Map<string, string>; made: number }> {
  const ids = new Map<string, string>()
  const wanted = new Map([...names].map(([name, place]) => [name.toLowerCase(), { name, ...place }]))
  if (wanted.size === 0) return { ids, made: 0 }
  const at = now.toISOString()
  const rows = [...wanted.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((site) => ({ id: uuidv7(now.getTime()), ...site }))
  const made = await tx.execute(sql`
    insert into sites (jurisdiction_id, id, name, latitude, longitude, created_at, updated_at)
    select ${jurisdictionId}::uuid, r.id, r.name, r.latitude, r.longitude, ${at}::timestamptz, ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as r(id uuid, name text, latitude double precision, longitude double precision)
    on conflict (jurisdiction_id, lower(name)) do nothing`)
  const found = await tx
    .select({ id: sites.id, name: sites.name })
    .from(sites)
    .where(
      and(
        eq(sites.jurisdictionId, jurisdictionId),
        sql`lower(${sites.name}) = any (${sql.param([...wanted.keys()])}::text[])`,
      ),
    )
  for (const { id, name } of found) ids.set(name.toLowerCase(), id)
  return { ids, made: made.rowCount ?? 0 }
}

async function jurisdictionOfSite(tx: Tx, id: string): Promise<string> {
  const [row] = await tx.select({ jurisdictionId: sites.jurisdictionId }).from(sites).where(eq(sites.id, id))
  if (!row) throw notFound('site')
  return row.jurisdictionId
}

const sitePage = (
  tx: Tx,
  {
    scope,
    question: { name },
  }: { readonly scope: Scope; readonly question: { readonly name: readonly string[] } },
  page: PageAsked,
) => {
  const names = name.map((one) => one.toLowerCase())
  return tablePage(
    tx,
    {
      table: sites,
      order: ORDER,
      where: [
        inScope(scope),
        names.length === 0 ? undefined : sql`lower(name) = any (${sql.param(names)}::text[])`,
      ],
      item: toSite,
    },
    page,
  )
}

export function siteRoutes(app: App, services: Services): void {
  const { database, now } = services

  listInScope(app, services, {
    url: '/v1/sites',
    operationId: 'listSites',
    tag: 'register',
    summary: 'Sites, as JSON pages, or all of them as CSV or NDJSON by `Accept`',
    config: { roles: READERS, reads: 'sites.read' },
    query: {
      jurisdictionId: repeatable(Id),
      name: repeatable(someText(200)).meta({ description: 'exact, letter case ignored' }),
    },
    response: SitePage,
    rows: { file: 'sites', columns: COLUMNS },
    page: sitePage,
  })

  app.post(
    '/v1/sites',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createSite',
        tags: ['register'],
        summary: 'Add a site',
        security: [{ apiKey: [] }],
        body: SiteWrite,
        response: {
          201: Site,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'site-name-taken',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const instant = now()
      const { jurisdictionId: asked, ...fields } = request.body
      const jurisdictionId = writeJurisdiction(request.principal, asked)
      const answer = await database.inJurisdiction(jurisdictionId, (tx) =>
        once(tx, request, jurisdictionId, instant, async (): Promise<Answer> => {
          await loadJurisdiction(tx, jurisdictionId)
          const at = instant.toISOString()
          const [row] = await tx
            .insert(sites)
            .values({
              jurisdictionId,
              id: uuidv7(instant.getTime()),
              ...fields,
              createdAt: at,
              updatedAt: at,
            })
            .returning()
          await record(tx, jurisdictionId, actorOf(request), instant, {
            action: 'site.create',
            target: row!.id,
            detail: fields,
          })
          return {
            status: 201,
            location: `/v1/sites/${row!.id}`,
            etag: etagOf(row!.version),
            body: toSite(row!),
          }
        }),
      )
      return send(reply, answer)
    },
  )

  app.get(
    '/v1/sites/:id',
    {
      config: { roles: READERS, reads: 'site.read', readsOf: 'sites' },
      schema: {
        operationId: 'getSite',
        tags: ['register'],
        summary: 'One site',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: Site, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const [row] = await database.acrossJurisdictions(readScope(request.principal), (tx) =>
        tx.select().from(sites).where(eq(sites.id, request.params.id)),
      )
      if (!row) throw notFound('site')
      reply.header('etag', etagOf(row.version))
      return toSite(row)
    },
  )

  app.patch(
    '/v1/sites/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'changeSite',
        tags: ['register'],
        summary: 'Change a site',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: SiteChange,
        response: {
          200: Site,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'precondition-failed',
            'site-name-taken',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const instant = now()
      const { id } = request.params
      const changes = changesOf(request.body)
      const jurisdictionId =
        request.principal.jurisdictionId ??
        (await database.acrossJurisdictions(readScope(request.principal), (tx) => jurisdictionOfSite(tx, id)))
      const row = await database.inJurisdiction(jurisdictionId, async (tx) => {
        const mine = and(eq(sites.jurisdictionId, jurisdictionId), eq(sites.id, id))
        const [current] = await tx.select().from(sites).where(mine).for('no key update')
        if (!current) throw notFound('site')
        assertMatch(request.headers['if-match'], current.version)
        const [changed] = await tx
          .update(sites)
          .set({ ...changes, version: current.version + 1, updatedAt: instant.toISOString() })
          .where(mine)
          .returning()
        await record(tx, jurisdictionId, actorOf(request), instant, {
          action: 'site.change',
          target: id,
          detail: {
            before: Object.fromEntries(
              Object.keys(changes).map((name) => [name, current[name as keyof Row]]),
            ),
            after: changes,
          },
        })
        return changed!
      })
      reply.header('etag', etagOf(row.version))
      return toSite(row)
    },
  )

  app.delete(
    '/v1/sites/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'removeSite',
        tags: ['register'],
        summary: 'Remove a site that has no devices',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems('unauthenticated', 'forbidden', 'not-found', 'precondition-failed', 'site-in-use'),
        },
      },
    },
    async (request, reply) => {
      const instant = now()
      const { id } = request.params
      const jurisdictionId =
        request.principal.jurisdictionId ??
        (await database.acrossJurisdictions(readScope(request.principal), (tx) => jurisdictionOfSite(tx, id)))
      await database.inJurisdiction(jurisdictionId, async (tx) => {
        const mine = and(eq(sites.jurisdictionId, jurisdictionId), eq(sites.id, id))
        const [current] = await tx.select().from(sites).where(mine).for('update')
        if (!current) throw notFound('site')
        assertMatch(request.headers['if-match'], current.version)
        const placed = await tx.$count(
          devices,
          and(eq(devices.jurisdictionId, jurisdictionId), inArray(devices.siteId, [id])),
        )
        if (placed > 0) {
          throw new DomainError('site-in-use', `${placed} devices are placed at this site; move them first.`)
        }
        await tx.delete(sites).where(mine)
        await record(tx, jurisdictionId, actorOf(request), instant, {
          action: 'site.delete',
          target: id,
          detail: { name: current.name },
        })
      })
      return reply.code(204).send(null)
    },
  )
}
