/** Sentences that hold both models and the day of their last affected build. */
import type { MakerNames } from '../../firmware-risk/advisories.ts'
import type { AffectedRule } from '../../firmware-risk/affected-rule.ts'
import { modelsIn } from '../../firmware-risk/model-names.ts'
import { builtBefore } from './days.ts'

/** Prose of any length is read no further. */
const MOST_CHARACTERS = 4_000

/**
 * Models and their limits: `NVR devices NVR2XXX and NVR5XXX build time before December, 2019`. A day is about the
 * models since the day before it.
 */
export function proseSubjects(
  text: string,
  maker: string | null,
  makers: MakerNames,
): readonly { readonly models: string[]; readonly rule: AffectedRule }[] {
  if (text.length > MOST_CHARACTERS) return []
  let at = 0
  return builtBefore(text).flatMap(({ day, from, to }) => {
    const models = modelsIn(text.slice(at, from), maker, makers)
    at = to
    return models.length === 0 ? [] : [{ models, rule: { kind: 'build-before', date: day } as const }]
  })
}
