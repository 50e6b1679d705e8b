/** What the user of DATABASE_URL could do to the audit trail beside what the service lets it do. */
import { sql } from 'drizzle-orm'
import type { Tx } from './database.ts'

const RISKS = {
  isSuperuser: 'it is a superuser',
  bypassesRowSecurity: 'it has BYPASSRLS',
  makesRoles: 'it has CREATEROLE',
  ownsTables: 'it owns the tables, or may act as their owner',
  ownsSchema: 'it owns the database or its schema public',
  writesEverything: 'it is a member of a role that writes every table, file or program of the server',
  changesEntries: 'it may update, delete or truncate audit entries',
} as const

/** Why this session's own user could change or remove audit entries; empty when it could not. */
export async function auditRisks(tx: Tx): Promise<readonly string[]> {
  const { rows } = await tx.execute<Record<keyof typeof RISKS, boolean>>(sql`
    with audit as (
      select c.oid, c.relowner from pg_class c where c.oid in ('audit_events'::regclass, 'audit_chain'::regclass, 'audit_heads'::regclass)
    )
    select r.rolsuper as "isSuperuser", r.rolbypassrls as "bypassesRowSecurity", r.rolcreaterole as "makesRoles",
      exists (select from audit a where pg_has_role(r.oid, a.relowner, 'MEMBER')) as "ownsTables",
      pg_has_role(r.oid, (select nspowner from pg_namespace where nspname = 'public'), 'MEMBER') as "ownsSchema",
      exists (select from pg_roles p where p.rolname in ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program')
        and pg_has_role(r.oid, p.oid, 'MEMBER')) as "writesEverything",
      exists (select from audit a where has_table_privilege(r.oid, a.oid, 'UPDATE, DELETE, TRUNCATE')) as "changesEntries"
    from pg_roles r where r.rolname = session_user`)
  const found = rows[0]!
  return Object.entries(RISKS).flatMap(([risk, text]) => (found[risk as keyof typeof RISKS] ? [text] : []))
}
