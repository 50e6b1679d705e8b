/**
 * Versions of the reference knowledge in the database.
 *
 * Loading is idempotent: the rows' digest decides whether anything has changed, and each change gets the next
 * version number. Files that are older than what is loaded are left alone, so that an old process which
 * starts beside a new one does not take knowledge back.
 */
import { desc, eq, sql } from 'drizzle-orm'
import type { Database, Tx } from '../db/database.ts'
import { knowledgeVersions } from '../db/schema/index.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { OPERATOR, record } from '../tenancy/audit.ts'
import type { ReferenceFiles } from './files.ts'
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

/** Whether the tables hold the rows of these files. Equal bytes tell it without a look at the rows. */
export function holds(loaded: LoadedVersion, files: Pick<ReferenceFiles, 'bytesDigest' | 'digest'>): boolean {
  return changesOf(loaded).bytesDigest === files.bytesDigest || loaded.digest === files.digest
}

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
    .where(eq(knowledgeVersions.digest, files.digest))
  return earlier !== undefined
}

function changesOf({ changes }: LoadedVersion) {
  return changes as { release?: string; bytesDigest?: string } & Partial<CutOfVersion>
}

/** Put the rows of the files in the place of those of the version before, under `lockVersions`. */
export async function writeVersion(
  tx: Tx,
  before: LoadedVersion | undefined,
  files: ReferenceFiles,
  cut: CutOfVersion,
  now: Date,
): Promise<{ version: number; changes: TableChanges }> {
  const tables = await writeRows(tx, files.reference)
  const { release, digest, bytesDigest } = files
  const version = (before?.version ?? 0) + 1
  await tx.insert(knowledgeVersions).values({
    version,
    digest,
    loadedAt: now.toISOString(),
    changes: { release, bytesDigest, tables, boundaries: cut.boundaries, mentions: cut.mentions },
  })
  await record(tx, null, OPERATOR, now, {
    action: 'knowledge.load',
    target: String(version),
    detail: { release, digest, tables },
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
export async function cutsByVersion(database: Database): Promise<Map<number, CutOfVersion>> {
  return database.asOperator(async (tx) => {
    const rows = await tx.select().from(knowledgeVersions)
    return new Map(
      rows.map((row) => {
        const { boundaries: dates, mentions } = changesOf(row)
        return [row.version, { boundaries: dates ?? [], mentions }]
      }),
    )
  })
}
