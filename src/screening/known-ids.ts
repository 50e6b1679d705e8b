/** Ids in a question that name nothing are refused: an empty list would read as "there are no such cameras". */
import type { Tx } from '../db/database.ts'
import { DomainError, type FieldProblem } from '../http/problems.ts'
import { UNKNOWN } from '../http/schemas.ts'
import { lawsInScope } from './context.ts'
import type { Knowledge } from './knowledge.ts'
import { LOCAL_PREFIX, rowsOfLaws } from './local-law.ts'

const MAKERS = ['maker', 'maker__not', 'brand', 'brand__not', 'candidate', 'candidate__not'] as const

type Read = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>

/** The same where laws of places in scope may be named. */
export async function assertKnownIn(
  read: Read,
  filter: Parameters<typeof assertKnown>[0],
  knowledge: Knowledge,
): Promise<void> {
  assertKnown(filter, await withPlaces(read, knowledge, filter.regime))
}

/**
 * The knowledge with the names of the laws of places in scope, for those who look up what answers or filters name; the
 * very same where a question about `regimes` (undefined: about all of them) names none.
 */
export async function withPlaces(
  read: Read,
  knowledge: Knowledge,
  regimes?: readonly string[],
): Promise<Knowledge> {
  if (regimes !== undefined && !regimes.some((id) => id.startsWith(LOCAL_PREFIX))) return knowledge
  const laws = await read(lawsInScope)
  if (laws.length === 0) return knowledge
  const { reference } = knowledge
  const rows = rowsOfLaws(laws)
  return {
    ...knowledge,
    reference: {
      ...reference,
      regimes: [...reference.regimes, ...rows.regimes],
      rules: [...reference.rules, ...rows.rules],
    },
  }
}

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
    errors.push(unknownId('?regime', id, near, '/v1/regimes and /v1/local-laws list the ids'))
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
