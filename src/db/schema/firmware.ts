/** What is known of firmware: by everybody, and by one jurisdiction. */
import { sql } from 'drizzle-orm'
import {
  boolean,
  char,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { day, instant, operatorRows, sharedRows, tenantTable } from './tenant-table.ts'

/** One row for each change of what everybody knows of firmware: imports of advisories, shared licenses, releases. */
export const firmwareVersions = pgTable('firmware_versions', {
  version: integer('version').primaryKey(),
  /** `advisories`, `license`, `release`, `reference`. */
  kind: text('kind').notNull(),
  /** Of advisories: `overlay`, `kev`, `cve`, `csaf`, `nvd`. */
  feed: text('feed'),
  changes: jsonb('changes').notNull(),
  at: instant('at').notNull(),
  by: text('by').notNull(),
})

/** In which version something that risks depend on changed last: `vendor:hikvision`, `regime:ofac-sdn`, `all`. */
export const firmwareChanges = pgTable(
  'firmware_changes',
  {
    subject: text('subject').primaryKey(),
    version: integer('version').notNull(),
  },
  (table) => [index('firmware_changes_version_idx').on(table.version)],
)

/** The same for one jurisdiction's own licenses, applications, images and weights. Subject '' counts revisions. */
export const firmwareOwnChanges = tenantTable(
  'firmware_own_changes',
  { subject: text('subject').notNull(), revision: integer('revision').notNull() },
  ['subject'],
)

/** Support periods and default weights, as they stand in `data/`. */
export const firmwareReference = pgTable('firmware_reference', {
  id: text('id').primaryKey(),
  doc: jsonb('doc').notNull(),
})

/** What one document of one feed says of one vulnerability. */
export const advisories = pgTable(
  'advisories',
  {
    feed: text('feed').notNull(),
    /** Id of the document within the feed; empty for a catalog that is one document. */
    document: text('document').notNull(),
    advisoryId: text('advisory_id').notNull(),
    /** Vendor ids its claims name. */
    makers: text('makers').array().notNull(),
    isKnownExploited: boolean('is_known_exploited').notNull(),
    doc: jsonb('doc').notNull(),
    /** Version of the import that changed it last. */
    importVersion: integer('import_version').notNull(),
  },
  (table) => [
    primaryKey({ name: 'advisories_pkey', columns: [table.advisoryId, table.feed, table.document] }),
    index('advisories_feed_idx').on(table.feed),
  ],
)

/** When each feed was last read and what it then held. */
export const advisoryFeeds = pgTable('advisory_feeds', {
  feed: text('feed').primaryKey(),
  /** As the feed says itself. */
  feedVersion: text('feed_version'),
  releasedOn: day('released_on'),
  statements: integer('statements').notNull(),
  /** Version of the last import that changed something. */
  importVersion: integer('import_version').notNull(),
  checkedAt: instant('checked_at').notNull(),
})

/** Releases of makers (the operator's rows, for everybody) and images a jurisdiction keeps. */
export const firmwareReleases = tenantTable(
  'firmware_releases',
  {
    id: uuid('id').notNull(),
    manufacturerId: text('manufacturer_id').notNull(),
    firmwareVersion: text('firmware_version').notNull(),
    sha256: char('sha256', { length: 64 }),
    obtainedOn: day('obtained_on'),
    doc: jsonb('doc').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  ['id'],
  (table) => [
    uniqueIndex('firmware_releases_sha256_key').on(table.jurisdictionId!, table.sha256!),
    index('firmware_releases_maker_idx').on(table.jurisdictionId!, table.manufacturerId!),
    operatorRows('firmware_releases'),
    sharedRows('firmware_releases'),
  ],
)

/** Licenses and waivers: the operator's rows hold for everybody. */
export const licenses = tenantTable(
  'licenses',
  {
    id: uuid('id').notNull(),
    regimeId: text('regime_id').notNull(),
    number: text('number'),
    status: text('status').notNull(),
    /** First day without cover in the holder's zone; null when open. */
    endsOn: day('ends_on'),
    doc: jsonb('doc').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  ['id'],
  () => [operatorRows('licenses'), sharedRows('licenses')],
)

/** Outbox of reminders, written with the license; whoever delivers them marks them as sent. */
export const licenseReminders = tenantTable(
  'license_reminders',
  {
    licenseId: uuid('license_id').notNull(),
    /** `license-end`, `report-due`. */
    about: text('about').notNull(),
    /** Last day of cover, or the day the report is due. */
    date: day('date').notNull(),
    daysBefore: smallint('days_before').notNull(),
    sendOn: day('send_on').notNull(),
    sentAt: instant('sent_at'),
  },
  ['licenseId', 'about', 'date', 'daysBefore'],
  (table) => [
    index('license_reminders_due_idx').on(table.sendOn!).where(sql`sent_at is null`),
    foreignKey({
      name: 'license_reminders_license_fk',
      columns: [table.jurisdictionId!, table.licenseId!],
      foreignColumns: [licenses.jurisdictionId, licenses.id],
    }).onDelete('cascade'),
    operatorRows('license_reminders'),
    sharedRows('license_reminders'),
  ],
)

export const licenseApplications = tenantTable(
  'license_applications',
  {
    id: uuid('id').notNull(),
    regimeId: text('regime_id').notNull(),
    status: text('status').notNull(),
    doc: jsonb('doc').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  ['id'],
)

/** Firmware that was installed on a device, and the license it was installed under. Outlives the device. */
export const firmwareInstallations = tenantTable(
  'firmware_installations',
  {
    id: uuid('id').notNull(),
    deviceId: uuid('device_id').notNull(),
    licenseId: uuid('license_id'),
    installedOn: day('installed_on').notNull(),
    /** First day on which the record may be deleted; null when no rule asks to keep it. */
    keptUntil: day('kept_until'),
    doc: jsonb('doc').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  ['id'],
  (table) => [
    index('firmware_installations_device_idx').on(table.jurisdictionId!, table.deviceId!),
    index('firmware_installations_license_idx').on(table.licenseId!),
  ],
)

/** Compensating controls and risk acceptances: who answers for what, on which evidence, until when. */
export const riskTreatments = tenantTable(
  'risk_treatments',
  {
    id: uuid('id').notNull(),
    /** `compensating-control`, `risk-acceptance`. */
    kind: text('kind').notNull(),
    deviceIds: uuid('device_ids').array().notNull(),
    siteIds: uuid('site_ids').array().notNull(),
    expiresOn: day('expires_on').notNull(),
    endedOn: day('ended_on'),
    doc: jsonb('doc').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  ['id'],
  (table) => [index('risk_treatments_expiry_idx').on(table.jurisdictionId!, table.expiresOn!)],
)

/** A jurisdiction's own weights; every version is kept, the highest is in force. */
export const firmwareWeights = tenantTable(
  'firmware_weights',
  {
    number: integer('number').notNull(),
    /** Null takes the jurisdiction back to everybody's weights. */
    doc: jsonb('doc'),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  ['number'],
)
