/**
 * Reference knowledge: from the files in `data/` into the tables, and from the tables into memory.
 *
 * Loading is idempotent: the rows' digest decides whether anything has changed, and each change gets the next
 * version number. Files that are older than what is loaded are left alone, so that an old process which
 * starts beside a new one does not take knowledge back.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { desc, eq, sql } from 'drizzle-orm'
import type { Database, Tx } from '../db/database.ts'
import { advisoryFeeds, knowledgeVersions } from '../db/schema.ts'
import { boundaries, buildRegimeKnowledge } from '../determination/law.ts'
import { importFeed } from '../firmware/feeds/import.ts'
import {
  type FirmwareFiles,
  lastLoaded,
  loadFirmwareFiles,
  noteLoaded,
  readFirmwareFiles,
} from '../firmware/store.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { readFirmware } from '../screening/firmware-knowledge.ts'
import {
  buildFromReference,
  buildKnowledge,
  type Knowledge,
  mentionsVersion,
  type Registrant,
} from '../screening/knowledge.ts'
import { OPERATOR, record } from '../tenancy/audit.ts'
import type { ReferenceData } from './reference-data.ts'

interface Table {
  readonly file: string
  readonly part: keyof ReferenceData
  readonly table: string
  /** Column -> SQL over the row's JSON `r.doc`. */
  readonly columns: Readonly<Record<string, string>>
}

/** In the order in which rows can be inserted; they are deleted in the opposite order. */
const TABLES: readonly Table[] = [
  {
    file: 'vendors.json',
    part: 'vendors',
    table: 'manufacturers',
    columns: { name: `doc->>'name'`, kind: `doc->>'kind'`, country: `doc->>'country'` },
  },
  {
    file: 'relationships.json',
    part: 'relationships',
    table: 'relationships',
    columns: {
      child_id: `doc->>'child'`,
      parent_id: `doc->>'parent'`,
      kind: `doc->>'kind'`,
      confidence: `doc->>'confidence'`,
    },
  },
  {
    file: 'identifiers.json',
    part: 'identifiers',
    table: 'identifiers',
    columns: { manufacturer_id: `doc->>'vendor'`, kind: `doc->>'kind'`, confidence: `doc->>'confidence'` },
  },
  {
    file: 'models.json',
    part: 'models',
    table: 'models',
    columns: {
      manufacturer_id: `doc->>'manufacturer'`,
      model: `doc->>'model'`,
      device_class: `doc->>'deviceClass'`,
    },
  },
  { file: 'regimes.json', part: 'regimes', table: 'regimes', columns: { title: `doc->>'title'` } },
  {
    file: 'listings.json',
    part: 'listings',
    table: 'listings',
    columns: {
      regime_id: `doc->>'regime'`,
      manufacturer_id: `doc->>'vendor'`,
      listed_from: `(doc->>'from')::date`,
      listed_to: `(doc->>'to')::date`,
    },
  },
  { file: 'rules.json', part: 'rules', table: 'rules', columns: { regime_id: `doc->>'regime'` } },
]

export interface ReferenceFiles {
  readonly reference: ReferenceData
  /** Newest `version` of the files. */
  readonly release: string
  /** SHA-256 over the bytes of the files, hex: quickly known, and another one when only a blank has changed. */
  readonly bytesDigest: string
  /** SHA-256 over all rows, hex; worked out when read. */
  readonly digest: string
  /** Sorted dates at which an answer can change; worked out when read. */
  readonly boundaries: readonly PlainDate[]
  /** How free texts are read; worked out when read. */
  readonly mentions: string
  readonly firmware: FirmwareFiles
}

/** Read `data/`. Throws when a file is missing or is not what it should be: the package is damaged then. */
export async function readReferenceFiles(folder: string): Promise<ReferenceFiles> {
  const parts: Partial<Record<keyof ReferenceData, unknown>> = {}
  let release = ''
  const bytes = createHash('sha256')
  for (const { file, part } of TABLES) {
    const text = await readFile(join(folder, file), 'utf8')
    bytes.update(text)
    const content = JSON.parse(text) as { version: string; items: unknown[] }
    parts[part] = content.items
    if (content.version > release) release = content.version
  }
  const reference = parts as unknown as ReferenceData
  let digest: string | undefined
  return {
    reference,
    release,
    bytesDigest: bytes.digest('hex'),
    get digest() {
      digest ??= digestOf(reference)
      return digest
    },
    get boundaries() {
      return boundaries(buildRegimeKnowledge(reference))
    },
    get mentions() {
      return mentionsVersion(reference)
    },
    firmware: await readFirmwareFiles(folder),
  }
}

function digestOf(reference: ReferenceData): string {
  const hash = createHash('sha256')
  for (const { part } of TABLES) {
    const rows = [...reference[part]].sort((a, b) => (a.id < b.id ? -1 : 1))
    hash.update(canonical(rows))
  }
  return hash.digest('hex')
}

/** JSON with sorted keys: what PostgreSQL gives back as jsonb has another order than the file. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`
}

export interface LoadResult {
  readonly version: number
  /** Rows added, changed and removed per table; null when nothing had changed. */
  readonly changes: Readonly<Record<string, { added: number; changed: number; removed: number }>> | null
}

/** Bring the tables up to the files, in one transaction. Running it twice changes nothing. */
export async function loadReference(
  database: Database,
  files: ReferenceFiles,
  now: Date,
): Promise<LoadResult> {
  return database.asOperator((tx) => loadReferenceIn(tx, files, now), { timeLimitMillis: 120_000 })
}

