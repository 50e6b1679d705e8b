/** What a snapshot asks, as it was understood: both clocks, the cities and the filters, each said in full. */
import { createHash } from 'node:crypto'
import { asc, inArray } from 'drizzle-orm'
import type { Database, Tx } from '../db/database.ts'
import { jurisdictions } from '../db/schema/index.ts'
import type { CustomField } from '../device/custom.ts'
import { DomainError } from '../http/problems.ts'
import { customFieldsOf } from '../inventory/custom-fields/store.ts'
import type { AsOf } from '../inventory/queries/as-of.ts'
import { assertBegun, lawDay, parseTimes } from '../inventory/queries/as-of.ts'
import { assertCustomFilter } from '../inventory/queries/custom-filter.ts'
import { type DeviceFilter, isAsked } from '../inventory/queries/device-filter.ts'
import { isPlainDate, type PlainDate } from '../lib/calendar.ts'
import { canonical } from '../lib/canonical.ts'
import { loadJurisdictions } from '../screening/context.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { readKnownAt } from '../screening/known-at.ts'
import { assertKnownIn } from '../screening/known-ids.ts'
import type { Services } from '../screening/services.ts'
import { type Principal, readScope } from '../tenancy/auth.ts'
import { type CityDays, cityDays } from '../tenancy/city-days.ts'
import { type Register, registerOf } from './model/clocks.ts'
import type { SnapshotWrite } from './schemas.ts'

export interface City {
  readonly id: string
  readonly name: string
  readonly state: string | null
  readonly timezone: string
  readonly lawAsOf: PlainDate
  /** Digest of what the rules read of the city beside its devices. */
  readonly context: string
}

export interface Understood {
  readonly cities: readonly City[]
  readonly filter: DeviceFilter
  readonly times: AsOf
  readonly knownAt: string
  readonly register: Register
  readonly knowledge: Knowledge
  /** The cities' own fields that there were. */
  readonly custom: readonly CustomField[]
  /** The body that asks the same again. */
  readonly body: Readonly<Record<string, unknown>>
}

/** Throws `invalid-request`. */
export async function understand(
  services: Pick<Services, 'database' | 'knowledgeAt'>,
  principal: Principal,
  asked: SnapshotWrite,
  now: Date,
): Promise<Understood> {
  const { database, knowledgeAt } = services
  const found = await citiesAsked(database, principal, asked.jurisdictionIds)
  const ids = found.map(({ id }) => id)
  const days = await cityDays(database, ids)
  const knownAt =
    asked.knownAt === undefined ? now.toISOString() : readKnownAt(asked.knownAt, now, '/knownAt')
  const register = registerOf(asked, isOver(asked.asOf, new Date(knownAt), days))
  const times = timesOf({ ...asked, knownAt, register }, now, days)
  assertBegun(times, days)
  const knowledge = await knowledgeAt(knownAt)
  const filter: DeviceFilter = { ...asked.filter, jurisdictionId: [] }
  const reading = <T>(read: (tx: Tx) => Promise<T>) => database.acrossJurisdictions(ids, read)
  await assertKnownIn(reading, filter, knowledge)
  await assertCustomFilter(reading, ids, filter, '/filter/custom/')
  const custom = await reading((tx) => customFieldsOf(tx, ids, { alsoRemoved: true, knownAt }))
  const contexts = await contextsOf(database, ids, knownAt)
  const cities = found.map((city) => ({
    ...city,
    lawAsOf: lawDay(times, city.timezone),
    context: contexts.get(city.id)!,
  }))
  const body = {
    jurisdictionIds: ids,
    filter: Object.fromEntries(Object.entries(asked.filter).filter(([, value]) => isAsked(value))),
    ...(asked.asOf === undefined ? {} : { asOf: asked.asOf }),
    knownAt,
    register,
  }
  return { cities, filter, times, knownAt, register, knowledge, custom, body }
}

/** Whether a day is over in every city, or an instant has come, at another instant. */
function isOver(asOf: string | undefined, at: Date, days: CityDays): boolean {
  if (asOf === undefined) return false
  return isPlainDate(asOf) ? asOf < days.earliest(at) : Date.parse(asOf) <= at.getTime()
}

/** Throws `invalid-request` for a moment of the register that has not come. */
function timesOf(
  {
    asOf,
    knownAt,
    register,
  }: { readonly asOf?: string | undefined; readonly knownAt: string; readonly register: Register },
  now: Date,
  days: CityDays,
): AsOf {
  if (register === 'knownAt') return parseTimes({ asOf, knownAt }, now, days)!
  if (asOf !== undefined && isOver(asOf, new Date(knownAt), days)) return parseTimes({ asOf }, now, days)!
  throw new DomainError('invalid-request', 'The register of a day that is not over is not known.', {
    errors: [{ pointer: '/register', code: 'not-over', message: 'needs an asOf that is over at knownAt' }],
  })
}

interface CityRow {
  readonly id: string
  readonly name: string
  readonly state: string | null
  readonly timezone: string
}

/** The cities asked for, or all that the key may see, by id. Throws `invalid-request` naming those that are not there. */
async function citiesAsked(
  database: Database,
  principal: Principal,
  asked: readonly string[] | undefined,
): Promise<CityRow[]> {
  const scope = readScope(principal, asked)
  const found = await database.acrossJurisdictions(scope, (tx) =>
    tx
      .select({
        id: jurisdictions.id,
        name: jurisdictions.name,
        state: jurisdictions.state,
        timezone: jurisdictions.timezone,
      })
      .from(jurisdictions)
      .where(scope === 'all' ? undefined : inArray(jurisdictions.id, [...scope]))
      .orderBy(asc(jurisdictions.id)),
  )
  const known = new Set(found.map(({ id }) => id))
  const errors = (asked ?? []).flatMap((id, i) =>
    known.has(id)
      ? []
      : [{ pointer: `/jurisdictionIds/${i}`, code: 'unknown', message: 'is no city that this key may see' }],
  )
  if (errors.length > 0)
    throw new DomainError('invalid-request', 'Some of the cities are not known.', { errors })
  return found
}

/** Cities whose facts are read at once. */
const AT_ONCE = 200

/** Digests of what rules read of cities, and the licenses they hold: read again at the end, they show that nothing changed. */
export async function contextsOf(
  database: Database,
  ids: readonly string[],
  knownAt: string,
): Promise<Map<string, string>> {
  const digests = new Map<string, string>()
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE)
    const contexts = await database.acrossJurisdictions(some, (tx: Tx) =>
      loadJurisdictions(tx, some, knownAt),
    )
    for (const [id, { facts, firmware, timezone, localLaws, customLabels }] of contexts) {
      const laws = localLaws.length === 0 ? {} : { localLaws }
      const text = canonical({ facts, firmware, timezone, customLabels, ...laws })
      digests.set(id, createHash('sha256').update(text).digest('hex'))
    }
  }
  return digests
}

/** For a person: the moment at which the register was read. */
export function registerWords({ times }: Pick<Understood, 'times'>): string {
  return 'day' in times ? `the end of ${times.day} in each city` : times.instant
}
