/** Licenses as they are written, checked, stored and told. */
import { eq, inArray } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { licenses } from '../../db/schema/index.ts'
import { DEVICE_CLASSES, UPDATE_CHANNELS } from '../../device/choices.ts'
import { daysHeld } from '../../firmware-risk/licenses/days.ts'
import { LICENSE_STATUSES, LICENSE_TYPES, type License } from '../../firmware-risk/licenses/license.ts'
import { licenseProblems, overlappingLicenses } from '../../firmware-risk/licenses/problems.ts'
import { modelPatterns } from '../../firmware-risk/model-fields.ts'
import { unreadPatterns } from '../../firmware-risk/release-models.ts'
import { DomainError, FieldProblem } from '../../http/problems.ts'
import { Day, Id, Instant, Sha256, someText, toInstant } from '../../http/schemas.ts'
import { addDays } from '../../lib/calendar.ts'
import { OPERATOR_ID } from '../../lib/ids.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import type { CityDays } from '../../tenancy/city-days.ts'
import { idOf, type Owner, toOwner } from '../owned-records.ts'
import { entityFields, unknownVendors } from '../vendor-fields.ts'

const LocalTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?$/, 'must be YYYY-MM-DD or YYYY-MM-DDTHH:MM in its own zone')

/** Fields of a license as they are written; `License` less its id. */
const licenseFields = {
  type: z.enum(LICENSE_TYPES),
  number: someText(100).nullable().default(null),
  authority: someText(100).meta({ description: 'who granted it', examples: ['OFAC', 'BIS', 'FCC OET'] }),
  regime: someText(100).meta({ description: 'regime id' }),
  program: someText(100)
    .nullable()
    .default(null)
    .meta({ description: 'program inside the regime; a license of another program covers nothing' }),
  activities: z.array(someText(100)).max(50).meta({
    description:
      'what may be done, in the words of activities: `firmware-update` counts for the firmware risk, the others for determinations',
  }),
  entities: z
    .union([z.literal('any'), z.array(someText(100)).max(500)])
    .meta({ description: 'vendor ids, or any' }),
  includesOwned: z.boolean().nullable().default(null).meta({
    description:
      'whether it covers companies that the named ones own by half or more (OFAC’s 50 Percent Rule); null: its text does not say, and then it covers none of them',
  }),
  channels: z
    .union([z.literal('any'), z.array(z.enum(UPDATE_CHANNELS)).max(20)])
    .default('any')
    .meta({ description: 'ways an update may come, for a license that allows some only' }),
  products: z.union([z.literal('any'), z.array(z.enum(DEVICE_CLASSES)).max(20)]).default('any'),
  models: z
    .union([z.literal('any'), modelPatterns(someText)])
    .default('any')
    .meta({
      description:
        'for some models only; a small x is any letter or digit, @ any letter, (…) may be absent, a final * is any ending',
    }),
  territory: z.union([z.literal('any'), z.array(someText(10)).max(60)]).default('any'),
  holder: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('any-us-person') }),
      z.strictObject({
        kind: z.literal('party'),
        id: someText(100).meta({ description: 'a jurisdiction id or a vendor id' }),
      }),
    ])
    .meta({ description: 'who may rely on it' }),
  window: z.strictObject({
    from: LocalTime.nullable().default(null),
    to: LocalTime.nullable()
      .default(null)
      .meta({ description: 'first moment outside; a plain date means its midnight' }),
    timezone: someText(60).default('America/New_York'),
  }),
  status: z.enum(LICENSE_STATUSES).default('active'),
  statusSince: Day.nullable().default(null),
  conditions: z
    .array(
      z.strictObject({
        text: someText(1000),
        isMet: z.boolean().nullable().default(null).meta({ description: 'null: not stated' }),
      }),
    )
    .max(50)
    .default([]),
  reportingDue: z.array(Day).max(100).default([]),
  documentSha256: Sha256.nullable().default(null),
  supersedes: Id.nullable().default(null),
  citation: someText(500),
}

