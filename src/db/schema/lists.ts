/** Official lists as versions, and what came of them. Shared by everybody; written by the operator role only. */
import { sql } from 'drizzle-orm'
import { boolean, char, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { day, instant } from './tenant-table.ts'

/** One file of a list that was read, checked and put in force. */
export const listVersions = pgTable(
  'list_versions',
  {
    listId: text('list_id').notNull(),
    /** Counts up by one with each file of the list that says something else than the one before. */
    version: integer('version').notNull(),
    format: text('format').notNull(),
    publishedOn: day('published_on').notNull(),
    loadedAt: instant('loaded_at').notNull(),
    /** SHA-256 of the file, hex. */
    fileSha256: char('file_sha256', { length: 64 }).notNull(),
    /** Version of the reference knowledge that has it. */
    knowledgeVersion: integer('knowledge_version').notNull(),
    /** What was counted in the file, and what differs from the version before. */
    counts: jsonb('counts').notNull(),
    /** Id of the key. */
    loadedBy: text('loaded_by').notNull(),
    isForced: boolean('is_forced').notNull(),
  },
  (table) => [primaryKey({ columns: [table.listId, table.version] })],
)

/** An entry as it stood from one version to another: ended, never deleted. Natural persons are not kept. */
export const listEntries = pgTable(
  'list_entries',
  {
    listId: text('list_id').notNull(),
    /** The authority's own id of the entry, or what stands for it. */
    key: text('key').notNull(),
    versionFrom: integer('version_from').notNull(),
    /** First version without it; null while it is listed. */
    versionTo: integer('version_to'),
    name: text('name').notNull(),
    doc: jsonb('doc').notNull(),
    /** How its name reaches a maker of the catalog: `sure`, `likely`, `near`, `none`. */
    standing: text('standing').notNull(),
    manufacturerId: text('manufacturer_id'),
    regimeId: text('regime_id'),
    why: text('why'),
  },
  (table) => [
    primaryKey({ columns: [table.listId, table.key, table.versionFrom] }),
    index('list_entries_open_idx').on(table.listId, table.key).where(sql`version_to is null`),
    index('list_entries_ended_idx').on(table.listId, table.versionTo),
  ],
)

/** What became of the last file that was given for a list: a refused one leaves the version before in force. */
export const listChecks = pgTable('list_checks', {
  listId: text('list_id').primaryKey(),
  checkedAt: instant('checked_at').notNull(),
  /** `loaded`, `unchanged`, `refused`, `failed` when none could be fetched. */
  outcome: text('outcome').notNull(),
  detail: text('detail'),
  /** When a file was last loaded, or found to say the same. */
  goodAt: instant('good_at'),
})

/** When a list is fetched next, and what the last answer was known by; several processes share it. */
export const listFetches = pgTable('list_fetches', {
  listId: text('list_id').primaryKey(),
  dueAt: instant('due_at').notNull(),
  /** Since the last answer. */
  failures: integer('failures').notNull(),
  etag: text('etag'),
  lastModified: text('last_modified'),
  /** Version in force when the file came that these are of. */
  listVersion: integer('list_version'),
})

/** Whether a body of law is in force in a period, as an operator confirmed it: never changed, the latest counts. */
export const regimeStatuses = pgTable(
  'regime_statuses',
  {
    regimeId: text('regime_id').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    status: text('status').notNull(),
    validFrom: day('valid_from').notNull(),
    /** First day of which it says nothing; null for one that is settled for good. */
    validTo: day('valid_to'),
    evidence: text('evidence').notNull(),
    recordedBy: text('recorded_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.regimeId, table.recordedAt] })],
)

/** What a person found out about an entry: which maker of the catalog it names, or that it names none. */
export const listDecisions = pgTable(
  'list_decisions',
  {
    listId: text('list_id').notNull(),
    key: text('key').notNull(),
    decidedAt: instant('decided_at').notNull(),
    /** Null: none of the makers of the catalog. */
    manufacturerId: text('manufacturer_id'),
    evidence: text('evidence').notNull(),
    decidedBy: text('decided_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.listId, table.key, table.decidedAt] })],
)

/**
 * What versions of lists and rules of a place add to the rows of the data files: whole rows, and changes of shipped
 * ones (`{"to": ...}`). A new release of the program is laid under them and takes none away.
 */
export const referencePatches = pgTable(
  'reference_patches',
  {
    /** `listings`, `regimes`, `rules`. */
    part: text('part').notNull(),
    id: text('id').notNull(),
    /** Where it comes from: `list:<id>`, `local-rule:<id>`. */
    origin: text('origin').notNull(),
    patch: jsonb('patch').notNull(),
    changedAt: instant('changed_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.part, table.id] })],
)

/** Every reference row as it stood from one knowledge version to another: what was known then can be read again. */
export const referenceHistory = pgTable(
  'reference_history',
  {
    part: text('part').notNull(),
    id: text('id').notNull(),
    versionFrom: integer('version_from').notNull(),
    /** First knowledge version without it; null while it stands. */
    versionTo: integer('version_to'),
    doc: jsonb('doc').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.part, table.id, table.versionFrom] }),
    index('reference_history_open_idx').on(table.part, table.id).where(sql`version_to is null`),
  ],
)
