/** What every question about devices may be narrowed by. Repeating a filter means "any of these". */
import { z } from 'zod'
import { OF_JURISDICTION } from '../../determination/city-facts.ts'
import { CustomFilter } from '../../device/custom-filter.ts'
import { FIELD_FILTER_QUERY, Flag, OPERATORS_BY_KIND, OPERATORS_IN_WORDS } from '../../device/filters.ts'
import { Level, Urgency } from '../../firmware-risk/schemas.ts'
import { Day, Id, repeatable, State, someText } from '../../http/schemas.ts'
import { Activity, Outcome } from '../../screening/schemas.ts'
import { About } from './as-of.ts'

/** Word that stands for "nothing is open" in a filter. */
export const NOBODY = 'nobody'

const catalogId = repeatable(someText(100))

/** What was found out about devices. */
const FOUND = {
  maker: catalogId.meta({ description: 'who produced it, by catalog id' }),
  brand: catalogId.meta({ description: 'whose label it carries, by catalog id' }),
  candidate: catalogId.meta({
    description: 'who may have produced it, by catalog id, decided or not; `unknown`: nobody is known',
  }),
  identificationStatus: repeatable(z.enum(['resolved', 'ambiguous', 'unresolved'])),
  needsReview: z.stringbool().optional(),
  needsDecision: Flag.optional().meta({
    description: 'a person has to look at it and nobody has said that its maker cannot be found out',
  }),
  waitsFor: repeatable(z.enum(['person', 'city', NOBODY])).meta({
    description:
      'whom open findings wait for: a `person` who looks at the device, the `city` alone, which states a fact once for all, or `nobody`',
  }),
  cityQuestion: repeatable(z.enum(OF_JURISDICTION)).meta({
    description: 'a fact that the jurisdiction has not stated and some open finding hangs on',
  }),
  regime: repeatable(someText(100)),
  activity: repeatable(Activity),
  outcome: repeatable(Outcome).meta({
    description: 'of the regime and activity asked for; without a regime, of the headline',
  }),
  hasFindings: z.stringbool().optional(),
  firmwareLevel: repeatable(Level),
  firmwareUrgency: repeatable(Urgency),
}

const none = (what: string) => ({ description: `none of these ${what}` })
const FOUND_OTHERWISE = {
  maker__not: catalogId.meta(none('makers; those of unknown maker are among the answer')),
  brand__not: catalogId.meta(none('labels; those of unknown label are among the answer')),
  candidate__not: catalogId.meta(none('may have produced it')),
}

const SITE = someText(200)

/** Filters whose names hold no operator; those with one are known to `FIELD_FILTERS` and to the tables of this folder. */
export const DeviceFilterQuery = {
  jurisdictionId: repeatable(Id),
  state: repeatable(State),
  ...FIELD_FILTER_QUERY,
  custom: CustomFilter.meta({
    description:
      'fields of the city’s own (`/v1/custom-fields`) by name, with the operators of other fields of their type: in an address `custom.phase__gte=2`, `cf_phase=2` or `custom[phase]=2`, in a body `{"phase__gte": 2}`',
  }),
  recorder: repeatable(someText(200)).meta({
    description:
      'the cameras that hang on this recorder: as their `recorder` says, letter case ignored, or by the id or asset tag of a recorder of the register',
  }),
  ...FOUND,
  ...FOUND_OTHERWISE,
  site: repeatable(SITE).meta({ description: 'by name of the site, letter case ignored' }),
  site__not: repeatable(SITE).meta({
    description: 'at none of these; devices at no site are among the answer',
  }),
  site__contains: repeatable(SITE).meta({ description: 'by part of the name of the site' }),
  hasDocuments: Flag.optional().meta({ description: 'photos, letters and certificates are kept with it' }),
  acquiredFrom: Day.optional().meta({ description: 'the same as `acquiredOn__gte`' }),
  acquiredTo: Day.optional().meta({ description: 'first day outside: the same as `acquiredOn__lt`' }),
  obligatedFrom: Day.optional().meta({ description: 'the same as `obligatedOn__gte`' }),
  obligatedTo: Day.optional().meta({ description: 'first day outside: the same as `obligatedOn__lt`' }),
  installedFrom: Day.optional().meta({ description: 'the same as `installedOn__gte`' }),
  installedTo: Day.optional().meta({ description: 'first day outside: the same as `installedOn__lt`' }),
  updatedSince: About.optional().meta({ description: 'changed at or after this instant' }),
  importId: Id.optional().meta({ description: 'last written by this import; not for a past day' }),
  q: someText(100).optional().meta({
    description: 'part of name, assetTag, manufacturer, model or serialNumber',
  }),
}

/** A question as it was read. */
export type DeviceFilter = Readonly<z.output<z.ZodObject<typeof DeviceFilterQuery>>>

/** Whether a filter asks for something. */
export const isAsked = (value: unknown): boolean =>
  value !== undefined && !(Array.isArray(value) && value.length === 0)

/** For descriptions. */
export const FILTERS_DESCRIPTION = `**Filters** are combined: a device has to pass each. A filter given several times means "any of these". \`unknown\` stands for what is not known. Every stored field is a filter by its name, and with an operator after two underscores, such as \`name__contains=gate\`, \`installedOn__lt=2020-01-01\`, \`acquisitionCostCents__gte=50000\` or \`serialNumber__empty=true\`: ${OPERATORS_IN_WORDS}. \`maker\`, \`brand\`, \`candidate\` and \`site\` take \`__not\`, \`site\` also \`__contains\`. Names of sites and recorders are those of today, also for a past day.`

const plainNames = (shape: object) => Object.keys(shape).filter((name) => !name.includes('__'))

/** An object of such filters; what it does not know is refused with all that there are. */
export function filterObject<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `is not known here. There are: ${plainNames(shape).join(', ')}. With an operator after two underscores: ${OPERATORS_BY_KIND}`
        : undefined,
  })
}

const { jurisdictionId: _city, ...filters } = DeviceFilterQuery

/** The same filters in a body. */
export const DeviceFilterBody = filterObject({
  ...filters,
  needsReview: z.boolean().optional(),
  hasFindings: z.boolean().optional(),
}).meta({ description: 'the filters of `GET /v1/devices`; `{}` is every device of the city' })