export const LicenseWrite = z
  .strictObject({
    jurisdictionId: Id.nullable()
      .optional()
      .meta({ description: 'operator keys: whose license; absent or null for everybody’s' }),
    ...licenseFields,
  })
  .meta({ id: 'NewLicense' })

type AnsweredShape<T> = { [K in keyof T]: z.ZodType<z.output<T[K]>> }

/** The same fields without their defaults: what is told, and what a change may name. */
const bareFields = Object.fromEntries(
  Object.entries(licenseFields).map(([name, schema]) => [
    name,
    schema instanceof z.ZodDefault ? schema.removeDefault() : schema,
  ]),
) as unknown as AnsweredShape<typeof licenseFields>
export const LicenseChange = z.strictObject(bareFields).partial().meta({ id: 'LicenseChange' })

const TouchedShape = z
  .object({ profiles: z.int(), devices: z.int() })
  .meta({ id: 'Touched', description: 'What a change re-evaluates' })

export const LicenseShape = z
  .object({
    id: z.string(),
    jurisdictionId: z.string().nullable().meta({ description: 'null: everybody may rely on it' }),
    ...bareFields,
    entities: z.union([z.string(), z.array(z.string())]),
    channels: z.union([z.string(), z.array(z.string())]),
    products: z.union([z.string(), z.array(z.string())]),
    models: z.union([z.string(), z.array(z.string())]),
    territory: z.union([z.string(), z.array(z.string())]),
    holder: z.object({ kind: z.string(), id: z.string().optional() }),
    isShipped: z
      .boolean()
      .meta({ description: 'it ships with the data of the service and cannot be changed here' }),
    firstDay: z.string().nullable().meta({ description: 'first whole day of cover in its own zone' }),
    lastDay: z.string().nullable().meta({ description: 'last whole day of cover in its own zone' }),
    warnings: z.array(FieldProblem).meta({ description: 'stored all the same, and worth a look' }),
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'License' })

export const LicenseAnswer = LicenseShape.extend({
  touched: TouchedShape,
}).meta({ id: 'LicenseAnswer' })

type LicenseRow = typeof licenses.$inferSelect

/** As it is shown, with its days in the zone of its city, or of the cities that ask where it is everybody's. */
export function toLicense(row: LicenseRow, cities: CityDays) {
  const license = licenseOf(row)
  const days = daysHeld(license, cities.zoneOf(toOwner(row.jurisdictionId)) ?? license.window.timezone)
  return {
    ...license,
    isShipped: license.isShipped === true,
    jurisdictionId: toOwner(row.jurisdictionId),
    firstDay: days.from,
    lastDay: days.to === null ? null : addDays(days.to, -1),
    warnings: unreadPatterns(license.models),
    version: row.version,
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
  }
}

export function licenseOf({ id, doc }: Pick<LicenseRow, 'id' | 'doc'>) {
  // Absent in records from before it was asked.
  const { includesOwned = null, ...stored } = doc as Omit<License, 'id'>
  return { models: 'any', channels: 'any', ...stored, includesOwned, id } satisfies License
}

/** Refuse a license that cannot stand; every wrong field at once. */
export function checkLicense(license: License, knowledge: Knowledge): void {
  const { reference } = knowledge
  const errors: FieldProblem[] = licenseProblems(license).map(({ code, pointer, detail }) => ({
    pointer,
    code,
    message: detail,
  }))
  const add = (pointer: string, code: string, message: string) => errors.push({ pointer, code, message })
  const regime = reference.regimes.find(({ id }) => id === license.regime)
  if (!regime) add('/regime', 'unknown-regime', `${license.regime} is not a regime; see /v1/regimes`)
  else if (regime.licensing === null)
    add('/regime', 'no-license-path', `nothing can be licensed under ${regime.id}`)
  errors.push(...unknownVendors(entityFields(license.entities), knowledge))
  const wrong = regime ? wrongProgram(license, knowledge) : null
  if (wrong !== null) add('/program', 'wrong-program', wrong)
  if (errors.length > 0) {
    throw new DomainError('invalid-request', 'The license cannot be stored.', { errors })
  }
}

