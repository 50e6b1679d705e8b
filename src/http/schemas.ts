/** Small shapes that every feature uses. */
import { z } from 'zod'
import { isPlainDate } from '../lib/calendar.ts'
import { parseIp } from '../lib/ip.ts'
import { isSeen } from '../lib/letters.ts'
import { STATES } from '../lib/states.ts'

export const Id = z.guid('must be a UUID').toLowerCase().meta({ description: 'UUID' })

export const Sha256 = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/, 'must have 64 hex digits')
  .toLowerCase()

export const Day = z
  .string()
  .refine(isPlainDate, 'must be a real day written YYYY-MM-DD')
  .meta({ format: 'date', examples: ['2026-11-24'] })

/** A day that is counted from, day by day: beyond these years nobody plans. */
export const PlannedDay = Day.refine(
  (day) => day >= '1970-01-01' && day <= '2199-12-31',
  'must lie between 1970-01-01 and 2199-12-31',
)

export const Instant = z.string().meta({ format: 'date-time', description: 'RFC 3339, UTC' })

/** Text a person typed: trimmed, without NUL (which PostgreSQL cannot hold) or lone surrogates. */
export function text(max: number) {
  return z
    .string()
    .trim()
    .max(max, `must have at most ${max} characters`)
    .refine((value) => !value.includes('\0'), 'must not contain NUL')
    .refine((value) => !/\p{Surrogate}/u.test(value), 'must be well-formed Unicode')
}

export function someText(max: number) {
  return text(max).min(1, 'must not be empty')
}

/** What a person or a program is called: something of it has to be seen. */
export function nameText(max: number) {
  return someText(max).refine(isSeen, 'must have a letter or a digit')
}

/** A query parameter that may be given once or several times; always read as an array. */
export function repeatable<T extends z.ZodType>(item: T) {
  return z
    .union([z.array(item), item])
    .optional()
    .transform(
      (value): z.output<T>[] =>
        (value === undefined ? [] : Array.isArray(value) ? value : [value]) as z.output<T>[],
    )
}

/** Word that stands for "not known" in a filter. */
export const UNKNOWN = 'unknown'

/** A mistyped state would leave its law out without a word, so only those that exist are taken. */
export const State = z
  .string()
  .refine((code) => STATES.has(code), 'must be a USPS code of a state such as TX')
  .meta({ pattern: '^[A-Z]{2}$', examples: ['TX'] })

export const Latitude = z.number().min(-90).max(90)
export const Longitude = z.number().min(-180).max(180)

export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as USD')
  .meta({ examples: ['USD'] })

export const Country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 code such as US')
  .meta({ examples: ['US'] })

export const IpAddress = z
  .string()
  .trim()
  .max(60)
  .transform((text, context): string => {
    const address = parseIp(text)
    if (address !== null) return address
    context.addIssue({ code: 'custom', message: 'must be an IPv4 or IPv6 address' })
    return z.NEVER
  })
  .meta({ description: 'IPv4 or IPv6 address', examples: ['10.20.30.40'] })

export const Cents = z
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .meta({ description: 'integer of minor units' })

export function pageOf<T extends z.ZodType>(id: string, item: T) {
  return z
    .object({ items: z.array(item), nextCursor: z.string().nullable() })
    .meta({ id, description: 'One page; `nextCursor` is null on the last' })
}

/** Instants as PostgreSQL writes them -> RFC 3339 in UTC. */
export function toInstant(text: string): string {
  return new Date(text).toISOString()
}
