/** A moment of the past that a question about the register names: a day of each city, or one instant. */
import { type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { DomainError } from '../../http/problems.ts'
import { dayIn, isPlainDate, type PlainDate } from '../../lib/calendar.ts'
import { KnownAt, parseInstant, readKnownAt } from '../../screening/known-at.ts'
import type { CityDays } from '../../tenancy/city-days.ts'

/**
 * The end of a day, which comes at another instant in another time zone, or an instant, on which days differ. `lawOn`
 * is the day whose law counts where that is another one.
 */
export type AsOf = ({ readonly day: PlainDate } | { readonly instant: string }) & {
  readonly lawOn?: PlainDate
  /** The instant of the second clock, where it was asked. */
  readonly knownAt?: string
}

export const About = z
  .string()
  .refine(
    (value) => isPlainDate(value) || !Number.isNaN(parseInstant(value)),
    'must be YYYY-MM-DD or RFC 3339',
  )

export const AsOfQuery = {
  asOf: About.optional().meta({
    description:
      'the register and the law as they stood at the end of this day in the time zone of the jurisdiction, or at this instant; with `knownAt` the law of this day alone',
  }),
  knownAt: KnownAt.optional().meta({
    description:
      'what was on record at this instant, of devices, makers and law: later corrections and later versions of lists do not count. Vulnerabilities, licenses and releases are those on record now',
  }),
}

/** Both clocks of a question: when it was true, and when it was known. */
export interface TimesAsked {
  readonly asOf?: string | undefined
  readonly knownAt?: string | undefined
}

/** Throws `invalid-request` for a time that has not come in any of the cities. */
export function parseTimes({ asOf, knownAt }: TimesAsked, now: Date, cities: CityDays): AsOf | null {
  if (knownAt === undefined) return parseAsOf(asOf, now, cities)
  const instant = readKnownAt(knownAt, now)
  if (asOf === undefined) return { instant, knownAt: instant }
  const at = parseAsOf(asOf, now, cities)!
  return { instant, knownAt: instant, lawOn: 'day' in at ? at.day : cities.earliest(new Date(at.instant)) }
}

/** Throws `invalid-request` for a time that has not come in any of the cities. */
function parseAsOf(text: string | undefined, now: Date, cities: CityDays): AsOf | null {
  if (text === undefined) return null
  const asOf: AsOf = isPlainDate(text)
    ? { day: text }
    : { instant: new Date(parseInstant(text)).toISOString() }
  const isToCome =
    'day' in asOf ? asOf.day > cities.latest(now) : cities.latest(new Date(asOf.instant)) > cities.latest(now)
  if (isToCome) {
    throw new DomainError('invalid-request', 'The register of a day to come is not known.', {
      errors: [{ pointer: '?asOf', code: 'in-the-future', message: 'must not be after today' }],
    })
  }
  return asOf
}

/** Throws `invalid-request` for a time before any of the registers began: an empty table would read as "no devices". */
export function assertBegun(asOf: AsOf, { registersFrom, latest }: CityDays): void {
  const day = 'day' in asOf ? asOf.day : latest(new Date(asOf.instant))
  if (registersFrom === null || day >= registersFrom) return
  throw new DomainError('invalid-request', `No register was kept then; it begins on ${registersFrom}.`, {
    errors: [
      {
        pointer: '?asOf',
        code: 'before-register',
        message: `must not be before ${registersFrom}, the first day of the register`,
      },
    ],
  })
}

/** The day whose law counts in a city. */
export function lawDay(asOf: AsOf, timezone: string): PlainDate {
  return asOf.lawOn ?? ('day' in asOf ? asOf.day : dayIn(new Date(asOf.instant), timezone))
}

/** The day whose law counts in a city for a question with or without a past moment. */
export function dayAsked(asOf: AsOf | null, now: Date, cities: CityDays, jurisdictionId: string): PlainDate {
  if (asOf?.lawOn !== undefined) return asOf.lawOn
  if (asOf && 'day' in asOf) return asOf.day
  return cities.dayOf(jurisdictionId, asOf ? new Date(asOf.instant) : now)
}

/** The same for an answer over all of the cities. */
export function commonDay(asOf: AsOf | null, now: Date, cities: CityDays): PlainDate {
  if (asOf?.lawOn !== undefined) return asOf.lawOn
  if (asOf && 'day' in asOf) return asOf.day
  return cities.earliest(asOf ? new Date(asOf.instant) : now)
}

/** The last instant that belongs to it in the zone of `jurisdictions j`, to the microsecond that PostgreSQL keeps. */
export function lastInstant(asOf: AsOf): SQL {
  return 'day' in asOf
    ? sql`((${asOf.day}::date + 1)::timestamp at time zone j.timezone - interval '1 microsecond')`
    : sql`${asOf.instant}::timestamptz`
}