/** Why the program cannot be right for the entities that are named; null when it can. */
function wrongProgram({ regime, program, entities }: License, knowledge: Knowledge): string | null {
  const list = programsOf(regime, knowledge)
  const known = [...new Set(list.map((entry) => entry.program))].toSorted()
  if (known.length === 0) {
    return program === null ? null : `${regime} has no programs, so a license under ${program} covers nothing`
  }
  if (program === null) return `${regime} is kept by program (${known.join(', ')}): name one`
  if (entities === 'any') return null
  const named = list.filter(({ vendor }) => entities.includes(vendor ?? ''))
  if (named.length === 0 || named.some((entry) => entry.program === program)) return null
  const where = named.map((entry) => `${entry.vendor} is listed under ${entry.program}`).join(', ')
  return `covers nothing for the entities it names: ${where}, not under ${program}`
}

/** A license under a list that covers owned companies, which does not say whether it covers them too. */
function ownedWarning(
  { regime, entities, includesOwned, activities }: License,
  { reference }: Knowledge,
): FieldProblem[] {
  if (!activities.includes('firmware-update')) return []
  const list = reference.regimes.find(({ id }) => id === regime)
  if (list?.ownership !== 'fifty-percent' || entities === 'any' || includesOwned !== null) return []
  return [
    {
      pointer: '/includesOwned',
      code: 'owned-not-said',
      message:
        'does not say whether it covers companies that the named ones own by half or more, so it covers none of them',
    },
  ]
}

function programsOf(regime: string, { reference }: Knowledge) {
  return reference.listings.flatMap(({ regime: list, vendor, program }) =>
    list === regime && program ? [{ vendor, program }] : [],
  )
}

/** What is stored and worth a look: a number recorded twice, a program nothing is listed under. */
export async function warningsOf(
  tx: Tx,
  owner: Owner,
  license: License,
  knowledge: Knowledge,
): Promise<FieldProblem[]> {
  const rows = await tx
    .select({ id: licenses.id, doc: licenses.doc })
    .from(licenses)
    .where(inArray(licenses.jurisdictionId, [...new Set([idOf(owner), OPERATOR_ID])]))
  const others = rows.map(licenseOf).filter(({ id }) => id !== license.id)
  const warnings = overlappingLicenses([...others, license])
    .filter(({ licenses: pair }) => pair.includes(license.id))
    .map(
      ({ problem }): FieldProblem => ({
        pointer: problem.pointer,
        code: problem.code,
        message: problem.detail,
      }),
    )
  const { program, regime } = license
  const known = programsOf(regime, knowledge)
  if (program !== null && !known.some((entry) => entry.program === program)) {
    warnings.push({
      pointer: '/program',
      code: 'program-without-listings',
      message: `nobody here is listed under ${program}, so it covers nothing for now`,
    })
  }
  warnings.push(...unreadPatterns(license.models))
  warnings.push(...ownedWarning(license, knowledge))
  if (!license.activities.includes('firmware-update')) {
    warnings.push({
      pointer: '/activities',
      code: 'not-for-updates',
      message: 'does not name firmware-update, so it covers no update',
    })
  }
  return warnings
}

/** `timezone` is that of the city, or of the authority where it is everybody's. */
export const columnsOf = ({ id: _, ...doc }: License, timezone = doc.window.timezone) => ({
  regimeId: doc.regime,
  number: doc.number,
  status: doc.status,
  endsOn: daysHeld({ ...doc, id: '' }, timezone).to,
  doc,
})

/** Throws `forbidden`. */
export function assertNotShipped({ doc }: Pick<LicenseRow, 'doc'>): void {
  if ((doc as Omit<License, 'id'>).isShipped !== true) return
  throw new DomainError('forbidden', 'This license ships with the service, whose data files keep it.')
}

export async function checkSuperseded(tx: Tx, { supersedes }: License): Promise<void> {
  if (supersedes === null) return
  const [found] = await tx.select({ id: licenses.id }).from(licenses).where(eq(licenses.id, supersedes))
  if (!found) {
    throw new DomainError('invalid-request', 'The license cannot be stored.', {
      errors: [{ pointer: '/supersedes', code: 'unknown-license', message: 'is not a license on record' }],
    })
  }
}
