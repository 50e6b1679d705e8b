/** What planning reads of a jurisdiction, and how its faults are answered. */
import { eq } from 'drizzle-orm'
import type { JurisdictionFacts } from '../catalogue/facts.ts'
import type { Tx } from '../db/database.ts'
import { jurisdictions } from '../db/schema/index.ts'
import { DomainError, type FieldProblem, notFound } from '../http/problems.ts'
import { dayIn, type PlainDate } from '../lib/calendar.ts'
import { factsOf, localLawsColumn } from '../screening/context.ts'
import type { LocalLaw } from '../screening/local-law.ts'
import type { Role } from '../tenancy/auth.ts'
import { InvalidInput } from './model/errors.ts'

/** Who may write plans, quotes and funding sources. */
export const PLANNERS = [
  'admin',
  'city-admin',
  'city-budget',
  'city-editor',
] as const satisfies readonly Role[]

export interface City {
  readonly id: string
  readonly name: string
  readonly state: string | null
  readonly currency: string
  readonly timezone: string
  readonly fiscalYearStartMonth: number
  readonly facts: JurisdictionFacts
  readonly localLaws: readonly LocalLaw[]
}

/** Throws `not-found` when there is no such jurisdiction in the transaction's scope. */
export async function loadCity(tx: Tx, id: string): Promise<City> {
  const [found] = await tx
    .select({ row: jurisdictions, localLaws: localLawsColumn })
    .from(jurisdictions)
    .where(eq(jurisdictions.id, id))
  if (!found) throw notFound('jurisdiction')
  const { row, localLaws } = found
  return {
    localLaws,
    id: row.id,
    name: row.name,
    state: row.state,
    currency: row.currency,
    timezone: row.timezone,
    fiscalYearStartMonth: row.fiscalYearStartMonth,
    facts: factsOf(row),
  }
}

export function todayIn(city: City, now: Date): PlainDate {
  return dayIn(now, city.timezone)
}

/** Throws `currency-mismatch` unless the city plans in the catalog's currency: there is no rate to convert by. */
export function assertCurrency(currency: string, planned: string, pointer = '/currency'): void {
  if (currency === planned) return
  throw new DomainError(
    'currency-mismatch',
    `The plan is in ${planned}; ${currency} cannot be added to it, and there is no rate here to convert by.`,
    { errors: [{ pointer, code: 'currency-mismatch', message: `must be ${planned}` }] },
  )
}

/** Planning functions name what is wrong with their input; a caller is told all of it. */
export function toInvalidRequest(error: unknown, place: (pointer: string) => string = (p) => p): unknown {
  if (!(error instanceof InvalidInput)) return error
  const errors: FieldProblem[] = error.issues.map(({ pointer, detail }) => ({
    pointer: place(pointer),
    code: 'unplannable',
    message: detail,
  }))
  return new DomainError('invalid-request', 'The plan cannot be computed with this.', { errors })
}
