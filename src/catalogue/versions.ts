/**
 * Versions of the reference knowledge in the database.
 *
 * Loading is idempotent: the digests of the rows and of the code that makes answers of them decide whether anything has
 * changed, and each change gets the next version number. Files that are older than what is loaded are left alone, so that an old process which
 * starts beside a new one does not take knowledge back.
 */
import { desc, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { knowledgeVersions } from '../db/schema/index.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { type Actor, OPERATOR, record } from '../tenancy/audit.ts'
import { digestOf, type ReferenceFiles } from './files.ts'
import type { ReferenceData } from './reference-data.ts'
import { type TableChanges, writeRows } from './tables.ts'

export type LoadedVersion = typeof knowledgeVersions.$inferSelect

/** One loader at a time; the others then find nothing to do. */
export async function lockVersions(tx: Tx): Promise<void> {
  await tx.execute(sql`lock table knowledge_versions in share row exclusive mode`)
}

export async function latestVersion(tx: Tx): Promise<LoadedVersion | undefined> {
  const [latest] = await tx.select().from(knowledgeVersions).orderBy(desc(knowledgeVersions.version)).limit(1)
  return latest
}

/** Of which files a version is, and whether it holds more than they do. */
type FilesOfVersion = Pick<ReferenceFiles, 'release' | 'bytesDigest'> & {
  /** Digest of the rows of the files alone; absent in versions before lists could be loaded, whose own digest it is. */
  readonly filesDigest?: string
  /** Digest of the code that made answers of them; absent in versions before it was kept. */
  readonly program?: string
  /** Versions of lists, or rules of a place, are laid over the rows of the files. */
  readonly isPatched?: boolean
}

/** Whether the tables hold the rows of these files, if laid over. Equal bytes tell it without a look at the rows. */
export function holds(loaded: LoadedVersion, files: Pick<ReferenceFiles, 'bytesDigest' | 'digest'>): boolean {
  const { bytesDigest, filesDigest = loaded.digest } = changesOf(loaded)
  return bytesDigest === files.bytesDigest || filesDigest === files.digest
}

/** Whether answers under this version were made by the same code. */
export const isReadBy = (loaded: LoadedVersion, program: string): boolean =>
  changesOf(loaded).program === program

/** How free texts were read under this version; undefined before it was kept. */
export const mentionsUnder = (loaded: LoadedVersion): string | undefined => changesOf(loaded).mentions

/** Whether something is laid over the rows of the files. */
export const isPatched = (loaded: LoadedVersion): boolean => changesOf(loaded).isPatched === true

/**
 * Whether the files are those of an older build: their version is lower, or it is the same and these very rows were
 * loaded before what is there now.
 */
export async function isOlder(tx: Tx, latest: LoadedVersion, files: ReferenceFiles): Promise<boolean> {
  const { release = '' } = changesOf(latest)
  if (release !== files.release) return release > files.release
  const [earlier] = await tx
    .select({ version: knowledgeVersions.version })
    .from(knowledgeVersions)
    .where(sql`coalesce(changes->>'filesDigest', digest) = ${files.digest}`)
    .limit(1)
  return earlier !== undefined
}

function changesOf({ changes }: LoadedVersion) {
  return changes as Partial<FilesOfVersion & CutOfVersion>
}

/** Files that were loaded before, as the next version of other knowledge is told of them. */
export function filesOf(loaded: LoadedVersion): Omit<FilesOfVersion, 'isPatched'> {
  const { release = '', bytesDigest = '', filesDigest = loaded.digest, program } = changesOf(loaded)
  return { release, bytesDigest, filesDigest, ...(program === undefined ? {} : { program }) }
}

export interface NewVersion {
  readonly before: LoadedVersion | undefined
  readonly files: Omit<FilesOfVersion, 'isPatched'>
  /** All rows: those of the files with what is laid over them. */
  readonly reference: ReferenceData
  readonly isPatched: boolean
  readonly cut: CutOfVersion
  /** Subjects of profiles whose answers may be others than under the version before. */
  readonly reaches: readonly string[]
  /** What it was that changed, for the record. */
  readonly cause: Readonly<Record<string, unknown>>
}

/** Put the rows in the place of those of the version before, under `lockVersions`. */
export async function writeVersion(
  tx: Tx,
  { before, files, reference, isPatched: isLaidOver, cut, reaches, cause }: NewVersion,
  now: Date,
  actor: Actor = OPERATOR,
): Promise<{ version: number; changes: TableChanges }> {
  const version = (before?.version ?? 0) + 1
  const tables = await writeRows(tx, reference, version)
  const digest = isLaidOver ? digestOf(reference) : files.filesDigest!
  await tx.insert(knowledgeVersions).values({
    version,
    digest,
    loadedAt: now.toISOString(),
    reaches: [...reaches],
    changes: {
      ...files,
      isPatched: isLaidOver,
      tables,
      boundaries: cut.boundaries,
      mentions: cut.mentions,
    },
  })
  await record(tx, null, actor, now, {
    action: 'knowledge.load',
    target: String(version),
    detail: { ...cause, digest, tables },
  })
  return { version, changes: tables }
}

/** What profiles were cut by. */
export interface CutOfVersion {
  /** The dates at which answers could change. */
  readonly boundaries: readonly PlainDate[]
  /** How free texts were read; undefined before they were. */
  readonly mentions: string | undefined
}

/** By knowledge version: what the profiles of that time were cut by. */
export async function cutsByVersion(tx: Tx): Promise<Map<number, CutOfVersion>> {
  const rows = await tx.select().from(knowledgeVersions)
  return new Map(
    rows.map((row) => {
      const { boundaries: dates, mentions } = changesOf(row)
      return [row.version, { boundaries: dates ?? [], mentions }]
    }),
  )
}

/** The version that was in force at an instant; undefined when there was none. */
export async function versionAt(tx: Tx, instant: string): Promise<LoadedVersion | undefined> {
  const [found] = await tx
    .select()
    .from(knowledgeVersions)
    .where(sql`${knowledgeVersions.loadedAt} <= ${instant}::timestamptz`)
    .orderBy(desc(knowledgeVersions.version))
    .limit(1)
  return found
}
