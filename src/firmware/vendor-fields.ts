/** Fields of a record that hold vendor ids. */
import type { FieldProblem } from '../http/problems.ts'
import type { Knowledge } from '../screening/knowledge.ts'

/** A problem for each id that the catalog does not have. */
export function unknownVendors(
  given: readonly (readonly [pointer: string, id: string | null])[],
  { reference }: Knowledge,
): FieldProblem[] {
  const vendors = new Set(reference.vendors.map(({ id }) => id))
  return given.flatMap(([pointer, id]) =>
    id === null || vendors.has(id)
      ? []
      : [{ pointer, code: 'unknown-vendor', message: `${id} is not in /v1/manufacturers` }],
  )
}

/** The ids of a list that names what a record covers. */
export const entityFields = (entities: 'any' | readonly string[] = 'any') =>
  entities === 'any' ? [] : entities.map((id, i) => [`/entities/${i}`, id] as const)
