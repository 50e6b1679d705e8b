/** Which fields of a device a list shows, and which of them in full. Pure but for the zod schemas. */
import { z } from 'zod'
import { STORED_FIELDS } from '../device/columns.ts'
import { chosenFields, EVERYTHING, type Fields } from '../http/fields.ts'
import { DomainError } from '../http/problems.ts'

/** What was found out about it. */
const SCREENED_FIELDS = ['identification', 'findings', 'determinations', 'headline', 'firmwareRisk'] as const

/** A hundred devices of a city stay under 100 kB with these. */
export const DEVICE_FIELDS: Fields<string> = {
  known: [...STORED_FIELDS, ...SCREENED_FIELDS],
  listed: [
    'id',
    'jurisdictionId',
    'siteId',
    'assetTag',
    'name',
    'manufacturer',
    'model',
    'deviceClass',
    'status',
    'identification',
    'findings',
    'headline',
    'firmwareRisk',
  ],
}

/** The same of an item of `/v1/screen`, of which nothing is stored. */
export const SCREENED_ITEM_FIELDS: Fields<string> = {
  known: ['reference', ...SCREENED_FIELDS],
  listed: ['reference', 'identification', 'findings', 'headline', 'firmwareRisk'],
}

export const DeterminationsQuery = z.enum(['all', 'findings', 'none']).optional().meta({
  description:
    '`findings` adds `determinations`, those that are neither permitted nor out of scope, each with reason, facts and citation; `all` without `fields` and `include` is the same as `include=all`; `none` leaves `findings` out',
})

/** `row` is what a table has columns for. */
type Depth = 'short' | 'row' | 'full'

export interface DeviceShape {
  /** Stored fields that are shown, in the order of `STORED_FIELDS`. */
  readonly stored: readonly string[]
  readonly identification: Depth | null
  /** Findings in short. */
  readonly findings: boolean
  /** With reasons, facts and citations. */
  readonly determinations: 'all' | 'findings' | null
  readonly headline: boolean
  readonly firmwareRisk: Depth | null
  /** As asked by `fields=`, else in order; the columns of a CSV. */
  readonly shown: readonly string[]
}

export interface AskedShape {
  readonly fields?: string | undefined
  readonly include?: string | undefined
  readonly determinations?: 'all' | 'findings' | 'none' | undefined
}

/** The device whole, as it is answered on its own. */
export const WHOLE_DEVICE: DeviceShape = {
  stored: STORED_FIELDS,
  identification: 'full',
  // Said by the determinations.
  findings: false,
  determinations: 'all',
  headline: true,
  firmwareRisk: 'full',
  shown: DEVICE_FIELDS.known.filter((field) => field !== 'findings'),
}

/** Throws `invalid-request` for unknown fields and for wishes that contradict each other. */
export function shapeOf(fields: Fields<string>, asked: AskedShape): DeviceShape {
  const isUnasked = Object.values(asked).every((wish) => wish === undefined)
  return isUnasked && fields === DEVICE_FIELDS ? LISTED_DEVICE : shapeAsked(fields, asked)
}

function shapeAsked(fields: Fields<string>, asked: AskedShape): DeviceShape {
  const { determinations: which } = asked
  const isWhole =
    asked.fields === undefined &&
    (which === undefined || which === 'all') &&
    (asked.include === EVERYTHING || (asked.include === undefined && which === 'all'))
  if (isWhole) return WHOLE_DEVICE
  const { shown, included } = chosenFields(fields, asked)
  const named = new Set(shown)
  if (which === 'none' && named.has('determinations')) {
    throw new DomainError('invalid-request', 'Determinations are both asked for and not wanted.', {
      errors: [
        {
          pointer: '?determinations',
          code: 'not-allowed',
          message: '`none` does not go with `determinations` in `fields` or `include`',
        },
      ],
    })
  }
  if (which === 'none') named.delete('findings')
  else if (which !== undefined) named.add('determinations')
  const depth = (field: string): Depth | null =>
    !named.has(field) ? null : included.has(field) ? 'full' : 'short'
  return {
    // A row that cannot be told from others is of no use.
    stored: STORED_FIELDS.filter((field) => field === 'id' || named.has(field)),
    identification: depth('identification'),
    findings: named.has('findings'),
    determinations: !named.has('determinations') ? null : which === 'findings' ? 'findings' : 'all',
    headline: named.has('headline'),
    firmwareRisk: depth('firmwareRisk'),
    shown: [...new Set([...shown, ...named])].filter((field) => named.has(field)),
  }
}

/** A device as a list shows it when nothing else is asked for. */
export const LISTED_DEVICE: DeviceShape = shapeAsked(DEVICE_FIELDS, {})
