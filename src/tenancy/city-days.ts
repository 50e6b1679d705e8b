/** Days as the cities of a question count them: each in its own time zone, never in that of the machine. */
import { sql } from 'drizzle-orm'
import type { Database, Scope } from '../db/database.ts'
import { dayIn, type PlainDate } from '../lib/calendar.ts'

export interface CityDays {
  /** The day it is at an instant in one city. */
  dayOf(jurisdictionId: string, instant: Date): PlainDate
  /** For an answer over all of them: the earliest of their days, so that no city is ahead of its law. UTC without a city. */
  earliest(instant: Date): PlainDate
  latest(instant: Date): PlainDate
  /** The zone of a city, or with null the one that all of them share. Undefined where there is none. */
  zoneOf(jurisdictionId: string | null): string | undefined
  /** The day the first of their registers began, in its own zone; null without a city. */
  readonly registersFrom: PlainDate | null
}

/** Of an answer that needs no day. */
export const NO_CITIES: CityDays = daysOf([])

/** The zones of the cities in scope. */
export async function cityDays(database: Database, scope: Scope): Promise<CityDays> {
  const { rows } = await database.acrossJurisdictions(scope, (tx) =>
    tx.execute<{ id: string; timezone: string; from: PlainDate }>(sql`
      select id::text as id, timezone, (created_at at time zone timezone)::date::text as from from jurisdictions`),
  )
  return daysOf(rows)
}

function daysOf(rows: readonly { id: string; timezone: string; from: PlainDate }[]): CityDays {
  const zones = new Map(rows.map(({ id, timezone }) => [id, timezone]))
  const distinct = zones.size === 0 ? ['UTC'] : [...new Set(zones.values())]
  const days = (instant: Date) => distinct.map((zone) => dayIn(instant, zone)).toSorted()
  return {
    dayOf: (jurisdictionId, instant) => dayIn(instant, zones.get(jurisdictionId)),
    zoneOf: (jurisdictionId) => {
      if (jurisdictionId !== null) return zones.get(jurisdictionId)
      return zones.size > 0 && distinct.length === 1 ? distinct[0] : undefined
    },
    earliest: (instant) => days(instant)[0]!,
    latest: (instant) => days(instant).at(-1)!,
    registersFrom: rows.map(({ from }) => from).toSorted()[0] ?? null,
  }
}
