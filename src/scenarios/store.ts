/** Scenarios on record. Those over several cities belong to the key that asked, the others to their city. */
import { and, eq, getTableColumns, ne, type SQL, sql } from 'drizzle-orm'
import type { z } from 'zod'
import type { Database, Tx } from '../db/database.ts'
import { scenarios } from '../db/schema/index.ts'
import { orderBy, type Page, type PageAsked } from '../http/pages.ts'
import { DomainError, notFound } from '../http/problems.ts'
import { toInstant } from '../http/schemas.ts'
import { ascending, cutPage, descending, fromCursor, inScope } from '../http/table-pages.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { type Principal, readScope } from '../tenancy/auth.ts'
import type { ScenarioSummary } from './schemas.ts'

/** Of one owner. */
const KEPT_MOST = 500

export interface NewScenario {
  readonly id: string
  readonly name: string
  readonly inputsDigest: string
  readonly regimeId: string
  readonly effectiveOn: string
  readonly devicesHit: number
  /** JSON text. */
  readonly document: string
  readonly devices: string
}

export interface Owner {
  /** `OPERATOR_ID` for a scenario over several cities. */
  readonly jurisdictionId: string
  readonly keyId: string
}

/** Keeps a scenario. Gives false when it is there already. Throws `scenario-limit`. */
export async function keepScenario(tx: Tx, owner: Owner, scenario: NewScenario, now: Date): Promise<boolean> {
  const { document, devices, ...columns } = scenario
  const mine = owner.jurisdictionId === OPERATOR_ID ? sql`and key_id = ${owner.keyId}::uuid` : sql``
  const { rows } = await tx.execute<{ kept: number }>(sql`
    select count(*)::int as kept from scenarios where jurisdiction_id = ${owner.jurisdictionId}::uuid ${mine}`)
  if (rows[0]!.kept >= KEPT_MOST) {
    throw new DomainError(
      'scenario-limit',
      `${KEPT_MOST} scenarios are kept; remove one that is no longer needed.`,
    )
  }
  const made = await tx
    .insert(scenarios)
    .values({
      ...owner,
      ...columns,
      document: sql`${document}::json`,
      devices: sql`${devices}::json`,
      createdAt: now.toISOString(),
    })
    .onConflictDoNothing()
    .returning({ id: scenarios.id })
  return made.length > 0
}

/** A value of a scenario that the key may see. Throws `not-found`. */
async function readValue<T>(
  { database }: { readonly database: Database },
  principal: Principal,
  id: string,
  value: SQL<T>,
): Promise<T> {
  const read = async (tx: Tx, where: SQL | undefined) => {
    const [row] = await tx
      .select({ value })
      .from(scenarios)
      .where(and(eq(scenarios.id, id), where))
    return row?.value
  }
  const found =
    (await database.acrossJurisdictions(readScope(principal), (tx) =>
      read(tx, ne(scenarios.jurisdictionId, OPERATOR_ID)),
    )) ?? (await database.asOperator((tx) => read(tx, ownedBy(principal))))
  if (found === undefined) throw notFound('scenario')
  return found
}

type Finder = Parameters<typeof readValue>[0]

/** The stored text of a scenario that the key may see. Throws `not-found`. */
export function scenarioText(
  finder: Finder,
  principal: Principal,
  id: string,
  what: 'document' | 'devices',
): Promise<string> {
  return readValue(finder, principal, id, sql<string>`${scenarios[what]}::text`)
}

/** Whose a scenario is, of those the key may see. Throws `not-found`. */
export function ownerOfScenario(finder: Finder, principal: Principal, id: string): Promise<string> {
  return readValue(finder, principal, id, sql<string>`${scenarios.jurisdictionId}::text`)
}

/** A scenario over several cities is seen by the key that asked, while it still sees those cities; the operator sees all. */
function ownedBy({ role, keyId, scope, jurisdictionId }: Principal): SQL {
  if (role === 'admin') return sql`true`
  if (jurisdictionId !== null) return sql`false`
  const cities = sql`(select array_agg((c->>'jurisdictionId')) from json_array_elements(document->'cities') c)`
  const isInScope = scope === 'all' ? sql`true` : sql`${cities} <@ ${sql.param(scope)}::text[]`
  return sql`key_id = ${keyId}::uuid and ${isInScope}`
}

export interface ScenarioPages {
  readonly principal: Principal
  /** Of these cities; empty: what the key has asked itself. */
  readonly cities: readonly string[]
}

/** Newest first. */
export function scenarioPage(
  database: Database,
  { principal, cities }: ScenarioPages,
  page: PageAsked,
): Promise<Page<z.infer<typeof ScenarioSummary>>> {
  const own = principal.jurisdictionId !== null || cities.length > 0
  const scope = readScope(principal, cities)
  const order = descending(ascending(scenarios, 'createdAt', 'id'))
  const { document: _, devices: __, keyId: ___, ...columns } = getTableColumns(scenarios)
  const read = (where: SQL | undefined) => async (tx: Tx) => {
    const rows = await tx
      .select(columns)
      .from(scenarios)
      .where(and(where, fromCursor(order, page)))
      .orderBy(orderBy(order))
      .limit(page.limit + 1)
    return cutPage(rows, order, page, ({ regimeId, jurisdictionId, createdAt, ...row }) => ({
      ...row,
      jurisdictionId: jurisdictionId === OPERATOR_ID ? null : jurisdictionId,
      regime: regimeId,
      createdAt: toInstant(createdAt),
    }))
  }
  return own
    ? database.acrossJurisdictions(
        scope,
        read(and(inScope(scope), ne(scenarios.jurisdictionId, OPERATOR_ID))),
      )
    : database.asOperator(read(ownedBy(principal)))
}

/** Throws `not-found`. */
export async function removeScenario(tx: Tx, jurisdictionId: string, id: string): Promise<void> {
  const removed = await tx
    .delete(scenarios)
    .where(and(eq(scenarios.jurisdictionId, jurisdictionId), eq(scenarios.id, id)))
    .returning({ id: scenarios.id })
  if (removed.length === 0) throw notFound('scenario')
}
