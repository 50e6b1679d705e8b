/** The points of the score as data, and which sets of them may be used. */
import { z } from 'zod'
import { LEVELS } from './levels.ts'

export const BANDS = ['low', 'guarded', 'moderate', 'high', 'critical'] as const

export type Band = (typeof BANDS)[number]

const points = z.number().int().min(-100).max(100)

const bonus = points.nonnegative()

const discount = points.nonpositive()

/** The points of the score, as data: shape of `data/firmware-weights.json` and of a jurisdiction's own version. */
export const Weights = z.strictObject({
  version: z.string().min(1),
  note: z.string(),
  base: z.strictObject({
    unrestricted: bonus,
    watch: bonus,
    conditional: bonus,
    'license-required': bonus,
    blocked: bonus,
  }),
  licenseEnds: z.array(z.strictObject({ withinDays: z.number().int().nonnegative(), points: bonus })),
  pendingApplication: discount,
  exploited: z.strictObject({ fixObtainable: bonus, fixUncertain: bonus, noFixObtainable: bonus }),
  cisaDatePassed: bonus,
  severity: z.array(z.strictObject({ cvssAtLeast: z.number().min(0).max(10), points: bonus })),
  severityUnknown: bonus,
  likelihood: z
    .strictObject({
      epss: z.array(z.strictObject({ atLeast: z.number().min(0).max(1), points: bonus })),
      ssvc: z.strictObject({ poc: bonus, active: bonus, automatable: bonus }),
    })
    .optional()
    .meta({
      description: 'how likely it is to be exploited; sets made before 2026-11-29 have no points for it',
    }),
  support: z.strictObject({
    supported: bonus,
    'no-end-announced': bonus,
    unknown: bonus,
    'ends-within-a-year': bonus,
    ended: bonus,
  }),
  exposure: z.strictObject({ isolated: bonus, routed: bonus, unknown: bonus, internet: bonus }),
  verifiedControl: discount,
  makerUnresolved: bonus,
  unofficialImage: bonus,
  floors: z.strictObject({ exploitedNoFixObtainable: bonus, blocked: bonus }),
  bands: z.array(z.strictObject({ band: z.enum(BANDS), from: bonus })).min(1),
})
export type Weights = z.infer<typeof Weights>

/**
 * Why a set of weights may not be used; empty when it may. A worse fact must never score lower, and no sum of
 * discounts may undo a level.
 */
export function weightProblems(weights: Weights): readonly string[] {
  const problems: string[] = []
  const rising = (what: string, values: readonly number[]) => {
    if (values.some((value, i) => i > 0 && value < values[i - 1]!)) problems.push(`${what} must not fall`)
  }
  const { base, exploited, support, exposure, bands } = weights
  const severity = weights.severity.toSorted((a, b) => a.cvssAtLeast - b.cvssAtLeast).map((s) => s.points)
  const ends = weights.licenseEnds.toSorted((a, b) => b.withinDays - a.withinDays).map((e) => e.points)
  rising(
    '/base from unrestricted to blocked',
    LEVELS.map((level) => base[level]),
  )
  rising('/severity with CVSS', severity)
  const { epss = [], ssvc = { poc: 0, active: 0 } } = weights.likelihood ?? {}
  const likely = epss.toSorted((a, b) => a.atLeast - b.atLeast).map((one) => one.points)
  rising('/likelihood/epss with the score', likely)
  rising('/likelihood/ssvc from poc to active', [ssvc.poc, ssvc.active])
  rising('/licenseEnds as the end comes nearer', ends)
  rising('/exploited from obtainable to not', [
    Math.max(weights.severityUnknown, ...severity),
    exploited.fixObtainable,
    exploited.fixUncertain,
    exploited.noFixObtainable,
  ])
  rising('/support from supported to ended', [
    support.supported,
    support['ends-within-a-year'],
    support.ended,
  ])
  rising('/exposure from isolated to internet', [exposure.isolated, exposure.routed, exposure.internet])
  rising(
    '/bands from',
    bands.map((b) => b.from),
  )
  if (bands[0]!.from !== 0) problems.push('/bands must begin at 0')
  const atWorst = base.conditional + Math.max(0, ...ends)
  if (base['license-required'] + weights.pendingApplication < atWorst) {
    problems.push('/base: a license that ends must not score above a license that is missing')
  }
  return problems
}

export function bandOf(score: number, weights: Weights): Band {
  return weights.bands.findLast((b) => score >= b.from)?.band ?? weights.bands[0]!.band
}
