/** Many devices of a city changed by one request, or tried. Load, decide, save. */
import { createHash } from 'node:crypto'
import { and, eq, inArray, sql } from 'drizzle-orm'
import { lockImports, lockStatements } from '../../db/locks.ts'
import { devices, sites } from '../../db/schema/index.ts'
import { merge } from '../../device/blank.ts'
import { checkDevice } from '../../device/device.ts'
import { DomainError } from '../../http/problems.ts'
import { loadJurisdiction } from '../../screening/context.ts'
import { type Revised, reviseDevices } from '../../screening/device-bulk.ts'
import { assertKnownIn } from '../../screening/known-ids.ts'
import { allStanding } from '../../screening/standing-statements.ts'
import type { Work } from '../../screening/work.ts'
import { note } from '../../tenancy/audit.ts'
import { checkedCustom } from '../custom-fields/check.ts'
import { assertCustomFilter } from '../queries/custom-filter.ts'
import { conditionsOf } from '../queries/filter.ts'
import { effectsOf } from './effects.ts'
import { type ChangedMany, type ChangeManyWrite, MOST_DEVICES } from './schemas.ts'

interface Named {
  readonly id: string
  readonly version: number
  readonly assetTag: string | null
}

/** Throws `invalid-request`, `selection-changed`. */
export async function changeMany(work: Work, wish: ChangeManyWrite): Promise<ChangedMany> {
  const { tx, jurisdictionId, knowledge, now } = work
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  await lockImports(tx, jurisdictionId)
  await lockStatements(tx, jurisdictionId)
  await assertSite(work, wish.change.siteId)
  const change = await checkedCustom(work, wish.change, '/change/custom')
  const named = await namedBy(work, wish)
  const unknown = (wish.ids ?? []).filter((id) => !named.some((device) => device.id === id))
  const digest = digestOf(named, wish.change)
  if (!wish.dryRun) assertExpected(wish, named.length, digest)
  const standing = await allStanding(tx, jurisdictionId)
  const revised = await reviseDevices(
    work,
    jurisdiction,
    named.map(({ id }) => id),
    ({ id, fields }) => standing.on(id, checkDevice(merge(fields, change))),
    { isTried: wish.dryRun },
  )
  if (!wish.dryRun) {
    const { change, filter = null } = wish
    await note(work, {
      action: 'devices.change',
      target: null,
      detail: { change, filter, count: named.length, changed: revised.length, digest },
    })
  }
  return {
    dryRun: wish.dryRun,
    count: named.length,
    digest,
    changed: revised.length,
    unchanged: named.length - revised.length,
    unknown: unknown.length,
    ...(await effectsOf(revised, jurisdiction, knowledge, now)),
    items: resultsOf(named, revised, unknown),
  }
}

async function assertSite({ tx, jurisdictionId }: Work, siteId: string | null | undefined): Promise<void> {
  if (siteId == null) return
  const where = and(eq(sites.jurisdictionId, jurisdictionId), eq(sites.id, siteId))
  const found = await tx.select({ id: sites.id }).from(sites).where(where)
  if (found.length > 0) return
  throw new DomainError('invalid-request', 'The site does not exist.', {
    errors: [{ pointer: '/change/siteId', code: 'unknown', message: 'is not a site of this jurisdiction' }],
  })
}

/** The devices meant, in the order of their ids. Throws `invalid-request` when they are too many. */
async function namedBy(work: Work, { ids, filter }: ChangeManyWrite): Promise<Named[]> {
  const { tx, jurisdictionId, knowledge } = work
  if (ids !== undefined) {
    return tx
      .select({ id: devices.id, version: devices.version, assetTag: devices.assetTag })
      .from(devices)
      .where(and(eq(devices.jurisdictionId, jurisdictionId), inArray(devices.id, [...new Set(ids)])))
      .orderBy(devices.id)
  }
  await assertKnownIn((read) => read(tx), filter!, knowledge)
  await assertCustomFilter((read) => read(tx), [jurisdictionId], filter!, '/filter/custom/')
  const { rows } = await tx.execute<Record<string, unknown> & Named>(sql`
    select d.id::text as id, d.version, d.asset_tag as "assetTag" from devices d
    join profiles p on p.jurisdiction_id = d.jurisdiction_id and p.id = d.profile_id
    where ${conditionsOf({ ...filter!, jurisdictionId: [] }, [jurisdictionId])} order by d.id limit ${MOST_DEVICES + 1}`)
  if (rows.length <= MOST_DEVICES) return rows
  throw new DomainError('invalid-request', `More than ${MOST_DEVICES} devices match.`, {
    errors: [{ pointer: '/filter', code: 'too-many', message: `must match at most ${MOST_DEVICES} devices` }],
  })
}

/** Of the devices as they are and of what is to be done to them. */
function digestOf(named: readonly Named[], change: ChangeManyWrite['change']): string {
  const hash = createHash('sha256').update(`${JSON.stringify(change)}\n`)
  for (const { id, version } of named) hash.update(`${id} ${version}\n`)
  return hash.digest('base64url').slice(0, 22)
}

function assertExpected({ expected }: ChangeManyWrite, count: number, digest: string): void {
  if (expected!.count === count && expected!.digest === digest) return
  const what =
    expected!.count === count
      ? 'one of them has changed since, or another change was tried'
      : `${expected!.count} were counted and ${count} are meant now`
  throw new DomainError('selection-changed', `Nothing was changed: ${what}.`)
}

function resultsOf(
  named: readonly Named[],
  revised: readonly Revised[],
  unknown: readonly string[],
): ChangedMany['items'] {
  const changes = new Map(revised.map(({ device, changed }) => [device.id, changed]))
  const known = named.map(({ id, assetTag }) => {
    const changed = changes.get(id)
    return {
      id,
      assetTag,
      result: changed ? ('changed' as const) : ('unchanged' as const),
      changed: [...(changed ?? [])],
    }
  })
  const missing = unknown.map((id) => ({ id, assetTag: null, result: 'unknown' as const, changed: [] }))
  return [...known, ...missing]
}
