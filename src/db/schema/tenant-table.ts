/**
 * How a table of a jurisdiction is made.
 *
 * `jurisdiction_id` comes first in the primary key, in every unique key and in every foreign key, because keys leak
 * across tenants otherwise, and the same shape is what lets Citus distribute them. Row security: reads see the
 * jurisdictions in `app.jurisdictions`, writes only the one in `app.jurisdiction_id`. Neither is readable when unset:
 * the query fails.
 */
import { type SQL, sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  customType,
  date,
  type PgColumnBuilderBase,
  type PgTableExtraConfigValue,
  pgPolicy,
  pgRole,
  pgTable,
  primaryKey,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'

/** Works inside one jurisdiction, or reads inside a set of them. */
export const tenantRole = pgRole('svc_tenant').existing()

/** Works on shared tables; sees no row of a jurisdiction. */
export const operatorRole = pgRole('svc_operator').existing()

// Sub-selects so that PostgreSQL reads the setting once a query and not once a row. CASE and not OR: of an OR
// whose settings it cannot see, the planner believes that it leaves 5 % of a table, and plans badly after that.
export const readScope = (column: SQL) =>
  sql`case when (select current_setting('app.jurisdictions')) = '*' then true else ${column} = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end`

export const writeScope = (column: SQL) =>
  sql`${column} = (select current_setting('app.jurisdiction_id')::uuid)`

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
export function operatorRows(table: string): PgTableExtraConfigValue {
  const own = sql`jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid`
  return pgPolicy(`${table}_operator`, { for: 'all', to: operatorRole, using: own, withCheck: own })
}

/** Everybody reads the operator's own rows of the table. */
export function sharedRows(table: string): PgTableExtraConfigValue {
  const shared = sql`jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid`
  return pgPolicy(`${table}_shared`, { for: 'select', to: tenantRole, using: shared })
}

type Columns = Record<string, PgColumnBuilderBase>

export function tenantTable<C extends Columns>(
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

export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })

export const day = (name: string) => date(name, { mode: 'string' })

export const binary = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
