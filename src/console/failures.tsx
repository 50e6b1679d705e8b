/** Pages for what could not be done: what it is, and the next step, in words. */
import type { ApiRefusal } from './client.ts'
import { errorWords } from './error-words.ts'
import type { Asked, Page } from './page.ts'
import { FAILURES, ROLE_WORDS } from './words.ts'

export interface Failure {
  readonly status: number
  readonly title: string
  readonly advice: string
  /** What the API said. */
  readonly detail?: string | undefined
  readonly requestId?: string | undefined
  readonly retryAfter?: string | undefined
  /** Parameters of the address that are not known, or have a wrong value. */
  readonly parameters?: readonly { readonly name: string; readonly message: string }[]
}

export function failureOf({ problem, headers }: ApiRefusal): Failure {
  const known = FAILURES[problem.status] ?? FAILURES[problem.status >= 500 ? 500 : 409]!
  const parameters = (problem.errors ?? [])
    .filter(({ pointer }) => pointer.startsWith('?'))
    .map(({ pointer, message }) => {
      const name = pointer.slice(1).split('/')[0] ?? ''
      return { name, message: errorWords(name, message) }
    })
  const retryAfter = headers['retry-after']
  return {
    status: problem.status,
    ...known,
    detail: problem.detail,
    requestId: problem.requestId,
    retryAfter: retryAfter === undefined ? undefined : String(retryAfter),
    parameters,
  }
}

export function Failed({ failure, address }: { readonly failure: Failure; readonly address: string }) {
  const { advice, detail, requestId, retryAfter, parameters = [] } = failure
  return (
    <>
      <p class="lead">{advice}</p>
      {detail === undefined || detail === '' ? null : <p>The service says: {detail}</p>}
      {parameters.length === 0 ? null : (
        <ul>
          {parameters.map(({ name, message }) => (
            <li key={name}>
              <code>{name}</code> {message}. <a href={without(address, name)}>Open the page without it</a>
            </li>
          ))}
        </ul>
      )}
      {retryAfter === undefined ? null : <p>You can try again in {retryAfter} seconds.</p>}
      <p>
        <a href="/console">Go to the first page</a>
      </p>
      {requestId === undefined || requestId === '' ? null : (
        <p class="hint">Number of this request: {requestId}</p>
      )}
    </>
  )
}

function without(address: string, name: string): string {
  const [path = '', text = ''] = address.split('?')
  const query = new URLSearchParams(text)
  query.delete(name)
  return query.size === 0 ? path : `${path}?${query}`
}

/** For a page of another role: what it is, and which keys open it. */
export function Closed({ page, asked }: { readonly page: Page; readonly asked: Asked }) {
  return (
    <>
      <p class="lead">
        {page.place === undefined ? 'This page' : `“${page.place.label}”`} opens with another kind of key.
        Yours is: {ROLE_WORDS[asked.who.principal.role]}.
      </p>
      <p>It opens with: {page.roles.map((role) => ROLE_WORDS[role]).join('; ')}.</p>
      <p>
        <a href="/console">Go to the first page</a>
      </p>
    </>
  )
}
