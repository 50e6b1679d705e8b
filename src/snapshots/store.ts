/** Snapshots on record. They are only ever added: the roles that serve requests cannot change or remove them. */
import { createReadStream } from 'node:fs'
import { and, asc, eq, ne, type SQL, sql } from 'drizzle-orm'
import type { Database, Tx } from '../db/database.ts'
import { snapshotParts, snapshots } from '../db/schema/index.ts'
import { orderBy, type Page, type PageAsked } from '../http/pages.ts'
import { DomainError, notFound } from '../http/problems.ts'
import { toInstant } from '../http/schemas.ts'
import type { Spooled } from '../http/spool.ts'
import { ascending, cutPage, descending, fromCursor, inScope } from '../http/table-pages.ts'
import { inTenant } from '../jobs/store.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { type Principal, readScope } from '../tenancy/auth.ts'
import type { Manifest, Snapshot, SnapshotSummary } from './schemas.ts'

/** Of a piece of an archive as it is stored. */
const PART_BYTES = 1024 * 1024

type Row = typeof snapshots.$inferSelect

export type NewSnapshot = Omit<Row, 'bytes' | 'sha256'>

/** Throws `snapshot-limit` when the owner's snapshots would be more bytes than `mostBytes`. */
export async function keepSnapshot(
  tx: Tx,
  snapshot: NewSnapshot,
  archive: Spooled,
  mostBytes: number,
): Promise<Snapshot> {
  const { jurisdictionId, id } = snapshot
  await assertRoom(tx, snapshot, archive.bytes, mostBytes)
  const { bytes, sha256 } = archive
  const [row] = await tx
    .insert(snapshots)
    .values({ ...snapshot, bytes, sha256 })
    .returning()
  let part = 0
  for await (const content of piecesOf(archive.path)) {
    await tx.insert(snapshotParts).values({ jurisdictionId, snapshotId: id, part: part++, content })
  }
  return toSnapshot(row!)
}

/** Pieces of the size that is stored. A file is read in pieces of this size but for the last. */
function piecesOf(path: string): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: PART_BYTES })
}

async function assertRoom(tx: Tx, owner: NewSnapshot, bytes: number, mostBytes: number): Promise<void> {
  const mine =
    owner.jurisdictionId === OPERATOR_ID ? sql`and fold_key(key_label) = fold_key(${owner.keyLabel})` : sql``
  const { rows } = await tx.execute<{ kept: string }>(sql`
    select coalesce(sum(bytes), 0)::text as kept from snapshots
    where jurisdiction_id = ${owner.jurisdictionId}::uuid ${mine}`)
  const kept = Number(rows[0]!.kept)
  if (kept + bytes <= mostBytes) return
  const mib = (count: number) => `${(count / 1024 / 1024).toFixed(1)} MiB`
  throw new DomainError(
    'snapshot-limit',
    `The snapshots kept hold ${mib(kept)} of ${mib(mostBytes)}; this one has ${mib(bytes)}. Narrow the question, or ask the operator for room.`,
  )
}

/**
 * Of those over several cities: who asked, also with a later key of the same name, while the key sees all of the cities;
 * the operator sees all.
 */
function ownedBy({ role, keyId, label, scope, jurisdictionId }: Principal): SQL {
  if (role === 'admin') return sql`true`
  if (jurisdictionId !== null) return sql`false`
  const isInScope = scope === 'all' ? sql`true` : sql`cities <@ ${sql.param(scope)}::uuid[]`
  return sql`(key_id = ${keyId}::uuid or fold_key(key_label) = fold_key(${label})) and ${isInScope}`
}

interface Finder {
  readonly database: Database
}

/** One that the key may see. Throws `not-found`. */
async function findRow({ database }: Finder, principal: Principal, id: string): Promise<Row> {
  const read = async (tx: Tx, where: SQL) => {
    const [row] = await tx
      .select()
      .from(snapshots)
      .where(and(eq(snapshots.id, id), where))
    return row
  }
  const found =
    (await database.acrossJurisdictions(readScope(principal), (tx) =>
      read(tx, ne(snapshots.jurisdictionId, OPERATOR_ID)),
    )) ?? (await database.asOperator((tx) => read(tx, ownedBy(principal))))
  if (!found) throw notFound('snapshot')
  return found
}

/** Throws `not-found`. */
export async function findSnapshot(finder: Finder, principal: Principal, id: string): Promise<Snapshot> {
  return toSnapshot(await findRow(finder, principal, id))
}

export interface Archive {
  readonly sha256: string
  readonly bytes: number
  readonly name: string
  readonly content: AsyncGenerator<Buffer>
}

/** The archive as it was made. Throws `not-found`. */
export async function archiveOfSnapshot(finder: Finder, principal: Principal, id: string): Promise<Archive> {
  const { jurisdictionId, sha256, bytes, createdAt } = await findRow(finder, principal, id)
  const name = `camledger-snapshot-${toInstant(createdAt).slice(0, 10)}-${id.slice(-12)}.zip`
  return { sha256, bytes, name, content: partsOf(finder, jurisdictionId, id) }
}

/** Each piece is read in a transaction of its own: nothing changes them meanwhile, and a slow reader holds no connection. */
async function* partsOf({ database }: Finder, owner: string, id: string): AsyncGenerator<Buffer> {
  for (let part = 0; ; part++) {
    const read = async (tx: Tx) => {
      const [row] = await tx
        .select({ content: snapshotParts.content })
        .from(snapshotParts)
        .where(
          and(
            eq(snapshotParts.jurisdictionId, owner),
            eq(snapshotParts.snapshotId, id),
            eq(snapshotParts.part, part),
          ),
        )
        .orderBy(asc(snapshotParts.part))
      return row
    }
    const row = await inTenant(database, owner, read)
    if (!row) return
    yield row.content
  }
}

export interface SnapshotPages {
  readonly principal: Principal
  /** Of these cities; empty: those of the key itself. */
  readonly cities: readonly string[]
}

/** Newest first: the city's, or those that this key's holder has asked for. */
export function snapshotPage(
  database: Database,
  { principal, cities }: SnapshotPages,
  page: PageAsked,
): Promise<Page<SnapshotSummary>> {
  const isCitys = principal.jurisdictionId !== null || cities.length > 0
  const scope = readScope(principal, cities)
  const order = descending(ascending(snapshots, 'createdAt', 'id'))
  const read = (where: SQL | undefined) => async (tx: Tx) => {
    const rows = await tx
      .select()
      .from(snapshots)
      .where(and(where, fromCursor(order, page)))
      .orderBy(orderBy(order))
      .limit(page.limit + 1)
    return cutPage(rows, order, page, toSummary)
  }
  return isCitys
    ? database.acrossJurisdictions(
        scope,
        read(and(inScope(scope), ne(snapshots.jurisdictionId, OPERATOR_ID))),
      )
    : database.asOperator(read(ownedBy(principal)))
}

function toSummary(row: Row): SnapshotSummary {
  const { id, jurisdictionId, name, createdAt, devices, findings, bytes, sha256, signingKey } = row
  return {
    id,
    jurisdictionId: jurisdictionId === OPERATOR_ID ? null : jurisdictionId,
    name,
    createdAt: toInstant(createdAt),
    devices,
    findings,
    bytes,
    sha256,
    signingKey,
  }
}

function toSnapshot(row: Row): Snapshot {
  return {
    ...toSummary(row),
    archive: `/v1/snapshots/${row.id}/archive`,
    manifest: JSON.parse(row.manifest) as Manifest,
  }
}
