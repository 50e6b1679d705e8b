/** What is wrong with a law that a place lays down, in the words of who wrote it. Pure. */
import type { Condition } from '../../../catalogue/rules.ts'
import type { FieldProblem } from '../../../http/problems.ts'
import type { LocalLawText } from '../../../screening/local-law.ts'
import { conditionFaults, type Known, nearest } from './condition.ts'

type Written = Omit<LocalLawText, 'rules'> & {
  readonly rules: readonly (Omit<LocalLawText['rules'][number], 'when'> & { readonly when?: unknown })[]
}

/** What a sentence may have filled in. */
const WORDS: readonly string[] = ['maker', 'listed', 'affiliate', 'asOf']

export function lawFaults(law: Written, known: Known): FieldProblem[] {
  const faults: FieldProblem[] = []
  const wrong = (pointer: string, code: string, message: string) => faults.push({ pointer, code, message })
  if (law.from !== null && law.to !== null && law.to <= law.from)
    wrong('/to', 'ends-before-it-starts', `must be after ${law.from}`)
  law.makers.forEach((id, i) => {
    if (!known.vendors.has(id))
      wrong(`/makers/${i}`, 'unknown-id', nearest(id, known.vendors, '/v1/manufacturers'))
  })
  law.rules.forEach(({ when, because }, i) => {
    if (when === undefined) {
      if (law.makers.length === 0)
        wrong(`/rules/${i}/when`, 'required', 'is required where the law names no makers')
    } else faults.push(...conditionFaults(when, `/rules/${i}/when`, known))
    if (law.makers.length === 0 && readsOwnList(when))
      wrong('/makers', 'required', `rules/${i} asks whether a maker of this law is meant, and it names none`)
    for (const [, word = ''] of because.matchAll(/\{(\w+)\}/g))
      if (!WORDS.includes(word))
        wrong(
          `/rules/${i}/because`,
          'unknown-word',
          `{${word}} is not filled in; words are ${WORDS.join(', ')}`,
        )
  })
  return faults
}

/** Whether it looks at the makers of the law itself. */
function readsOwnList(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(readsOwnList)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([kind, inner]) => {
    if (kind === 'affiliated') return true
    if (kind === 'reached') return typeof inner === 'object' && inner !== null && !('regimes' in inner)
    return readsOwnList(inner)
  })
}

/** The law as it is kept: each rule with its condition. To be called when there is no fault. */
export function lawText({
  title,
  adoptedBy,
  citation,
  from,
  to,
  makers,
  reach,
  rules,
}: Written): LocalLawText {
  return {
    ...{ title, adoptedBy, citation, from, to, reach },
    makers: [...new Set(makers)],
    rules: rules.map(({ when, ...rule }) => ({ ...rule, when: (when ?? { reached: {} }) as Condition })),
  }
}
