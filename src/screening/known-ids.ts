/** Ids in a question that name nothing are refused: an empty list would read as "there are no such cameras". */
import { DomainError, type FieldProblem } from '../http/problems.ts'
import { UNKNOWN } from '../http/schemas.ts'
import type { Knowledge } from './knowledge.ts'

const MAKERS = ['maker', 'maker__not', 'brand', 'brand__not', 'candidate', 'candidate__not'] as const

/** Throws `invalid-request` naming every maker, brand and regime that is in no catalog, with those it may mean. */
export function assertKnown(
  filter: { readonly [name in (typeof MAKERS)[number] | 'regime']?: readonly string[] },
  knowledge: Knowledge,
): void {
  // Nearly every question names none, and a page takes little longer than making the sets.
  if (!filter.regime?.length && !MAKERS.some((name) => filter[name]?.length)) return
  const vendors = new Set(knowledge.reference.vendors.map(({ id }) => id))
  const regimes = new Set(knowledge.reference.regimes.map(({ id }) => id))
  const errors: FieldProblem[] = []
  for (const parameter of MAKERS) {
    for (const id of filter[parameter] ?? []) {
      if (id === UNKNOWN || vendors.has(id)) continue
      const near = vendorsLike(id, knowledge)
      errors.push(unknownId(`?${parameter}`, id, near, '/v1/manufacturers lists the ids'))
    }
  }
  for (const id of filter.regime ?? []) {
    if (regimes.has(id)) continue
    const near = [...regimes].filter((known) => known.includes(id.toLowerCase()))
    errors.push(unknownId('?regime', id, near, '/v1/regimes lists the ids'))
  }
  if (errors.length > 0) {
    throw new DomainError('invalid-request', 'The question names ids that are not in the catalog.', {
      errors,
    })
  }
}

function vendorsLike(text: string, { matcher }: Knowledge): string[] {
  const match = matcher.match(text)
  return match.vendor !== null ? [match.vendor] : match.suggestions.map(({ vendor }) => vendor)
}

function unknownId(pointer: string, id: string, near: readonly string[], where: string): FieldProblem {
  const hint = near.length > 0 ? `did you mean ${near.slice(0, 5).join(', ')}? ` : ''
  return {
    pointer,
    code: 'unknown-id',
    message: `${JSON.stringify(id)} is no id of the catalog; ${hint}${where}`,
  }
}
