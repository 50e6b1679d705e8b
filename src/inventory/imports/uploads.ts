/**
 * Files that wait to be imported: a person looks at their columns, tries them, and takes them in, without sending them
 * again. They lie in the folder of the files of jobs, where only the service reads them, for a day.
 */
import { desc, eq, lte } from 'drizzle-orm'
import type { FastifyRequest } from 'fastify'
import type { Database } from '../../db/database.ts'
import { uploads } from '../../db/schema/index.ts'
import { DomainError, notFound } from '../../http/problems.ts'
import type { JobFiles } from '../../jobs/files.ts'
import type { WorkFile } from '../../jobs/operation.ts'
import type { JobServices } from '../../jobs/services.ts'
import { note } from '../../tenancy/audit.ts'
import type { Principal } from '../../tenancy/auth.ts'
import { oneRow, readRow } from '../../tenancy/stored-rows.ts'
import type { Work } from '../../tenancy/work.ts'

const KEPT_HOURS = 24
/** The newest of a city stay. */
const MOST_OF_A_CITY = 20
const HOUR = 3_600_000

export type UploadRow = typeof uploads.$inferSelect

export type NewUpload = Pick<UploadRow, 'id' | 'place' | 'fileName' | 'mediaType' | 'bytes' | 'sha256'>

/** Gives the row, and the ids of older ones that gave way to it. */
export async function addUpload(
  work: Work,
  upload: NewUpload,
): Promise<{ readonly row: UploadRow; readonly gaveWay: readonly string[] }> {
  const { tx, jurisdictionId, actor, now } = work
  const expiresAt = new Date(now.getTime() + KEPT_HOURS * HOUR).toISOString()
  const values = { ...upload, jurisdictionId, createdAt: now.toISOString(), createdBy: actor.id, expiresAt }
  const [row] = await tx.insert(uploads).values(values).returning()
  const old = await tx
    .select({ id: uploads.id })
    .from(uploads)
    .where(eq(uploads.jurisdictionId, jurisdictionId))
    .orderBy(desc(uploads.createdAt), desc(uploads.id))
    .offset(MOST_OF_A_CITY)
  const gaveWay = old.map(({ id }) => id)
  for (const id of gaveWay) await tx.delete(uploads).where(eq(uploads.id, id))
  const { id, fileName, bytes, sha256 } = upload
  await note(work, { action: 'upload.create', target: id, detail: { fileName, bytes, sha256 } })
  return { row: row!, gaveWay }
}

export async function forgetUpload(work: Work, id: string): Promise<void> {
  await work.tx.delete(uploads).where(oneRow(uploads, work, id))
  await note(work, { action: 'upload.remove', target: id, detail: {} })
}

/** One that is still kept, of a city that the key reads. Throws `not-found`. */
export async function findUpload(
  services: Pick<JobServices, 'database' | 'now'>,
  principal: Principal,
  id: string,
  jurisdictionId?: string,
): Promise<UploadRow> {
  const row = await readRow(services, principal, uploads, id, 'upload')
  const isOver = Date.parse(row.expiresAt) <= services.now().getTime()
  if (isOver || (jurisdictionId !== undefined && row.jurisdictionId !== jurisdictionId))
    throw notFound('upload')
  return row
}

/** The file of an upload. Throws `not-ready` where another process has it, and `not-found` when it is gone. */
export async function fileOf({ jobs }: Pick<JobServices, 'jobs'>, upload: UploadRow): Promise<WorkFile> {
  const { id, place, bytes, sha256 } = upload
  const { files } = jobs
  if ((await files.place()) !== place) {
    throw new DomainError(
      'not-ready',
      'Another process of the service has this file. Ask again, or with Prefer: respond-async.',
      { headers: { 'retry-after': '1' } },
    )
  }
  if (!(await files.has(id))) throw new DomainError('not-found', 'The file is gone; send it again.')
  return { path: files.path(id), bytes, sha256 }
}

/** A request that names an upload brings no file of its own. */
export function refuseBody({ headers }: FastifyRequest): void {
  if (Number(headers['content-length'] ?? 0) === 0 && headers['transfer-encoding'] === undefined) return
  const errors = [{ pointer: '?uploadId', code: 'both', message: 'names a file, and the body is another' }]
  throw new DomainError('invalid-request', 'Send a file or name an upload, not both.', { errors })
}

/** Forget what has been kept for its time. Gives how many. */
export async function pruneUploads(database: Database, files: JobFiles, now: Date): Promise<number> {
  const isOver = lte(uploads.expiresAt, now.toISOString())
  const owners = await database.acrossJurisdictions('all', (tx) =>
    tx.selectDistinct({ id: uploads.jurisdictionId }).from(uploads).where(isOver),
  )
  let pruned = 0
  for (const owner of owners) {
    const gone = await database.inJurisdiction(owner.id, (tx) =>
      tx.delete(uploads).where(isOver).returning({ id: uploads.id }),
    )
    for (const { id } of gone) await files.remove(id)
    pruned += gone.length
  }
  return pruned
}
