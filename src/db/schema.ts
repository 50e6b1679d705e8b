/**
 * Every table on one page: the contract between features.
 *
 * Tables of a jurisdiction are made by `tenantTable`: `jurisdiction_id` comes first in the primary key, in
 * every unique key and in every foreign key, because keys leak across tenants otherwise, and the same shape is
 * what lets Citus distribute them. Row security: reads see the jurisdictions in `app.jurisdictions`,
 * writes only the one in `app.jurisdiction_id`. Neither is readable when unset: the query fails.
 */
import { type SQL, sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  boolean,
  char,
  date,
  doublePrecision,
  foreignKey,
  index,
  integer,
  json,
  jsonb,
  type PgColumnBuilderBase,
  type PgTableExtraConfigValue,
  pgPolicy,
  pgRole,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'

/** Works inside one jurisdiction, or reads inside a set of them. */
export const tenantRole = pgRole('svc_tenant').existing()
/** Works on shared tables; sees no row of a jurisdiction. */
export const operatorRole = pgRole('svc_operator').existing()

// Sub-selects so that PostgreSQL reads the setting once a query and not once a row. CASE and not OR: of an OR
// whose settings it cannot see, the planner believes that it leaves 5 % of a table, and plans badly after that.
const readScope = (column: SQL) =>
  sql`case when (select current_setting('app.jurisdictions')) = '*' then true else ${column} = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end`
const writeScope = (column: SQL) => sql`${column} = (select current_setting('app.jurisdiction_id')::uuid)`

function tenantPolicies(table: string): PgTableExtraConfigValue[] {
  const own = sql`jurisdiction_id`
  return [
    pgPolicy(`${table}_read`, { for: 'select', to: tenantRole, using: readScope(own) }),
    pgPolicy(`${table}_insert`, { for: 'insert', to: tenantRole, withCheck: writeScope(own) }),
    pgPolicy(`${table}_update`, {
      for: 'update',
      to: tenantRole,
      using: writeScope(own),
      withCheck: writeScope(own),
    }),
    pgPolicy(`${table}_delete`, { for: 'delete', to: tenantRole, using: writeScope(own) }),
  ]
}

/** A second door for the operator's own rows, which carry the nil id instead of a jurisdiction's. */
function operatorRows(table: string): PgTableExtraConfigValue {
  const own = sql`jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid`
  return pgPolicy(`${table}_operator`, { for: 'all', to: operatorRole, using: own, withCheck: own })
}

/** Everybody reads the operator's own rows of the table. */
function sharedRows(table: string): PgTableExtraConfigValue {
  const shared = sql`jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid`
  return pgPolicy(`${table}_shared`, { for: 'select', to: tenantRole, using: shared })
}

type Columns = Record<string, PgColumnBuilderBase>

function tenantTable<C extends Columns>(
  name: string,
  columns: C,
  key: readonly (keyof C & string)[],
  extra: (table: Record<string, AnyPgColumn>) => PgTableExtraConfigValue[] = () => [],
) {
  return pgTable(name, { jurisdictionId: uuid('jurisdiction_id').notNull(), ...columns }, (built) => {
    const table = built as unknown as Record<string, AnyPgColumn>
    return [
      primaryKey({
        name: `${name}_pkey`,
        columns: [table.jurisdictionId!, ...key.map((column) => table[column]!)] as [
          AnyPgColumn,
          ...AnyPgColumn[],
        ],
      }),
      ...tenantPolicies(name),
      ...extra(table),
    ]
  })
}

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })
const day = (name: string) => date(name, { mode: 'string' })

/* ---------------------------------------------------------------- tenants and credentials */

export const jurisdictions = pgTable(
  'jurisdictions',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    state: char('state', { length: 2 }),
    country: char('country', { length: 2 }).notNull(),
    kind: text('kind').notNull(),
    federalContractor: boolean('federal_contractor'),
    sellsToFederal: boolean('sells_to_federal'),
    defenseContract: boolean('defense_contract'),
    receivesFccSupport: boolean('receives_fcc_support'),
    sharesBulkData: boolean('shares_bulk_data'),
    fiscalYearStartMonth: smallint('fiscal_year_start_month').notNull(),
    timezone: text('timezone').notNull(),
    currency: char('currency', { length: 3 }).notNull(),
    population: integer('population'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('jurisdictions_name_key').on(table.country, sql`coalesce(state, '')`, sql`lower(name)`),
    pgPolicy('jurisdictions_read', { for: 'select', to: tenantRole, using: readScope(sql`id`) }),
    pgPolicy('jurisdictions_operator', {
      for: 'all',
      to: operatorRole,
      using: sql`true`,
      withCheck: sql`true`,
    }),
  ],
)

