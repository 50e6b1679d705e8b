/** What was found out about a device as JSON text, with the fields of a shape. Pure. */

import { ACTIVITIES } from '../catalogue/outcomes.ts'
import type { Determination } from '../determination/determination.ts'
import { findingsInShort } from '../determination/short.ts'
import type { FirmwareRisk } from '../firmware-risk/firmware-risk.ts'
import { pickFields } from '../http/fields.ts'
import type { Identification } from '../identification/identification.ts'
import { findingsOf } from './profiles.ts'
import { writeRisk } from './risk-json.ts'
import type { Screening } from './screen.ts'
import type { DeviceShape } from './shape.ts'

type Depth = NonNullable<DeviceShape['identification']>
/** `"name":value`, or null for what is not shown. */
export type Part = string | null

/** The parts with a comma before each, as they follow a stored part, which is never empty. */
export function join(parts: readonly Part[]): string {
  return parts.map((part) => (part === null ? '' : `,${part}`)).join('')
}

/** What a list shows of an identification, and what a table has columns for. */
const IDENTIFICATION = {
  short: ['status', 'brand', 'maker', 'confidence'],
  row: ['status', 'brand', 'maker', 'confidence', 'needsReview'],
} as const
const RISK = { short: ['level', 'urgency'], row: ['level', 'score', 'urgency'] } as const

export function identificationText(
  whole: Pick<Identification, (typeof IDENTIFICATION)['row'][number]>,
  depth: Depth,
): string {
  const value = depth === 'full' ? whole : pickFields(whole, IDENTIFICATION[depth], IDENTIFICATION[depth])
  return `"identification":${JSON.stringify(value)}`
}

/** In the order of the activities, which jsonb does not keep. */
export function headlineText(headline: Readonly<Record<string, string>>): string {
  return `"headline":${JSON.stringify(Object.fromEntries(ACTIVITIES.map((name) => [name, headline[name]])))}`
}

export function riskText(risk: Pick<FirmwareRisk, (typeof RISK)['row'][number]>, depth: Depth): string {
  if (depth === 'full') return `"firmwareRisk":${writeRisk(risk as FirmwareRisk)}`
  return `"firmwareRisk":${JSON.stringify(pickFields(risk, RISK[depth], RISK[depth]))}`
}

/** Findings in short and determinations in full, of those determinations. */
export function answerParts(
  determinations: readonly Determination[],
  shape: Pick<DeviceShape, 'findings' | 'determinations'>,
): Part[] {
  return [
    shape.findings ? `"findings":${JSON.stringify(findingsInShort(determinations))}` : null,
    shape.determinations === null ? null : `"determinations":${JSON.stringify(determinations)}`,
  ]
}

/** All parts of a screening, each with a comma before it. */
export function screeningText(screening: Screening, shape: DeviceShape): string {
  const { identification, headline, firmwareRisk } = screening
  const determinations =
    shape.determinations === 'findings' ? findingsOf(screening) : screening.determinations
  return join([
    shape.identification && identificationText(identification, shape.identification),
    ...answerParts(determinations, shape),
    shape.headline ? headlineText(headline) : null,
    shape.firmwareRisk && riskText(firmwareRisk, shape.firmwareRisk),
  ])
}
