/** What the rows of `data/` look like: a file that was edited by hand is refused whole, with the place that is wrong. */
import { z } from 'zod'
import type { DeviceClass } from './facts.ts'
import { ACTIVITIES, type Certainty, OUTCOMES } from './outcomes.ts'
import type { ReferenceData } from './reference-data.ts'
import { type Condition, LISTING_SCOPES, type OwnershipTest, type RegimeStatus } from './rules.ts'
import type { Confidence } from './vendors.ts'

/** Every field of a row and no other: the compiler misses one that is added to the row's type alone. */
type Fields<T> = { readonly [K in keyof Required<T>]: z.ZodType }
type ConditionKind = Condition extends infer C ? (C extends unknown ? keyof C : never) : never

const id = z.string().min(1)
const day = z.iso.date()
const text = z.string().min(1)
const words = text.nullable()
const pattern = z.string().refine(isPattern, 'is no regular expression')
const country = z.string().regex(/^[A-Z]{2}$/)
const oneOf = <T extends string>(...values: readonly T[]) => z.enum(values as readonly [T, ...T[]])

const confidence = oneOf<Confidence>('high', 'medium', 'low')
const certainty = oneOf<Certainty>('sure', 'reported', 'uncertain')
const outcomes = z.partialRecord(z.enum(ACTIVITIES), z.enum(OUTCOMES))
const period = { from: day.nullable(), to: day.nullable() }
const status = oneOf<RegimeStatus>('in-force', 'challenged', 'stayed', 'unknown', 'proposed', 'not-issued')
const read = { citation: text, asOf: day }

const Vendor = z.strictObject({
  id,
  name: text,
  kind: oneOf('maker', 'brand', 'subsidiary', 'holding', 'seller'),
  country: country.nullable(),
  matchable: z.boolean().optional(),
  names: z.array(
    z.strictObject({
      text,
      kind: oneOf('display', 'legal', 'alias', 'native', 'product-line', 'former', 'ticker'),
      weak: z.boolean().optional(),
    }),
  ),
  alsoMakes: z.array(oneOf('router', 'uas', 'robot', 'power-inverter')).optional(),
  producesIn: z.array(country).optional(),
  household: z.literal(false).optional(),
  notSameAs: z.array(text),
  notes: words,
  source: text,
  asOf: day,
  confidence,
} satisfies Fields<ReferenceData['vendors'][number]>)

const Relationship = z.strictObject({
  id,
  child: id,
  parent: id,
  kind: oneOf('subsidiary', 'affiliate', 'minority-stake', 'brand-of', 'relabels', 'uses-component'),
  ownershipPct: z.number().min(0).max(100).nullable(),
  ...period,
  modelPattern: pattern.nullable(),
  covers: oneOf('all', 'most', 'many', 'some').optional(),
  scope: words,
  confidence,
  ...read,
  notes: words,
} satisfies Fields<ReferenceData['relationships'][number]>)

const Identifier = z.strictObject({
  id,
  kind: oneOf('model-pattern', 'fcc-grantee', 'firmware-hint', 'mac-prefix', 'product-line'),
  vendor: id,
  value: pattern,
  component: z.boolean().optional(),
  deviceClass: text.optional(),
  scope: words,
  confidence,
  ...read,
  notes: words,
} satisfies Fields<ReferenceData['identifiers'][number]>)

const Model = z.strictObject({
  id,
  manufacturer: id,
  model: text,
  partNumber: words,
  deviceClass: words,
  source: text,
} satisfies Fields<ReferenceData['models'][number]>)

