/** A jurisdiction as screening reads it: what rules may know of it and the licenses and images it holds. */

import { inArray, type SQL, sql } from 'drizzle-orm'
import type { JurisdictionFacts } from '../catalogue/facts.ts'
import type { Tx } from '../db/database.ts'
import { jurisdictions, localLaws } from '../db/schema/index.ts'
import type { FirmwareHoldings } from '../firmware-risk/holdings.ts'
import { notFound } from '../http/problems.ts'
import type { Labels } from '../identification/mentions.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { holdingsColumn, type StoredHoldings } from './firmware-knowledge.ts'
import { type LocalLaw, lawsKnownAt } from './local-law.ts'

type Row = typeof jurisdictions.$inferSelect

/** What the rules read of a jurisdiction, its version, and the zone its days are counted in. */
export interface JurisdictionContext {
  readonly id: string
  readonly facts: JurisdictionFacts
  readonly version: number
  readonly timezone: string
  readonly currency: string
  readonly firmware: FirmwareHoldings
  /** Laid down by itself, or by its state. */
  readonly localLaws: readonly LocalLaw[]
  /** What it calls the fields that it added to its devices, by their names. */
  readonly customLabels: Labels
}

/** Laws that bind a row of `jurisdictions`: its own, and those of its state; of any state while that is not known. */
export const localLawsColumn: SQL<readonly LocalLaw[]> = sql`(
  select coalesce(json_agg(json_build_object('id', l.id, 'doc', l.doc, 'recordedAt', l.recorded_at,
    'withdrawnAt', l.withdrawn_at, 'endsOn', l.ends_on) order by l.id), '[]')
  from local_laws l where l.jurisdiction_id = jurisdictions.id
    or (l.jurisdiction_id = ${OPERATOR_ID}::uuid and jurisdictions.country = 'US'
      and coalesce(jurisdictions.state, l.state) = l.state))`

/** As they are called now, or were last: of a field that was removed, past versions of devices have values. */
const customLabelsColumn: SQL<Labels> = sql`(
  select coalesce(json_object_agg(f.name, f.label order by f.name), '{}') from (
    select distinct on (c.name) c.name, c.label from custom_fields c
    where c.jurisdiction_id = jurisdictions.id order by c.name, c.removed_at desc nulls first) f)`

/** Laws that states have laid down for their cities, as they bind a body that is stated. */
export async function lawsOfStates(
  tx: Tx,
  { country, state }: Pick<JurisdictionFacts, 'country' | 'state'>,
  knownAt: string | undefined,
): Promise<readonly LocalLaw[]> {
  if ((country ?? 'US') !== 'US') return []
  const rows = await tx
    .select()
    .from(localLaws)
    .where(
      sql`${localLaws.jurisdictionId} = ${OPERATOR_ID}::uuid and coalesce(${state}::text, ${localLaws.state}) = ${localLaws.state}`,
    )
    .orderBy(localLaws.id)
  return lawsKnownAt(rows.map(toLaw), knownAt)
}

const toLaw = ({ id, doc, recordedAt, withdrawnAt, endsOn }: typeof localLaws.$inferSelect): LocalLaw => ({
  ...{ id, recordedAt, withdrawnAt, endsOn },
  doc: doc as LocalLaw['doc'],
})

/** All laws of places that a transaction sees. */
export async function lawsInScope(tx: Tx): Promise<readonly LocalLaw[]> {
  return (await tx.select().from(localLaws).orderBy(localLaws.id)).map(toLaw)
}

/**
 * `knownAt`: with the local laws that were on record then. Throws `not-found` when there is no such jurisdiction in the
 * transaction's scope.
 */
export async function loadJurisdiction(
  tx: Tx,
  id: string,
  knownAt?: string | undefined,
): Promise<JurisdictionContext> {
  const context = (await loadJurisdictions(tx, [id], knownAt)).get(id)
  if (!context) throw notFound('jurisdiction')
  return context
}

/** Several at once, by id. */
export async function loadJurisdictions(
  tx: Tx,
  ids: readonly string[],
  knownAt?: string | undefined,
): Promise<Map<string, JurisdictionContext>> {
  if (ids.length === 0) return new Map()
  const rows = await tx
    .select({
      row: jurisdictions,
      holdings: holdingsColumn,
      laws: localLawsColumn,
      labels: customLabelsColumn,
    })
    .from(jurisdictions)
    .where(inArray(jurisdictions.id, [...ids]))
  return new Map(
    rows.map(({ row, holdings, laws, labels }) => [
      row.id,
      toContext(row, holdings, { localLaws: lawsKnownAt(laws, knownAt), customLabels: labels }),
    ]),
  )
}

function toContext(
  row: Row,
  holdings: StoredHoldings,
  own: Pick<JurisdictionContext, 'localLaws' | 'customLabels'>,
): JurisdictionContext {
  return {
    ...own,
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
