/** Which releases and images are for a product, and which of their patterns are not read. */
import type { FieldProblem } from '../http/problems.ts'
import { ModelIndex, oncePerList } from './model-index.ts'
import { patternProblem } from './models.ts'

interface OfModels {
  /** Vendor id of who made it. */
  readonly maker: string
  readonly models: readonly string[]
}

const byMaker = oncePerList((releases: readonly OfModels[]) => {
  const patterns = new Map<string, (readonly [string, OfModels])[]>()
  for (const release of releases) {
    const ofMaker = patterns.get(release.maker) ?? []
    ofMaker.push(...release.models.map((pattern) => [pattern, release] as const))
    patterns.set(release.maker, ofMaker)
  }
  return new Map([...patterns].map(([maker, some]) => [maker, ModelIndex.of(some)] as const))
})

/** The releases for a product, in their order. */
export function matchingReleases<R extends OfModels>(
  releases: readonly R[],
  { maker, model }: { readonly maker: string | null; readonly model: string | null },
): readonly R[] {
  if (maker === null || model === null) return []
  return (byMaker(releases).get(maker)?.find(model) ?? []) as readonly R[]
}

/** Patterns of a stored record that mean no model, because they were written before there were limits. */
export function unreadPatterns(models: readonly string[] | 'any' | undefined): FieldProblem[] {
  if (models === undefined || models === 'any') return []
  return models.flatMap((pattern, i) => {
    const problem = patternProblem(pattern)
    if (problem === null) return []
    return [{ pointer: `/models/${i}`, code: 'pattern-not-read', message: `means no model: it ${problem}` }]
  })
}
