/** What was typed into a form and what is wrong with it. Pure. */
import type { FieldProblem, Problem } from '../http/problems.ts'
import { put } from '../lib/multimap.ts'
import { errorWords, IS_NEEDED } from './error-words.ts'

export interface FormState {
  /** Null when nothing was sent yet: then the stored values are shown. */
  readonly sent: URLSearchParams | null
  readonly problem: Pick<Problem, 'status' | 'title' | 'detail' | 'type'> | null
  /** By name of the field. */
  readonly errors: ReadonlyMap<string, string>
  /** What the page shows beside the form: a key that was made, a preview. */
  readonly result?: unknown
}

export const UNSENT: FormState = { sent: null, problem: null, errors: new Map() }

/** The API refused what was sent. */
export function refusedForm(sent: URLSearchParams, problem: Problem): FormState {
  return { sent, problem, errors: errorsOf(problem.errors ?? []) }
}

/** Wrong before it is sent to the API: what a form asks of its own. */
export function wrongForm(sent: URLSearchParams, errors: Readonly<Record<string, string>>): FormState {
  const problem = { status: 400, title: 'Some fields are wrong.', type: '/problems/invalid-request' }
  return { sent, problem, errors: new Map(Object.entries(errors)) }
}

/** Of several forms on a page: what was wrong belongs to the one that was sent, which names itself in `do`. */
export function formOf(form: FormState, which: string): FormState {
  return form.sent?.get('do') === which ? form : UNSENT
}

/** `/assetTag` and `?assetTag` are about the field `assetTag`. Several about one are joined; a field that is empty is only that. */
function errorsOf(errors: readonly FieldProblem[]): Map<string, string> {
  const found = new Map<string, string[]>()
  for (const { pointer, message } of errors) {
    const path = pointer.replace(/^[/?]/, '').split('/')
    const name = path[0] ?? ''
    put(found, name, errorWords(path.findLast((part) => !/^\d+$/.test(part)) ?? name, message))
  }
  return new Map(
    [...found].map(([name, words]) => [
      name,
      words.includes(IS_NEEDED) ? IS_NEEDED : [...new Set(words)].join('; '),
    ]),
  )
}