export const apiKeys = pgTable(
  'api_keys',
  {
    id: uuid('id').primaryKey(),
    /** First characters of a key that was made here, shown so that a person can tell keys apart; else `given`. */
    prefix: text('prefix').notNull(),
    /** SHA-256 of the key, hex. The key has 256 random bits, so a slow hash would add nothing. */
    keyHash: char('key_hash', { length: 64 }).notNull(),
    label: text('label').notNull(),
    role: text('role').notNull(),
    /** The one jurisdiction of a city role; null for admin and reviewer. */
    jurisdictionId: uuid('jurisdiction_id').references(() => jurisdictions.id),
    /** A reviewer's jurisdictions; null means all of them. */
    scope: uuid('scope').array(),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
    lastUsedAt: instant('last_used_at'),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  (table) => [uniqueIndex('api_keys_hash_key').on(table.keyHash)],
)

/* ---------------------------------------------------------------- knowledge */

export const knowledgeVersions = pgTable('knowledge_versions', {
  /** Counts up by one with each change of the reference data. */
  version: integer('version').primaryKey(),
  /** SHA-256 over all reference rows, hex. */
  digest: char('digest', { length: 64 }).notNull(),
  loadedAt: instant('loaded_at').notNull(),
  /** Rows added, changed and removed per table. */
  changes: jsonb('changes').notNull(),
})

/** A reference row: the columns that are filtered on, and the whole fact as JSON. */
export const manufacturers = pgTable(
  'manufacturers',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    kind: text('kind').notNull(),
    country: text('country'),
    doc: jsonb('doc').notNull(),
  },
  (table) => [index('manufacturers_name_idx').on(sql`lower(${table.name})`)],
)

export const relationships = pgTable(
  'relationships',
  {
    id: text('id').primaryKey(),
    childId: text('child_id')
      .notNull()
      .references(() => manufacturers.id),
    parentId: text('parent_id')
      .notNull()
      .references(() => manufacturers.id),
    kind: text('kind').notNull(),
    confidence: text('confidence').notNull(),
    doc: jsonb('doc').notNull(),
  },
  (table) => [
    index('relationships_child_idx').on(table.childId),
    index('relationships_parent_idx').on(table.parentId),
  ],
)

export const identifiers = pgTable('identifiers', {
  id: text('id').primaryKey(),
  manufacturerId: text('manufacturer_id')
    .notNull()
    .references(() => manufacturers.id),
  kind: text('kind').notNull(),
  confidence: text('confidence').notNull(),
  doc: jsonb('doc').notNull(),
})

export const models = pgTable(
  'models',
  {
    id: text('id').primaryKey(),
    manufacturerId: text('manufacturer_id')
      .notNull()
      .references(() => manufacturers.id),
    model: text('model').notNull(),
    deviceClass: text('device_class'),
    doc: jsonb('doc').notNull(),
  },
  (table) => [index('models_manufacturer_idx').on(table.manufacturerId, table.model)],
)

export const regimes = pgTable('regimes', {
  id: text('id').primaryKey(),
  title: text('title').notNull(),
  doc: jsonb('doc').notNull(),
})

export const listings = pgTable(
  'listings',
  {
    id: text('id').primaryKey(),
    regimeId: text('regime_id')
      .notNull()
      .references(() => regimes.id),
    /** Null for a listing of a class of products. */
    manufacturerId: text('manufacturer_id').references(() => manufacturers.id),
    listedFrom: day('listed_from'),
    listedTo: day('listed_to'),
    doc: jsonb('doc').notNull(),
  },
  (table) => [
    index('listings_regime_idx').on(table.regimeId),
    index('listings_manufacturer_idx').on(table.manufacturerId),
  ],
)

export const rules = pgTable('rules', {
  id: text('id').primaryKey(),
  regimeId: text('regime_id')
    .notNull()
    .references(() => regimes.id),
  doc: jsonb('doc').notNull(),
})

