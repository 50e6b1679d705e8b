/** Why a file was not taken, in the words of who sent it. */
import { DomainError, type FieldProblem } from '../http/problems.ts'
import type { Fault } from './model/checks.ts'
import { Unreadable } from './model/entry.ts'
import type { ListSource } from './sources/index.ts'

const IN_FORCE = 'The version in force stays.'

export function refusal({ title }: Pick<ListSource, 'title'>, faults: readonly Fault[]): DomainError {
  const hint = faults.every(({ mayBeForced }) => mayBeForced)
    ? ' After a person has looked at it: force=true.'
    : ''
  return new DomainError('list-refused', `The file cannot be taken as the ${title}. ${IN_FORCE}${hint}`, {
    errors: faults.map(({ code, message, place }) => ({ pointer: place ?? '', code, message })),
  })
}

/** What was thrown by a reader, as a caller is told it. */
export function asRefusal(source: Pick<ListSource, 'title'>, error: unknown): unknown {
  if (!(error instanceof Unreadable)) return error
  const { code, message } = error
  return refusal(source, [{ code, message, mayBeForced: false }])
}

/** A fault where nothing stands before it; what is wrong with the whole file is a sentence, or begins with a verb. */
export function faultInWords({ pointer, message }: FieldProblem): string {
  if (pointer !== '') return `${pointer} ${message}`
  return /^[A-Z]/.test(message) ? message : `the file ${message}`
}
