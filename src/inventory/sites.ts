/** Places with devices; an install crew is sent to a site. */

import { and, eq, inArray, sql } from 'drizzle-orm'
import type { z } from 'zod'
import type { Scope, Tx } from '../db/database.ts'
import { devices, sites } from '../db/schema/index.ts'
import type { PageAsked } from '../http/pages.ts'
import { DomainError } from '../http/problems.ts'
import { toInstant } from '../http/schemas.ts'
import { ascending, inScope, tablePage } from '../http/table-pages.ts'
import { uuidv7 } from '../lib/ids.ts'
import { loadJurisdiction } from '../screening/context.ts'
import { note } from '../tenancy/audit.ts'
import { addRow, beforeAndAfter, lockRow, oneRow, reviseRow } from '../tenancy/stored-rows.ts'
import type { Work } from '../tenancy/work.ts'
import type { Site, SiteWrite } from './schemas.ts'

type SiteShape = z.infer<typeof Site>
type Row = typeof sites.$inferSelect
type SiteFields = Omit<z.infer<typeof SiteWrite>, 'jurisdictionId'>

export function toSite(row: Row): SiteShape {
  return { ...row, createdAt: toInstant(row.createdAt), updatedAt: toInstant(row.updatedAt) }
}

const ORDER = ascending(sites, 'jurisdictionId', 'id')

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

export const sitePage = (
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

/** Throws `not-found` for the jurisdiction, and `site-name-taken`. */
export async function addSite(work: Work, fields: SiteFields): Promise<SiteShape> {
  await loadJurisdiction(work.tx, work.jurisdictionId)
  const row = await addRow(work, sites, fields)
  await note(work, { action: 'site.create', target: row.id, detail: fields })
  return toSite(row)
}

/** Throws `not-found`, `precondition-failed`, `site-name-taken`. */
export async function changeSite(
  work: Work,
  id: string,
  changes: Partial<SiteFields>,
  ifMatch: string | undefined,
): Promise<SiteShape> {
  const current = await lockRow(work, sites, id, { what: 'site', ifMatch, strength: 'no key update' })
  const row = await reviseRow(work, sites, current, changes)
  await note(work, { action: 'site.change', target: id, detail: beforeAndAfter(current, changes) })
  return toSite(row)
}

/** Throws `not-found`, `precondition-failed`, and `site-in-use` while devices are placed at it. */
export async function removeSite(work: Work, id: string, ifMatch: string | undefined): Promise<void> {
  const { tx } = work
  const { name } = await lockRow(work, sites, id, { what: 'site', ifMatch })
  const placed = await tx.$count(
    devices,
    and(eq(devices.jurisdictionId, work.jurisdictionId), inArray(devices.siteId, [id])),
  )
  if (placed > 0) {
    throw new DomainError('site-in-use', `${placed} devices are placed at this site; move them first.`)
  }
  await tx.delete(sites).where(oneRow(sites, work, id))
  await note(work, { action: 'site.delete', target: id, detail: { name } })
}
