/** How long makers support their products. */
import { z } from 'zod'
import { isPlainDate } from '../lib/calendar.ts'
import type { InstalledProduct } from './assessment.ts'
import { modelPatterns } from './model-fields.ts'
import { indexOfModels } from './model-index.ts'
import type { Support } from './subject.ts'

const SupportPeriod = z.strictObject({
  id: z.string(),
  maker: z.string(),
  /** Model patterns (`models.ts`); `*` for the whole range. */
  models: modelPatterns().min(1),
  /** Firmware line it is limited to, such as an AXIS OS track; null for any. */
  branch: z.string().nullable(),
  support: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('ends'), to: z.string().refine(isPlainDate) }),
    z.strictObject({ kind: z.literal('no-end-announced') }),
    z.strictObject({ kind: z.literal('ended') }),
    z.strictObject({ kind: z.literal('unknown') }),
  ]),
  /** `uk-statement`: the date a maker publishes under the UK's PSTI rules, the best there is for units elsewhere. */
  sourceKind: z.enum(['maker', 'uk-statement', 'cisa', 'press']),
  citation: z.string(),
  readOn: z.string().refine(isPlainDate),
})

export type SupportPeriod = z.infer<typeof SupportPeriod>

/** Shape of `data/support-periods.json`. */
export const SupportPeriods = z.strictObject({
  version: z.string(),
  note: z.string(),
  periods: z.array(SupportPeriod),
})

export type SupportPeriods = z.infer<typeof SupportPeriods>

/** The support period of a product: the most particular row, the shortest among equals; unknown when none fits. */
export function supportOf(
  periods: readonly SupportPeriod[],
  product: InstalledProduct,
  branch: string | null,
): { readonly support: Support; readonly period: SupportPeriod | null } {
  const { maker, brand, model } = product
  const isRelabeled = brand !== null && brand !== maker
  const fitting = periods
    .filter((period) => period.maker === maker && (period.branch === null || period.branch === branch))
    .map((period) => ({ period, particularity: particularity(period, isRelabeled ? null : model) }))
    .filter(({ particularity: value }) => value >= 0)
    .toSorted(
      (a, b) =>
        b.particularity - a.particularity ||
        byText(endOf(a.period.support), endOf(b.period.support)) ||
        byText(a.period.id, b.period.id),
    )
  const best = fitting[0]?.period ?? null
  return { support: best?.support ?? { kind: 'unknown' }, period: best }
}

/** Length of the best matching pattern, 0 for the whole range, -1 when none matches. */
function particularity(period: SupportPeriod, model: string | null): number {
  const named = model === null ? [] : indexOfModels(period.models).find(model)
  const lengths = [...period.models.filter((pattern) => pattern === '*'), ...named].map(
    (pattern) => pattern.length - 1,
  )
  return Math.max(-1, ...lengths) + (period.branch !== null && lengths.length > 0 ? 0.5 : 0)
}

/** A text that sorts the shorter support first. */
function endOf(support: Support): string {
  switch (support.kind) {
    case 'ended':
      return '0'
    case 'ends':
      return support.to
    case 'unknown':
      return '9998'
    case 'no-end-announced':
      return '9999'
    default:
      return support satisfies never
  }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
