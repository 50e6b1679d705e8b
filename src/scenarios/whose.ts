/** Whose a scenario is, and over which cities it goes. */
import { asc, inArray } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { jurisdictions } from '../db/schema/index.ts'
import { DomainError, notFound } from '../http/problems.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { type Principal, readScope } from '../tenancy/auth.ts'
import type { ScenarioWrite } from './schemas.ts'

export interface ScenarioScope {
  /** `OPERATOR_ID` for one over several cities, which belongs to the key that asks. */
  readonly owner: string
  /** Sorted. */
  readonly cities: readonly string[]
}

/** Throws `not-found`, `invalid-request`. */
export async function scopeOfScenario(
  { database }: { readonly database: Database },
  principal: Principal,
  { jurisdictionId, cities }: Pick<ScenarioWrite, 'jurisdictionId' | 'cities'>,
): Promise<ScenarioScope> {
  if (cities !== undefined && (principal.jurisdictionId !== null || jurisdictionId !== undefined)) {
    throw new DomainError('invalid-request', 'The scenario is that of one city.', {
      errors: [{ pointer: '/cities', code: 'not-allowed', message: 'leave it out: one city is meant' }],
    })
  }
  if (principal.jurisdictionId !== null) {
    if (jurisdictionId !== undefined && jurisdictionId !== principal.jurisdictionId)
      throw notFound('jurisdiction')
    return { owner: principal.jurisdictionId, cities: [principal.jurisdictionId] }
  }
  const asked = jurisdictionId === undefined ? (cities ?? []) : [jurisdictionId]
  const found = await visibleCities(database, principal, asked)
  if (jurisdictionId !== undefined && found.length === 0) throw notFound('jurisdiction')
  const known = new Set(found)
  const errors = asked.flatMap((id, i) =>
    known.has(id)
      ? []
      : [{ pointer: `/cities/${i}`, code: 'unknown', message: 'is no city that this key may see' }],
  )
  if (errors.length > 0)
    throw new DomainError('invalid-request', 'Some of the cities are not known.', { errors })
  const isOneCitys = principal.role === 'admin' && jurisdictionId !== undefined
  return { owner: isOneCitys ? jurisdictionId : OPERATOR_ID, cities: found }
}

/** The cities that a key sees, or those of them that are asked for; sorted. */
export async function visibleCities(
  database: Database,
  principal: Principal,
  asked: readonly string[],
): Promise<string[]> {
  const scope = readScope(principal, asked)
  const rows = await database.acrossJurisdictions(scope, (tx) =>
    tx
      .select({ id: jurisdictions.id })
      .from(jurisdictions)
      .where(scope === 'all' ? undefined : inArray(jurisdictions.id, [...scope]))
      .orderBy(asc(jurisdictions.id)),
  )
  return rows.map(({ id }) => id)
}
