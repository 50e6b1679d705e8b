/** A jurisdiction as screening reads it: what rules may know of it and the licenses and images it holds. */

import { inArray } from 'drizzle-orm'
import type { JurisdictionFacts } from '../catalogue/facts.ts'
import type { Tx } from '../db/database.ts'
import { jurisdictions } from '../db/schema/index.ts'
import type { FirmwareHoldings } from '../firmware-risk/holdings.ts'
import { notFound } from '../http/problems.ts'
import { holdingsColumn, type StoredHoldings } from './firmware-knowledge.ts'

type Row = typeof jurisdictions.$inferSelect

/** What the rules read of a jurisdiction, its version, and the zone its days are counted in. */
export interface JurisdictionContext {
  readonly id: string
  readonly facts: JurisdictionFacts
  readonly version: number
  readonly timezone: string
  readonly currency: string
  readonly firmware: FirmwareHoldings
}

/** Throws `not-found` when there is no such jurisdiction in the transaction's scope. */
export async function loadJurisdiction(tx: Tx, id: string): Promise<JurisdictionContext> {
  const context = (await loadJurisdictions(tx, [id])).get(id)
  if (!context) throw notFound('jurisdiction')
  return context
}

/** Several at once, by id. */
export async function loadJurisdictions(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, JurisdictionContext>> {
  if (ids.length === 0) return new Map()
  const rows = await tx
    .select({ row: jurisdictions, holdings: holdingsColumn })
    .from(jurisdictions)
    .where(inArray(jurisdictions.id, [...ids]))
  return new Map(rows.map(({ row, holdings }) => [row.id, toContext(row, holdings)]))
}

function toContext(row: Row, holdings: StoredHoldings): JurisdictionContext {
  return {
    firmware: { jurisdiction: row.id, timezone: row.timezone, ...holdings },
    id: row.id,
    version: row.version,
    timezone: row.timezone,
    currency: row.currency,
    facts: factsOf(row),
  }
}

/** What a rule may read of a jurisdiction. The one list of it. */
export function factsOf(row: { readonly [K in keyof JurisdictionFacts]: Row[K] }): JurisdictionFacts {
  return {
    country: row.country,
    state: row.state,
    kind: row.kind,
    federalContractor: row.federalContractor,
    sellsToFederal: row.sellsToFederal,
    defenseContract: row.defenseContract,
    receivesFccSupport: row.receivesFccSupport,
    sharesBulkData: row.sharesBulkData,
  }
}
