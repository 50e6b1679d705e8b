/** The register of a jurisdiction. */
import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  char,
  doublePrecision,
  foreignKey,
  index,
  integer,
  json,
  jsonb,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { profiles } from './screening.ts'
import { jurisdictions } from './tenancy.ts'
import { binary, day, instant, tenantTable } from './tenant-table.ts'

/**
 * What a column is compared by. A column of its own, since row security lets an index answer only what cannot leak:
 * not what a function of ours says of a row.
 */
function folded(column: string) {
  return text(`${column}_folded`).generatedAlwaysAs(sql.raw(`public.fold_key(${column})`))
}

export const sites = tenantTable(
  'sites',
  {
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    address: text('address'),
    department: text('department'),
    latitude: doublePrecision('latitude'),
    longitude: doublePrecision('longitude'),
    notes: text('notes'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  ['id'],
  (table) => [
    uniqueIndex('sites_name_key').on(table.jurisdictionId!, sql`lower(name)`),
    foreignKey({
      name: 'sites_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)

export const devices = tenantTable(
  'devices',
  {
    id: uuid('id').notNull(),
    siteId: uuid('site_id'),
    assetTag: text('asset_tag'),
    serialNumber: text('serial_number'),
    name: text('name'),
    manufacturer: text('manufacturer'),
    model: text('model'),
    macAddress: text('mac_address'),
    externalId: text('external_id'),
    ipAddress: text('ip_address'),
    hostName: text('host_name'),
    fccId: text('fcc_id'),
    firmwareVersion: text('firmware_version'),
    deviceClass: text('device_class'),
    hasRadio: boolean('has_radio'),
    status: text('status').notNull(),
    purpose: text('purpose'),
    enforcementUse: boolean('enforcement_use'),
    acquiredOn: day('acquired_on'),
    obligatedOn: day('obligated_on'),
    paidOn: day('paid_on'),
    installedOn: day('installed_on'),
    producedOn: day('produced_on'),
    fundingSource: text('funding_source'),
    federalPassThrough: boolean('federal_pass_through'),
    acquisitionCostCents: bigint('acquisition_cost_cents', { mode: 'number' }),
    currency: char('currency', { length: 3 }),
    latitude: doublePrecision('latitude'),
    longitude: doublePrecision('longitude'),
    updateChannel: text('update_channel'),
    networkExposure: text('network_exposure'),
    paidSupport: boolean('paid_support'),
    firmwareObtainedOn: day('firmware_obtained_on'),
    fccSubsidy: boolean('fcc_subsidy'),
    producedIn: char('produced_in', { length: 2 }),
    consumerGrade: boolean('consumer_grade'),
    modelAuthorizedOn: day('model_authorized_on'),
    coveredComponent: boolean('covered_component'),
    socMaker: text('soc_maker'),
    supplier: text('supplier'),
    purchaseOrder: text('purchase_order'),
    awardNumber: text('award_number'),
    assistanceListing: text('assistance_listing'),
    passThroughEntity: text('pass_through_entity'),
    invoice: text('invoice'),
    warrantyUntil: day('warranty_until'),
    usefulLifeYears: integer('useful_life_years'),
    room: text('room'),
    rack: text('rack'),
    recorder: text('recorder'),
    recorderChannel: text('recorder_channel'),
    department: text('department'),
    notes: text('notes'),
    /** Values of the city's own fields by name (`custom_fields`); null when it has none. */
    custom: jsonb('custom'),
    /** What people state on who made it, as of this version of the device; null when nobody has. */
    statements: jsonb('statements'),
    profileId: uuid('profile_id').notNull(),
    /** What a row of a file without an asset tag is recognized by when it comes again. */
    importKey: text('import_key'),
    /** The file or feed it last came in by; null when it was registered by hand. */
    importSource: text('import_source'),
    importId: uuid('import_id'),
    assetTagFolded: folded('asset_tag'),
    serialNumberFolded: folded('serial_number'),
    externalIdFolded: folded('external_id'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  ['id'],
  (table) => [
    uniqueIndex('devices_asset_tag_key').on(table.jurisdictionId!, table.assetTag!),
    uniqueIndex('devices_import_key_key')
      .on(table.jurisdictionId!, table.importSource!, table.importKey!)
      .where(sql`import_key is not null`),
    // A reviewer or the operator names a device without its jurisdiction.
    index('devices_id_idx').on(table.id!),
    // By what a row of a file finds its device, however tag and number are written (`fold_key` in 0025).
    index('devices_tag_match_idx')
      .on(table.jurisdictionId!, table.assetTagFolded!)
      .where(sql`asset_tag_folded is not null`),
    index('devices_serial_match_idx')
      .on(table.jurisdictionId!, table.serialNumberFolded!)
      .where(sql`serial_number_folded is not null`),
    index('devices_mac_match_idx')
      .on(table.jurisdictionId!, table.macAddress!)
      .where(sql`mac_address is not null`),
    index('devices_external_match_idx')
      .on(table.jurisdictionId!, table.externalIdFolded!)
      .where(sql`external_id_folded is not null`),
    index('devices_site_idx').on(table.jurisdictionId!, table.siteId!),
    index('devices_profile_idx').on(table.jurisdictionId!, table.profileId!),
    foreignKey({
      name: 'devices_site_fk',
      columns: [table.jurisdictionId!, table.siteId!],
      foreignColumns: [sites.jurisdictionId, sites.id],
    }),
    foreignKey({
      name: 'devices_profile_fk',
      columns: [table.jurisdictionId!, table.profileId!],
      foreignColumns: [profiles.jurisdictionId, profiles.id],
    }),
  ],
)

/** Where a version of a device came from, for when an import is undone. */
export interface CameBy {
  readonly importKey: string | null
  readonly importSource: string | null
  readonly importId: string | null
}

/** Fields that the city adds to its devices. What was removed stays, for files of past days. */
export const customFields = tenantTable(
  'custom_fields',
  {
    id: uuid('id').notNull(),
    /** What values are kept by; it never changes. */
    name: text('name').notNull(),
    label: text('label').notNull(),
    type: text('type').notNull(),
    /** Of a choice; empty for other types. */
    choices: text('choices').array().notNull(),
    description: text('description'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    removedAt: instant('removed_at'),
  },
  ['id'],
  (table) => [
    uniqueIndex('custom_fields_name_key')
      .on(table.jurisdictionId!, table.name!)
      .where(sql`removed_at is null`),
    uniqueIndex('custom_fields_label_key')
      .on(table.jurisdictionId!, sql`lower(label)`)
      .where(sql`removed_at is null`),
    foreignKey({
      name: 'custom_fields_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)

/** Versions that are no longer current, with the time in which each was. */
export const deviceHistory = tenantTable(
  'device_history',
  {
    deviceId: uuid('device_id').notNull(),
    version: integer('version').notNull(),
    // json, not jsonb: a past version is told again byte for byte.
    snapshot: json('snapshot').notNull(),
    /** Names of the fields that the next version changed; null when the device was deleted. */
    changedFields: text('changed_fields').array(),
    validFrom: instant('valid_from').notNull(),
    validTo: instant('valid_to').notNull(),
    endedBy: text('ended_by').notNull(),
    importId: uuid('import_id'),
    requestId: text('request_id'),
    /** By which file, feed and key the version was known; null for versions that ended before this was kept. */
    cameBy: jsonb('came_by').$type<CameBy>(),
  },
  ['deviceId', 'version'],
  (table) => [
    index('device_history_device_idx').on(table.deviceId!),
    index('device_history_time_idx').on(table.jurisdictionId!, table.validTo!),
  ],
)

export const imports = tenantTable(
  'imports',
  {
    id: uuid('id').notNull(),
    source: text('source').notNull(),
    fileName: text('file_name'),
    /** SHA-256 of the bytes as they came, hex. */
    digest: char('digest', { length: 64 }).notNull(),
    bytes: bigint('bytes', { mode: 'number' }).notNull(),
    report: jsonb('report').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    /** When it was taken back, by whom, and what that did. */
    undoneAt: instant('undone_at'),
    undoneBy: text('undone_by'),
    undone: jsonb('undone'),
  },
  ['id'],
)

/** How the columns and words of a list that comes again are read. */
export const importMappings = tenantTable(
  'import_mappings',
  {
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    /** The feed it is for; null for every one. */
    source: text('source'),
    mapping: jsonb('mapping').$type<Record<string, string | number | null>>().notNull(),
    /** By field, the city's own words. */
    words: jsonb('words').$type<Record<string, Record<string, string>>>(),
    dateOrder: text('date_order').$type<'mdy' | 'dmy'>(),
    /** Of the file it was made for; null where only the columns that it names have to be there. */
    headers: text('headers').array(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  ['id'],
  (table) => [
    uniqueIndex('import_mappings_name_key').on(table.jurisdictionId!, sql`lower(name)`),
    foreignKey({
      name: 'import_mappings_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)

/** What a merge moved from one device to the other. */
export interface MovedByMerge {
  /** Version of the device that stayed before it; null where its fields stayed as they were. */
  readonly keptVersion: number | null
  /** The device that stayed: another than now when that became part of a third. */
  readonly keptId: string
  /** Keys of records, by their table. */
  readonly records: Readonly<Record<string, readonly string[]>>
  /** The same of records that name several devices; of `both` those that named both of the two. */
  readonly named: Readonly<
    Record<string, { readonly moved: readonly string[]; readonly both: readonly string[] }>
  >
  /** Places in plans that had both. */
  readonly plans: readonly Readonly<Record<string, unknown>>[]
  /** Devices that were part of the other before. */
  readonly merges: readonly string[]
}

/** Devices that were listed twice, and the one that each became part of. */
export const deviceMerges = tenantTable(
  'device_merges',
  {
    mergedId: uuid('merged_id').notNull(),
    intoId: uuid('into_id').notNull(),
    /** What rows of files still call it by. */
    assetTag: text('asset_tag'),
    assetTagFolded: folded('asset_tag'),
    importSource: text('import_source'),
    importKey: text('import_key'),
    /** What became the other's by it, so that it can be taken back; null for merges before this was kept. */
    moved: jsonb('moved').$type<MovedByMerge>(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  ['mergedId'],
  (table) => [
    index('device_merges_into_idx').on(table.jurisdictionId!, table.intoId!),
    index('device_merges_tag_idx')
      .on(table.jurisdictionId!, table.assetTagFolded!)
      .where(sql`asset_tag_folded is not null`),
  ],
)

/** Rows that were not taken, as they came less any credentials, with what is wrong with each. */
export const importRejects = tenantTable(
  'import_rejects',
  {
    importId: uuid('import_id').notNull(),
    row: integer('row').notNull(),
    cells: jsonb('cells').notNull(),
    errors: jsonb('errors').notNull(),
  },
  ['importId', 'row'],
  (table) => [
    foreignKey({
      name: 'import_rejects_import_fk',
      columns: [table.jurisdictionId!, table.importId!],
      foreignColumns: [imports.jurisdictionId, imports.id],
    }).onDelete('cascade'),
  ],
)

/** What people state on who made a device; withdrawn, never deleted. */
export const makerStatements = tenantTable(
  'maker_statements',
  {
    id: uuid('id').notNull(),
    /** The device it was stated of, or by the example of which it was stated of a model. */
    deviceId: uuid('device_id').notNull(),
    scope: text('scope').notNull(),
    /** Name and model it holds for, as they are compared; null when it holds for the device alone. */
    subject: text('subject'),
    /** What the device said of itself then. */
    manufacturer: text('manufacturer'),
    model: text('model'),
    serialNumber: text('serial_number'),
    macAddress: text('mac_address'),
    makerId: text('maker_id'),
    basis: text('basis').notNull(),
    note: text('note'),
    statedOn: day('stated_on').notNull(),
    statedBy: text('stated_by').notNull(),
    /** Makers that other evidence pointed to then. */
    spokenFor: text('spoken_for').array().notNull(),
    keyId: text('key_id').notNull(),
    keyLabel: text('key_label').notNull(),
    confirmedAt: instant('confirmed_at'),
    confirmedBy: text('confirmed_by'),
    confirmedKeyId: text('confirmed_key_id'),
    confirmedKeyLabel: text('confirmed_key_label'),
    withdrawnAt: instant('withdrawn_at'),
    withdrawnBy: text('withdrawn_by'),
    withdrawnKeyLabel: text('withdrawn_key_label'),
    withdrawnReason: text('withdrawn_reason'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  ['id'],
  (table) => [
    index('maker_statements_device_idx').on(table.jurisdictionId!, table.deviceId!),
    index('maker_statements_subject_idx')
      .on(table.jurisdictionId!, table.subject!)
      .where(sql`withdrawn_at is null and subject is not null`),
    foreignKey({
      name: 'maker_statements_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)

/** Files on things of a city: photos of labels, letters, certificates. The bytes stand apart, so that lists are short. */
export const documents = tenantTable(
  'documents',
  {
    id: uuid('id').notNull(),
    /** `device`, `site`, `disposal`, `license` or `statement`, and the id of it. */
    ownerKind: text('owner_kind').notNull(),
    ownerId: uuid('owner_id').notNull(),
    name: text('name').notNull(),
    mediaType: text('media_type').notNull(),
    bytes: integer('bytes').notNull(),
    sha256: char('sha256', { length: 64 }).notNull(),
    note: text('note'),
    keyLabel: text('key_label').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    /** Its bytes are gone, and it no longer counts against the limit. */
    removedAt: instant('removed_at'),
    removedKeyLabel: text('removed_key_label'),
    removedReason: text('removed_reason'),
  },
  ['id'],
  (table) => [
    index('documents_owner_idx').on(table.jurisdictionId!, table.ownerKind!, table.ownerId!),
    foreignKey({
      name: 'documents_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)

/** In pieces, so that neither a move to another database nor an answer has to hold many files at once. */
export const documentParts = tenantTable(
  'document_parts',
  {
    documentId: uuid('document_id').notNull(),
    part: integer('part').notNull(),
    content: binary('content').notNull(),
  },
  ['documentId', 'part'],
  (table) => [
    foreignKey({
      name: 'document_parts_document_fk',
      columns: [table.jurisdictionId!, table.documentId!],
      foreignColumns: [documents.jurisdictionId, documents.id],
    }).onDelete('cascade'),
  ],
)