const filter = z.strictObject({
  regimes: z.array(id).optional(),
  purposeLimited: z.boolean().optional(),
  phase: text.optional(),
  untilPhase: text.optional(),
  withoutPhase: text.optional(),
  inherited: z.boolean().optional(),
})
const factAndDay = z.tuple([text, day])
/** One key, which says what kind of condition it is; a union of the kinds would try each in turn. */
const condition: z.ZodType = z.lazy(() => aCondition)
const aCondition = z
  .strictObject({
    all: z.array(condition),
    any: z.array(condition),
    not: condition,
    is: z.tuple([text, z.union([text, z.boolean()])]),
    in: z.tuple([text, z.array(text)]),
    onOrAfter: factAndDay,
    before: factAndDay,
    reached: filter,
    affiliated: z.literal(true),
    listedClass: z.strictObject({ phase: text.optional() }),
    beforeListing: text,
    beforePhase: z.tuple([text, text]),
    regimeIs: z.tuple([z.literal('bindsCities'), z.boolean().nullable()]),
  } satisfies Record<ConditionKind, z.ZodType>)
  .partial()
  .refine((given) => Object.keys(given).length === 1, 'must be one kind of condition')

const instant = z.iso.datetime({ offset: true }).nullable()
const Regime = z.strictObject({
  id,
  title: text,
  authority: text,
  citation: text,
  certainty,
  binds: text,
  bindsCities: z.boolean().nullable(),
  jurisdiction: z.string().regex(/^[A-Z]{2}(-[A-Z]{2})?$/),
  listOf: id.nullable(),
  ownership: oneOf<OwnershipTest>('named-only', 'any-affiliate', 'fifty-percent'),
  reachesParts: z.boolean().optional(),
  ownershipOn: oneOf('production', 'transaction'),
  activities: z.array(z.enum(ACTIVITIES)),
  periods: z.array(z.strictObject({ ...period, status, note: words })),
  // Of what operators confirmed, and of what a city or a state made for itself; no data file has them.
  shippedPeriods: z.never().optional(),
  isLocal: z.never().optional(),
  licensing: z.strictObject({ general: outcomes, specific: outcomes }).nullable(),
  generalLicenses: z
    .array(
      z.strictObject({
        id,
        name: text,
        entities: z.union([z.literal('any'), z.array(id)]),
        program: words.optional(),
        includesOwned: z.boolean().optional(),
        activities: z.array(z.enum(ACTIVITIES)),
        from: instant,
        to: instant,
        when: condition.nullable().optional(),
      }),
    )
    .optional(),
  notes: words,
  asOf: day,
} satisfies Fields<ReferenceData['regimes'][number]>)

const Listing = z.strictObject({
  id,
  regime: id,
  vendor: id.nullable(),
  name: text,
  program: words.optional(),
  ...period,
  scope: z.enum(LISTING_SCOPES),
  class: z
    .strictObject({
      deviceClass: text as z.ZodType<DeviceClass>,
      producedOutside: country,
      consumerOnly: z.boolean(),
      except: text,
    })
    .nullable(),
  purposeLimited: z.boolean(),
  // Of listings that a scenario supposes; no list has it.
  byNameUnder: z.never().optional(),
  isNamed: z.literal(false).optional(),
  unconfirmed: z.boolean().optional(),
  phases: z.record(text, day),
  certainty,
  notes: words,
  ...read,
} satisfies Fields<ReferenceData['listings'][number]>)

const Rule = z.strictObject({
  id,
  regime: id,
  row: z.int().nullable(),
  inForce: z.strictObject(period),
  during: z.array(status),
  when: condition,
  outcomes,
  whileUnknown: z.array(z.strictObject({ facts: z.array(text), outcomes, because: text })).optional(),
  because: text,
  certainty,
  ...read,
} satisfies Fields<ReferenceData['rules'][number]>)

const ROWS: Readonly<Record<keyof ReferenceData, z.ZodType>> = {
  vendors: Vendor,
  relationships: Relationship,
  identifiers: Identifier,
  models: Model,
  regimes: Regime,
  listings: Listing,
  rules: Rule,
}

function isPattern(value: string): boolean {
  try {
    return new RegExp(value, 'i') !== null
  } catch {
    return false
  }
}

/** Throws an Error that names the file, the row and the field which is not what it should be. */
export function checkRows(reference: ReferenceData): void {
  for (const [part, shape] of Object.entries(ROWS)) {
    for (const row of reference[part as keyof ReferenceData]) {
      const issue = shape.safeParse(row).error?.issues[0]
      if (issue) throw new Error(`data/${part}.json: ${row.id}/${issue.path.join('/')}: ${issue.message}`)
    }
  }
}
