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
    /** First characters, shown so that a person can tell keys apart. */
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
    /** Determinations that somebody has to know of, as JSON text ready to send. */
    findings: text('findings').notNull(),
    /** `regime/activity` -> outcome, all of them. */
    outcomes: jsonb('outcomes').notNull(),
    headline: jsonb('headline').notNull(),
    identificationStatus: text('identification_status').notNull(),
    needsReview: boolean('needs_review').notNull(),
    brandId: text('brand_id'),
    makerId: text('maker_id'),
    confidence: doublePrecision('confidence').notNull(),
    /** What the answer was computed from. */
    knowledgeVersion: integer('knowledge_version').notNull(),
    jurisdictionVersion: integer('jurisdiction_version').notNull(),
    asOf: day('as_of').notNull(),
    /** First day on which the answer may differ; null when no dated change is known. */
    validUntil: day('valid_until'),
    deviceCount: integer('device_count').notNull().default(0),
    evaluatedAt: instant('evaluated_at').notNull(),
  },
  ['id'],
  (table) => [
    index('profiles_maker_idx').on(table.jurisdictionId!, table.makerId!),
    index('profiles_stale_idx').on(table.knowledgeVersion!, table.validUntil!),
    foreignKey({
      name: 'profiles_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)

/** One row for each finding of a profile, for filters and for national totals. */
export const profileFindings = tenantTable(
  'profile_findings',
  {
    profileId: uuid('profile_id').notNull(),
    regimeId: text('regime_id').notNull(),
    activity: text('activity').notNull(),
    outcome: text('outcome').notNull(),
  },
  ['profileId', 'regimeId', 'activity'],
  (table) => [
    index('profile_findings_regime_idx').on(
      table.jurisdictionId!,
      table.regimeId!,
      table.activity!,
      table.outcome!,
    ),
    foreignKey({
      name: 'profile_findings_profile_fk',
      columns: [table.jurisdictionId!, table.profileId!],
      foreignColumns: [profiles.jurisdictionId, profiles.id],
    }).onDelete('cascade'),
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

/* ---------------------------------------------------------------- audit and idempotency */

export const auditEvents = tenantTable(
  'audit_events',
  {
    id: uuid('id').notNull(),
    at: instant('at').notNull(),
    /** The key's id, or `operator` for the command line. */
    actor: text('actor').notNull(),
    actorRole: text('actor_role').notNull(),
    action: text('action').notNull(),
    target: text('target'),
    detail: jsonb('detail').notNull(),
    requestId: text('request_id'),
    remoteAddress: text('remote_address'),
  },
  ['id'],
  () => [operatorRows('audit_events')],
)

export const idempotencyKeys = tenantTable(
  'idempotency_keys',
  {
    keyId: uuid('key_id').notNull(),
    idempotencyKey: text('idempotency_key').notNull(),
    requestDigest: char('request_digest', { length: 64 }).notNull(),
    status: integer('status'),
    location: text('location'),
    body: jsonb('body'),
    createdAt: instant('created_at').notNull(),
  },
  ['keyId', 'idempotencyKey'],
  () => [operatorRows('idempotency_keys')],
)