/* ---------------------------------------------------------------- the register */

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

/** What the rules say, once for all profiles of which they say the same; the id is a digest of it. Never changed. */
export const answers = tenantTable(
  'answers',
  {
    id: uuid('id').notNull(),
    /** Determinations that somebody has to know of, as JSON text ready to send. */
    findings: text('findings').notNull(),
    /** `regime/activity` -> outcome, all of them. */
    outcomes: jsonb('outcomes').notNull(),
  },
  ['id'],
  (table) => [
    foreignKey({
      name: 'answers_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)

/** One row for each finding of an answer, for filters and for national totals. */
export const answerFindings = tenantTable(
  'answer_findings',
  {
    answerId: uuid('answer_id').notNull(),
    regimeId: text('regime_id').notNull(),
    activity: text('activity').notNull(),
    outcome: text('outcome').notNull(),
  },
  ['answerId', 'regimeId', 'activity'],
  (table) => [
    index('answer_findings_regime_idx').on(
      table.jurisdictionId!,
      table.regimeId!,
      table.activity!,
      table.outcome!,
    ),
    foreignKey({
      name: 'answer_findings_answer_fk',
      columns: [table.jurisdictionId!, table.answerId!],
      foreignColumns: [answers.jurisdictionId, answers.id],
    }).onDelete('cascade'),
  ],
)

/**
 * A distinct combination of facts within one jurisdiction, and what the rules say of it.
 * The id is made from the facts, so two writers who meet the same facts name the same row.
 */
export const profiles = tenantTable(
  'profiles',
  {
    id: uuid('id').notNull(),
    /** The facts, canonical: what `identify` and `determine` read. */
    facts: jsonb('facts').notNull(),
    identification: jsonb('identification').notNull(),
    /** What the rules say of it. */
    answerId: uuid('answer_id').notNull(),
    headline: jsonb('headline').notNull(),
    identificationStatus: text('identification_status').notNull(),
    needsReview: boolean('needs_review').notNull(),
    brandId: text('brand_id'),
    makerId: text('maker_id'),
    confidence: doublePrecision('confidence').notNull(),
    /** Whom its open findings wait for: `person`, or `city` when its answers alone would do; null when none is open. */
    waitsFor: text('waits_for'),
    /** Facts of the jurisdiction that some open finding hangs on. */
    cityQuestions: text('city_questions').array().notNull().default(sql`'{}'`),
    /** What the answer was computed from. */
    knowledgeVersion: integer('knowledge_version').notNull(),
    jurisdictionVersion: integer('jurisdiction_version').notNull(),
    asOf: day('as_of').notNull(),
    /** First day on which the answer may differ; null when no dated change is known. */
    validUntil: day('valid_until'),
    deviceCount: integer('device_count').notNull().default(0),
    evaluatedAt: instant('evaluated_at').notNull(),
    /** Firmware risk as JSON text ready to send; null until it was evaluated. */
    firmwareRisk: text('firmware_risk'),
    firmwareLevel: text('firmware_level'),
    firmwareScore: smallint('firmware_score'),
    firmwareBand: text('firmware_band'),
    firmwareUrgency: text('firmware_urgency'),
    firmwareQueue: text('firmware_queue'),
    firmwareNeedsReview: boolean('firmware_needs_review'),
    firmwareCutOffOn: day('firmware_cut_off_on'),
    /** When the first action is due. */
    firmwareDueOn: day('firmware_due_on'),
    /** Since when it has been in its queue. */
    firmwareSince: day('firmware_since'),
    /** Sorts in the order of work. */
    firmwareOrder: text('firmware_order'),
    /** Whether it can be patched: `yes`, `no`, `unknown`. */
    firmwarePatch: text('firmware_patch'),
    /** What a designation of its maker would cost. */
    firmwareOutlook: text('firmware_outlook'),
    /** Ids of its open vulnerabilities. */
    firmwareVulnerabilities: text('firmware_vulnerabilities').array().notNull().default(sql`'{}'`),
    /** What the risk depends on, and the versions it was computed from. */
    firmwareSubjects: text('firmware_subjects').array().notNull().default(sql`'{all}'`),
    firmwareVersion: integer('firmware_version').notNull().default(0),
    firmwareRevision: integer('firmware_revision').notNull().default(0),
  },
  ['id'],
  (table) => [
    // The national work list, and a city's.
    index('profiles_work_idx')
      .on(sql`firmware_order collate "C"`, table.jurisdictionId!, table.id!)
      .where(sql`firmware_queue <> 'none' and device_count > 0`),
    index('profiles_city_work_idx')
      .on(table.jurisdictionId!, sql`firmware_order collate "C"`, table.id!)
      .where(sql`firmware_queue <> 'none' and device_count > 0`),
    index('profiles_vulnerabilities_idx').using('gin', table.firmwareVulnerabilities!),
    index('profiles_answer_idx').on(table.jurisdictionId!, table.answerId!),
    index('profiles_maker_idx').on(table.jurisdictionId!, table.makerId!),
    index('profiles_stale_idx').on(table.knowledgeVersion!, table.validUntil!),
    foreignKey({
      name: 'profiles_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
    foreignKey({
      name: 'profiles_answer_fk',
      columns: [table.jurisdictionId!, table.answerId!],
      foreignColumns: [answers.jurisdictionId, answers.id],
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
    department: text('department'),
    notes: text('notes'),
    profileId: uuid('profile_id').notNull(),
    /** What a row of a file without an asset tag is recognised by when it comes again. */
    importKey: text('import_key'),
    /** The file or feed it last came in by; null when it was registered by hand. */
    importSource: text('import_source'),
    importId: uuid('import_id'),
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
  },
  ['id'],
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

/* ---------------------------------------------------------------- firmware */

/** One row for each change of what everybody knows of firmware: imports of advisories, shared licences, releases. */
export const firmwareVersions = pgTable('firmware_versions', {
  version: integer('version').primaryKey(),
  /** `advisories`, `licence`, `release`, `reference`. */
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

/** The same for one jurisdiction's own licences, applications, images and weights. Subject '' counts revisions. */
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
    /** Id of the document within the feed; empty for a catalogue that is one document. */
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

/** Licences and waivers: the operator's rows hold for everybody. */
export const licences = tenantTable(
  'licences',
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
  () => [operatorRows('licences'), sharedRows('licences')],
)

/** Outbox of reminders, written with the licence; whoever delivers them marks them as sent. */
export const licenceReminders = tenantTable(
  'licence_reminders',
  {
    licenceId: uuid('licence_id').notNull(),
    /** `licence-end`, `report-due`. */
    about: text('about').notNull(),
    /** Last day of cover, or the day the report is due. */
    date: day('date').notNull(),
    daysBefore: smallint('days_before').notNull(),
    sendOn: day('send_on').notNull(),
    sentAt: instant('sent_at'),
  },
  ['licenceId', 'about', 'date', 'daysBefore'],
  (table) => [
    index('licence_reminders_due_idx').on(table.sendOn!).where(sql`sent_at is null`),
    foreignKey({
      name: 'licence_reminders_licence_fk',
      columns: [table.jurisdictionId!, table.licenceId!],
      foreignColumns: [licences.jurisdictionId, licences.id],
    }).onDelete('cascade'),
    operatorRows('licence_reminders'),
    sharedRows('licence_reminders'),
  ],
)

export const licenceApplications = tenantTable(
  'licence_applications',
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
    licenceId: uuid('licence_id'),
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
    index('firmware_installations_licence_idx').on(table.licenceId!),
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

/* ---------------------------------------------------------------- audit and idempotency */

export const auditEvents = tenantTable(
  'audit_events',
  {
    id: uuid('id').notNull(),
    at: instant('at').notNull(),
    /** The key's id, or `operator` for the command line. */
    actor: text('actor').notNull(),
    /** What the key was called then; null in entries that are older than the column. */
    actorLabel: text('actor_label'),
    actorRole: text('actor_role').notNull(),
    action: text('action').notNull(),
    target: text('target'),
    detail: jsonb('detail').notNull(),
    requestId: text('request_id'),
    remoteAddress: text('remote_address'),
  },
  ['id'],
  (table) => [
    operatorRows('audit_events'),
    // Who read a city's data: reads that named it, and reads of all that a key may see.
    index('audit_events_reads_named_idx')
      .using('gin', sql`(detail -> 'jurisdictions')`)
      .where(sql`action like '%.read'`),
    index('audit_events_reads_of_all_idx')
      .on(table.actor!, table.id!)
      .where(sql`action like '%.read' and (detail -> 'jurisdictions') is null`),
  ],
)

/**
 * The place of each audit entry in its jurisdiction's hash chain. Written at commit by a trigger that runs as the
 * owner of the tables (migrations/0012_audit_chain_trigger.sql); the roles of the service only read it.
 */
export const auditChain = tenantTable(
  'audit_chain',
  {
    /** Counts up from 1 without a gap. */
    sequence: bigint('sequence', { mode: 'number' }).notNull(),
    eventId: uuid('event_id').notNull(),
    /** SHA-256 over the hash before this one and the entry, hex. */
    hash: char('hash', { length: 64 }).notNull(),
  },
  ['sequence'],
  (table) => [
    uniqueIndex('audit_chain_event_key').on(table.jurisdictionId!, table.eventId!),
    operatorRows('audit_chain'),
  ],
)

/** The last link of each chain: whoever adds one locks this row first. */
export const auditHeads = tenantTable(
  'audit_heads',
  {
    sequence: bigint('sequence', { mode: 'number' }).notNull(),
    hash: char('hash', { length: 64 }).notNull(),
  },
  [],
  () => [operatorRows('audit_heads')],
)

export const idempotencyKeys = tenantTable(
  'idempotency_keys',
  {
    keyId: uuid('key_id').notNull(),
    idempotencyKey: text('idempotency_key').notNull(),
    requestDigest: char('request_digest', { length: 64 }).notNull(),
    status: integer('status'),
    /** `Location` and `ETag` of the answer, by lower-case name. */
    headers: jsonb('headers'),
    /** `json`, not `jsonb`: it is given again as it was. */
    body: json('body'),
    createdAt: instant('created_at').notNull(),
  },
  ['keyId', 'idempotencyKey'],
  () => [operatorRows('idempotency_keys')],
)

/* ---------------------------------------------------------------- long work */

/** Long work that was asked for and its outcome. Those of the operator have the operator's jurisdiction. */
export const jobs = tenantTable(
  'jobs',
  {
    id: uuid('id').notNull(),
    kind: text('kind').notNull(),
    /** `queued`, `running`, `succeeded`, `failed`, `canceled`. */
    state: text('state').notNull(),
    /** What was asked for, as the operation of that kind reads it. */
    input: jsonb('input').notNull(),
    /** The folder in which the job's file waits; null when it has none, and any process can run it. */
    place: uuid('place'),
    keyId: uuid('key_id').notNull(),
    requestId: text('request_id'),
    remoteAddress: text('remote_address'),
    done: doublePrecision('done').notNull().default(0),
    total: doublePrecision('total').notNull().default(1),
    phase: text('phase').notNull(),
    /** Rises with each change that is told of. */
    version: integer('version').notNull().default(1),
    /** How often a process has begun it. */
    attempts: integer('attempts').notNull().default(0),
    /** The process that runs it, for as long as the lease lasts. */
    worker: uuid('worker'),
    leaseUntil: instant('lease_until'),
    cancelRequestedAt: instant('cancel_requested_at'),
    createdAt: instant('created_at').notNull(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
    result: jsonb('result'),
    problem: jsonb('problem'),
  },
  ['id'],
  (table) => [
    index('jobs_open_idx').on(table.createdAt!).where(sql`state in ('queued', 'running')`),
    operatorRows('jobs'),
  ],
)

/* ---------------------------------------------------------------- replacement planning */

/** A city's own price for a row of the cost catalogue. Quotes are added and withdrawn, never changed. */
export const costQuotes = tenantTable(
  'cost_quotes',
  {
    id: uuid('id').notNull(),
    code: text('code').notNull(),
    basis: text('basis').notNull(),
    currency: char('currency', { length: 3 }).notNull(),
    /** In the row's measure: whole cents, percent, hours or years. */
    low: doublePrecision('low').notNull(),
    expected: doublePrecision('expected').notNull(),
    high: doublePrecision('high').notNull(),
    quotedOn: day('quoted_on').notNull(),
    validUntil: day('valid_until'),
    source: text('source').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  ['id'],
  (table) => [
    index('cost_quotes_code_idx').on(table.jurisdictionId!, table.code!),
    foreignKey({
      name: 'cost_quotes_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)

/** Whose money: funds, grants, bonds of a city, with what they may pay and how much in which fiscal year. */
export const fundingSources = tenantTable(
  'funding_sources',
  {
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    isFederal: boolean('is_federal').notNull(),
    currency: char('currency', { length: 3 }).notNull(),
    /** Lower comes first. */
    priority: integer('priority').notNull(),
    periodFrom: day('period_from'),
    periodTo: day('period_to'),
    purposes: text('purposes').array(),
    activities: text('activities').array(),
    costKinds: text('cost_kinds').array(),
    paysBetterment: boolean('pays_betterment').notNull(),
    sharePercent: doublePrecision('share_percent').notNull(),
    totalCapCents: bigint('total_cap_cents', { mode: 'number' }),
    /** `[{ fiscalYear, cents }]`; null for no yearly limit. */
    yearCaps: jsonb('year_caps'),
    /** No longer read: the schedule lays a total over the years. */
    draw: text('draw').notNull(),
    /** Whether the work or the order has to fall into the period. */
    periodOf: text('period_of').notNull().default('work'),
    /** What a share is of: `award`, `fiscal-year` or `item`. */
    shareOf: text('share_of').notNull().default('award'),
    /** Ids of the sources that count as match; null for all that are not federal. */
    matchSources: uuid('match_sources').array(),
    carriesForward: boolean('carries_forward').notNull().default(false),
    citation: text('citation').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  ['id'],
  (table) => [
    uniqueIndex('funding_sources_name_key').on(table.jurisdictionId!, sql`lower(name)`),
    index('funding_sources_id_idx').on(table.id!),
    foreignKey({
      name: 'funding_sources_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)

export const plans = tenantTable(
  'plans',
  {
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    description: text('description'),
    /** The city's own number for the capital project. */
    projectNumber: text('project_number'),
    status: text('status').notNull(),
    /** Goes up by one with everything that an estimate or a schedule depends on. */
    revision: integer('revision').notNull().default(1),
    settings: jsonb('settings').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  ['id'],
  (table) => [
    uniqueIndex('plans_name_key').on(table.jurisdictionId!, sql`lower(name)`),
    index('plans_id_idx').on(table.id!),
    foreignKey({
      name: 'plans_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)

const ofPlan = (name: string, table: Record<string, AnyPgColumn>) =>
  foreignKey({
    name: `${name}_plan_fk`,
    columns: [table.jurisdictionId!, table.planId!],
    foreignColumns: [plans.jurisdictionId, plans.id],
  })

export const planRevisions = tenantTable(
  'plan_revisions',
  {
    planId: uuid('plan_id').notNull(),
    revision: integer('revision').notNull(),
    /** What was done: `created`, `settings`, `devices-added`, `devices-removed`. */
    change: text('change').notNull(),
    settings: jsonb('settings').notNull(),
    deviceCount: integer('device_count').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  ['planId', 'revision'],
  (table) => [ofPlan('plan_revisions', table).onDelete('cascade')],
)

/** Models that a plan may buy, as screened on the day they were named. */
export const planCandidates = tenantTable(
  'plan_candidates',
  {
    planId: uuid('plan_id').notNull(),
    id: uuid('id').notNull(),
    /** What was asked for: maker, model, price, support. */
    offer: jsonb('offer').notNull(),
    verdict: text('verdict').notNull(),
    screening: jsonb('screening').notNull(),
    screenedOn: day('screened_on').notNull(),
    knowledgeVersion: integer('knowledge_version').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  ['planId', 'id'],
  (table) => [ofPlan('plan_candidates', table).onDelete('cascade')],
)

/** Devices a plan replaces. One that leaves the register stays here and is reported as missing. */
export const planDevices = tenantTable(
  'plan_devices',
  {
    planId: uuid('plan_id').notNull(),
    deviceId: uuid('device_id').notNull(),
    scope: text('scope').notNull(),
    /** Row of the catalogue that prices the new device; null when none fits. */
    costCode: text('cost_code'),
    mount: text('mount').notNull(),
    candidateId: uuid('candidate_id'),
    legalHold: boolean('legal_hold').notNull(),
    legalHoldReason: text('legal_hold_reason'),
    addedAt: instant('added_at').notNull(),
  },
  ['planId', 'deviceId'],
  (table) => [
    ofPlan('plan_devices', table).onDelete('cascade'),
    index('plan_devices_device_idx').on(table.jurisdictionId!, table.deviceId!),
    foreignKey({
      name: 'plan_devices_candidate_fk',
      columns: [table.jurisdictionId!, table.planId!, table.candidateId!],
      foreignColumns: [planCandidates.jurisdictionId, planCandidates.planId, planCandidates.id],
    }),
  ],
)

/** An estimate is written once. `json`, not `jsonb`: it is told again byte for byte. */
export const planEstimates = tenantTable(
  'plan_estimates',
  {
    planId: uuid('plan_id').notNull(),
    id: uuid('id').notNull(),
    revision: integer('revision').notNull(),
    /** SHA-256 of everything the figures follow from, hex. */
    inputsDigest: char('inputs_digest', { length: 64 }).notNull(),
    document: json('document').notNull(),
    /** Lines with the three points of each factor: enough to compute the estimate again. */
    lines: json('lines').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  ['planId', 'id'],
  (table) => [
    ofPlan('plan_estimates', table),
    index('plan_estimates_digest_idx').on(table.jurisdictionId!, table.planId!, table.inputsDigest!),
  ],
)

export const planSchedules = tenantTable(
  'plan_schedules',
  {
    planId: uuid('plan_id').notNull(),
    id: uuid('id').notNull(),
    revision: integer('revision').notNull(),
    estimateId: uuid('estimate_id').notNull(),
    inputsDigest: char('inputs_digest', { length: 64 }).notNull(),
    document: json('document').notNull(),
    /** One row per line, fund and fiscal year. */
    lines: json('lines').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  ['planId', 'id'],
  (table) => [
    ofPlan('plan_schedules', table),
    foreignKey({
      name: 'plan_schedules_estimate_fk',
      columns: [table.jurisdictionId!, table.planId!, table.estimateId!],
      foreignColumns: [planEstimates.jurisdictionId, planEstimates.planId, planEstimates.id],
    }),
  ],
)

/** What really happened: orders, payments, completed sites, delays. Put right by a further entry. */
export const planActuals = tenantTable(
  'plan_actuals',
  {
    planId: uuid('plan_id').notNull(),
    id: uuid('id').notNull(),
    kind: text('kind').notNull(),
    occurredOn: day('occurred_on').notNull(),
    siteId: uuid('site_id'),
    fundingSourceId: uuid('funding_source_id'),
    amountCents: bigint('amount_cents', { mode: 'number' }),
    currency: char('currency', { length: 3 }),
    reference: text('reference'),
    vendor: text('vendor'),
    delayReason: text('delay_reason'),
    delayDays: integer('delay_days'),
    devicesDone: integer('devices_done'),
    note: text('note'),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  ['planId', 'id'],
  (table) => [
    ofPlan('plan_actuals', table),
    foreignKey({
      name: 'plan_actuals_site_fk',
      columns: [table.jurisdictionId!, table.siteId!],
      foreignColumns: [sites.jurisdictionId, sites.id],
    }),
    foreignKey({
      name: 'plan_actuals_funding_source_fk',
      columns: [table.jurisdictionId!, table.fundingSourceId!],
      foreignColumns: [fundingSources.jurisdictionId, fundingSources.id],
    }),
  ],
)

/** The certified end of a device. */
export const planDisposals = tenantTable(
  'plan_disposals',
  {
    planId: uuid('plan_id').notNull(),
    id: uuid('id').notNull(),
    deviceId: uuid('device_id').notNull(),
    /** What the device was, for when it has left the register. */
    device: jsonb('device').notNull(),
    method: text('method').notNull(),
    disposedOn: day('disposed_on').notNull(),
    party: text('party').notNull(),
    partyCertification: text('party_certification'),
    certificate: text('certificate'),
    witness: text('witness'),
    /** First day on which the record may be thrown away. */
    keepUntil: day('keep_until').notNull(),
    note: text('note'),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  ['planId', 'id'],
  (table) => [
    ofPlan('plan_disposals', table),
    uniqueIndex('plan_disposals_device_key').on(table.jurisdictionId!, table.deviceId!),
  ],
)
