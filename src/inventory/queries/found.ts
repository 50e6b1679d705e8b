/**
 * Filters on what was found out about devices: each as a condition on `profiles p` and as a question to a screening in
 * memory, side by side so that a past day is answered like today.
 */
import { type SQL, sql } from 'drizzle-orm'
import { UNKNOWN } from '../../http/schemas.ts'
import type { Identification } from '../../identification/identification.ts'
import { openOf } from '../../screening/left-out.ts'
import { findingsOf } from '../../screening/profiles.ts'
import type { Screening } from '../../screening/screen.ts'
import { type DeviceFilter, isAsked, NOBODY } from './device-filter.ts'

interface FoundFilter<V> {
  condition(value: V): SQL
  holds(screening: Screening, value: V): boolean
}

type Text = string | null

/** One of the values; `unknown` stands for none at all. */
function oneOf(column: string, read: (screening: Screening) => Text): FoundFilter<readonly string[]> {
  return {
    condition: (values) => {
      const known = values.filter((value) => value !== UNKNOWN)
      const branches: SQL[] = []
      if (known.length > 0) branches.push(sql`${sql.raw(column)} = any (${sql.param(known)}::text[])`)
      if (known.length < values.length) branches.push(sql`${sql.raw(column)} is null`)
      return sql`(${sql.join(branches, sql` or `)})`
    },
    holds: (screening, values) => values.includes(read(screening) ?? UNKNOWN),
  }
}

function noneOf<V>({ condition, holds }: FoundFilter<V>): FoundFilter<V> {
  return {
    condition: (value) => sql`${condition(value)} is not true`,
    holds: (screening, value) => !holds(screening, value),
  }
}

const maker = oneOf('p.maker_id', ({ identification }) => identification.maker)
const brand = oneOf('p.brand_id', ({ identification }) => identification.brand)

const CANDIDATES = sql.raw("p.identification -> 'candidates'")
const candidate: FoundFilter<readonly string[]> = {
  condition: (values) => {
    const known = values.filter((value) => value !== UNKNOWN)
    const among = sql`exists (select from jsonb_array_elements(${CANDIDATES}) c
      where c ->> 'vendor' = any (${sql.param(known)}::text[]))`
    return known.length === values.length ? among : sql`(${among} or jsonb_array_length(${CANDIDATES}) = 0)`
  },
  holds: ({ identification: { candidates } }, values) =>
    candidates.some(({ vendor }) => values.includes(vendor)) ||
    (candidates.length === 0 && values.includes(UNKNOWN)),
}

/** Somebody has stated that the maker cannot be found out, and that stands. */
export function isDecided({ evidence }: Pick<Identification, 'evidence'>): boolean {
  return evidence.some(({ kind, pointsTo }) => kind === 'person-statement' && pointsTo === null)
}

const NEEDS_DECISION = sql.raw(`(p.needs_review and not exists (
  select from jsonb_array_elements(p.identification -> 'evidence') e
  where e ->> 'kind' = 'person-statement' and e ->> 'pointsTo' is null))`)

const FOUND_FINDING = sql.raw(`exists (select 1 from answer_findings f
  where f.jurisdiction_id = p.jurisdiction_id and f.answer_id = p.answer_id)`)

const isTrue = (condition: SQL, value: boolean) => (value ? condition : sql`not ${condition}`)

type Asked = { [K in keyof DeviceFilter]-?: FoundFilter<NonNullable<DeviceFilter[K]>> }

/** But for `regime`, `activity` and `outcome`, which are one question together. */
const FILTERS = {
  maker,
  maker__not: noneOf(maker),
  brand,
  brand__not: noneOf(brand),
  candidate,
  candidate__not: noneOf(candidate),
  identificationStatus: oneOf('p.identification_status', ({ identification }) => identification.status),
  needsReview: {
    condition: (value) => sql`p.needs_review = ${value}`,
    holds: ({ identification }, value) => identification.needsReview === value,
  },
  needsDecision: {
    condition: (value) => isTrue(NEEDS_DECISION, value),
    holds: ({ identification }, value) =>
      (identification.needsReview && !isDecided(identification)) === value,
  },
  waitsFor: oneOf(`coalesce(p.waits_for, '${NOBODY}')`, (screening) => openOf(screening).waitsFor ?? NOBODY),
  cityQuestion: {
    condition: (values) => sql`p.city_questions && ${sql.param(values)}::text[]`,
    holds: (screening, values) =>
      openOf(screening).cityQuestions.some((one) => (values as readonly string[]).includes(one)),
  },
  hasFindings: {
    condition: (value) => isTrue(FOUND_FINDING, value),
    holds: (screening, value) => findingsOf(screening).length > 0 === value,
  },
  firmwareLevel: oneOf('p.firmware_level', ({ firmwareRisk }) => firmwareRisk.level),
  firmwareUrgency: oneOf('p.firmware_urgency', ({ firmwareRisk }) => firmwareRisk.urgency),
} satisfies Partial<Asked>

/** Filters that a profile answers without its devices. */
export const FOUND_NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(FILTERS),
  'regime',
  'activity',
  'outcome',
])

/** What of a question is about what was found out, each with what it asks. */
function askedOf(filter: DeviceFilter): [FoundFilter<unknown>, unknown][] {
  const asked = filter as Readonly<Record<string, unknown>>
  return Object.entries(FILTERS).flatMap(([name, one]): [FoundFilter<unknown>, unknown][] =>
    isAsked(asked[name]) ? [[one as FoundFilter<unknown>, asked[name]]] : [],
  )
}

export function foundConditions(filter: DeviceFilter): SQL[] {
  return askedOf(filter).map(([{ condition }, value]) => condition(value))
}

export function meetsFound(screening: Screening, filter: DeviceFilter): boolean {
  return askedOf(filter).every(([{ holds }, value]) => holds(screening, value))
}
