/** Everything in `data/`: from the files into the tables. */
import { createHash } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { type ReferenceFiles, readReferenceFiles } from '../catalogue/files.ts'
import { readPatches, withPatches } from '../catalogue/patches.ts'
import type { ReferenceData } from '../catalogue/reference-data.ts'
import { readRows, type TableChanges } from '../catalogue/tables.ts'
import {
  type CutOfVersion,
  holds,
  isOlder,
  isReadBy,
  type LoadedVersion,
  latestVersion,
  lockVersions,
  mentionsUnder,
  writeVersion,
} from '../catalogue/versions.ts'
import type { Database, Tx } from '../db/database.ts'
import { advisoryFeeds } from '../db/schema/index.ts'
import { importFeed } from '../firmware/feeds/import.ts'
import {
  type FirmwareFiles,
  lastLoaded,
  loadFirmwareFiles,
  noteLoaded,
  readFirmwareFiles,
} from '../firmware/store.ts'
import { EVERYBODY } from '../firmware-risk/firmware-risk.ts'
import { earliestDay, reachOf, TEXTS } from '../screening/reach.ts'
import { cutOf } from '../screening/stored-knowledge.ts'
import { OPERATOR } from '../tenancy/audit.ts'
import { programDigest } from './program.ts'

export interface DataFiles {
  readonly law: ReferenceFiles
  /** What profiles are cut by under the law of the files. */
  readonly cut: CutOfVersion
  readonly firmware: FirmwareFiles
  /** The code that makes answers of them. */
  readonly program: string
}

/** Read `data/`. Throws when a file is missing or is not what it should be: the package is damaged then. */
export async function readDataFiles(folder: string): Promise<DataFiles> {
  const [law, firmware, program] = await Promise.all([
    readReferenceFiles(folder),
    readFirmwareFiles(folder),
    programDigest(),
  ])
  return { law, cut: cutOf(law.reference), firmware, program }
}

export interface LoadResult {
  readonly version: number
  /** Null when nothing had changed. */
  readonly changes: TableChanges | null
  /** The tables hold rows of a newer build, which were kept: those of the files are not in force. */
  readonly isKept: boolean
}

/** Bring the tables up to the files, in one transaction. Running it twice changes nothing. */
export async function loadData(database: Database, files: DataFiles, now: Date): Promise<LoadResult> {
  return database.asOperator((tx) => loadDataIn(tx, files, now), { timeLimitMillis: 120_000 })
}

/** The same in the caller's transaction, as the operator. */
export async function loadDataIn(tx: Tx, files: DataFiles, now: Date): Promise<LoadResult> {
  const { law, firmware, program } = files
  await lockVersions(tx)
  const latest = await latestVersion(tx)
  const hasRows = latest !== undefined && holds(latest, law)
  if (latest && !hasRows && (await isOlder(tx, latest, law))) {
    return { version: latest.version, changes: null, isKept: true }
  }
  await loadFirmware(tx, firmware, now)
  if (hasRows && isReadBy(latest, program)) return { version: latest.version, changes: null, isKept: false }
  return writeLaw(tx, latest, files, now)
}

/**
 * Rows of a release are laid under what versions of lists have added: none of that is taken away by it. The same rows
 * under another program are a version too, so that all that was answered by the one before is answered again.
 */
async function writeLaw(
  tx: Tx,
  before: LoadedVersion | undefined,
  { law, cut, program }: DataFiles,
  now: Date,
): Promise<LoadResult> {
  const patches = await readPatches(tx)
  const isPatched = patches.length > 0
  const reference = isPatched ? withPatches(law.reference, patches) : law.reference
  const { release, digest, bytesDigest } = law
  const laidCut = isPatched ? cutOf(reference) : cut
  const { mentions } = laidCut
  const written = await writeVersion(
    tx,
    {
      ...{ before, reference, isPatched },
      files: { release, bytesDigest, filesDigest: digest, program },
      cut: laidCut,
      reaches: await reachOfFiles(tx, before, { reference, program, mentions }, now),
      cause: { release },
    },
    now,
  )
  return { ...written, isKept: false }
}

/** Another program may answer anything otherwise; the same one only what the rows reach. */
async function reachOfFiles(
  tx: Tx,
  before: LoadedVersion | undefined,
  {
    reference,
    program,
    mentions,
  }: Pick<DataFiles, 'program'> & {
    readonly reference: ReferenceData
    readonly mentions: string | undefined
  },
  now: Date,
): Promise<readonly string[]> {
  if (before === undefined) return [EVERYBODY]
  if (isReadBy(before, program)) return reachOf(await readRows(tx), reference, earliestDay(now))
  return mentionsUnder(before) === mentions ? [EVERYBODY] : [EVERYBODY, TEXTS]
}

/** Support periods, weights and the overlay of advisories; an older overlay than the loaded one is left alone. */
async function loadFirmware(tx: Tx, files: FirmwareFiles, now: Date): Promise<void> {
  // These very files were loaded last, as at nearly every start: comparing row by row would only take time.
  const digest = createHash('sha256').update(JSON.stringify(files)).digest('hex')
  if ((await lastLoaded(tx)) === digest) return
  await loadFirmwareFiles(tx, files, OPERATOR.id, now)
  await noteLoaded(tx, digest)
  const { version, readOn, advisories } = files.overlay
  const [loaded] = await tx.select().from(advisoryFeeds).where(eq(advisoryFeeds.feed, 'overlay'))
  if (loaded && (loaded.feedVersion ?? '') > version) return
  await importFeed(tx, {
    feed: 'overlay',
    imported: { version, releasedOn: readOn, advisories, refused: [], problems: [] },
    isForced: true,
    by: OPERATOR.id,
    now,
  })
}
