/** Bodies of PATCH: only what is named is changed. */
import { DomainError } from './problems.ts'

export type Changes<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The fields a change names. Throws `invalid-request` when it names none. */
export function changesOf<T extends object>(body: T): Changes<T> {
  const named = Object.entries(body).filter(([, value]) => value !== undefined)
  if (named.length === 0) throw new DomainError('invalid-request', 'Name at least one field to change.')
  return Object.fromEntries(named) as Changes<T>
}