/** The same in the caller's transaction, as the operator. */
export async function loadReferenceIn(tx: Tx, files: ReferenceFiles, now: Date): Promise<LoadResult> {
  // One loader at a time; the others then find nothing to do.
  await tx.execute(sql`lock table knowledge_versions in share row exclusive mode`)
  const latest = await latestVersion(tx)
  if (latest && !holds(latest, files) && (await isOlder(tx, latest, files)))
    return { version: latest.version, changes: null }
  await loadFirmware(tx, files.firmware, now)
  if (latest && holds(latest, files)) return { version: latest.version, changes: null }
  const counts: Record<string, { added: number; changed: number; removed: number }> = {}
  for (const table of TABLES) {
    const { columns } = table
    const names = Object.keys(columns)
    const rows = files.reference[table.part].map((doc) => ({ id: doc.id, doc }))
    const written = await tx.execute<{ added: boolean }>(sql`
      insert into ${sql.raw(table.table)} (id, ${sql.raw(names.join(', '))}, doc)
      select r.id, ${sql.raw(names.map((name) => columns[name]).join(', '))}, r.doc
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id text, doc jsonb)
      on conflict (id) do update set ${sql.raw(
        [...names, 'doc'].map((name) => `${name} = excluded.${name}`).join(', '),
      )}
      where ${sql.raw(table.table)}.doc is distinct from excluded.doc
      returning (xmax = 0) as added`)
    const added = written.rows.filter((row) => row.added).length
    counts[table.table] = { added, changed: written.rows.length - added, removed: 0 }
  }
  for (const table of [...TABLES].reverse()) {
    const ids = files.reference[table.part].map((doc) => doc.id)
    const gone = await tx.execute(
      sql`delete from ${sql.raw(table.table)} where id <> all (${sql.param(ids)}::text[])`,
    )
    counts[table.table]!.removed = gone.rowCount ?? 0
  }
  const version = (latest?.version ?? 0) + 1
  await tx.insert(knowledgeVersions).values({
    version,
    digest: files.digest,
    loadedAt: now.toISOString(),
    changes: {
      release: files.release,
      bytesDigest: files.bytesDigest,
      tables: counts,
      boundaries: files.boundaries,
      mentions: files.mentions,
    },
  })
  await record(tx, null, OPERATOR, now, {
    action: 'knowledge.load',
    target: String(version),
    detail: { release: files.release, digest: files.digest, tables: counts },
  })
  return { version, changes: counts }
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

/**
 * Whether the files are those of an older build: their version is lower, or it is the same and these very rows were
 * loaded before what is there now.
 */
async function isOlder(tx: Tx, latest: LoadedVersion, files: ReferenceFiles): Promise<boolean> {
  const { release = '' } = changesOf(latest)
  if (release !== files.release) return release > files.release
  const [earlier] = await tx
    .select({ version: knowledgeVersions.version })
    .from(knowledgeVersions)
    .where(eq(knowledgeVersions.digest, files.digest))
  return earlier !== undefined
}

type LoadedVersion = typeof knowledgeVersions.$inferSelect

function changesOf({ changes }: LoadedVersion) {
  return changes as {
    release?: string
    bytesDigest?: string
    boundaries?: readonly PlainDate[]
    mentions?: string
  }
}

/** Whether the tables hold the rows of these files. Equal bytes tell it without a look at the rows. */
function holds(loaded: LoadedVersion, files: Pick<ReferenceFiles, 'bytesDigest' | 'digest'>): boolean {
  return changesOf(loaded).bytesDigest === files.bytesDigest || loaded.digest === files.digest
}

async function latestVersion(tx: Tx) {
  const [latest] = await tx.select().from(knowledgeVersions).orderBy(desc(knowledgeVersions.version)).limit(1)
  return latest
}

/** The version number that is in force in the database; 0 when nothing was ever loaded. */
export async function knowledgeVersion(database: Database): Promise<number> {
  return (await database.asOperator(latestVersion))?.version ?? 0
}

/** What was built from the files already. */
export interface BuiltFromFiles {
  readonly files: Pick<ReferenceFiles, 'bytesDigest' | 'digest'>
  readonly known: ReturnType<typeof buildFromReference>
}

/** Build from the files what the tables hold too when they have the same rows. */
export function buildFromFiles(files: ReferenceFiles, registrant: Registrant): BuiltFromFiles {
  const inOrder = Object.fromEntries(
    TABLES.map(({ part }) => [part, [...files.reference[part]].sort((a, b) => (a.id < b.id ? -1 : 1))]),
  ) as unknown as ReferenceData
  return { files, known: buildFromReference(inOrder, registrant) }
}

/** Read the tables into memory, or take what was built from files that hold the same rows. */
export async function readKnowledge(
  database: Database,
  registrant: Registrant,
  built?: BuiltFromFiles,
): Promise<Knowledge> {
  return database.asOperator(async (tx) => {
    const latest = await latestVersion(tx)
    if (built && latest && holds(latest, built.files)) {
      const { version, digest } = latest
      return { ...built.known, version, digest, firmware: await readFirmware(tx) }
    }
    const parts: Partial<Record<keyof ReferenceData, unknown>> = {}
    for (const { table, part } of TABLES) {
      const { rows } = await tx.execute<{ doc: unknown }>(
        sql`select doc from ${sql.raw(table)} order by id collate "C"`,
      )
      parts[part] = rows.map((row) => row.doc)
    }
    return buildKnowledge(
      parts as unknown as ReferenceData,
      registrant,
      latest?.version ?? 0,
      latest?.digest ?? '',
      await readFirmware(tx),
    )
  })
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
