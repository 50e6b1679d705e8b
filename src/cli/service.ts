/** Asking a service: one that runs somewhere, or the one inside this process. */
import type { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { InvalidArgumentError } from 'commander'
import type { Problem } from '../http/problems.ts'
import { ServiceError } from './errors.ts'

/** A body that is streamed is not in the types of every Node version that runs this. */
type Asking = Omit<RequestInit, 'body'> & { readonly body?: ReadableStream; readonly duplex?: 'half' }

/** Ask a running service. Throws ServiceError for any answer that is not a success. */
export async function ask(url: URL, key: string, request: Asking = {}): Promise<Response> {
  const headers = { ...request.headers, authorization: `Bearer ${key}` }
  return successful(await fetch(url, { ...request, headers } as RequestInit), url)
}

/** Throws ServiceError for any answer that is not a success; `named` gives a problem the caller's own words. */
export async function successful(
  answer: Response,
  url: URL | null,
  named: (problem: Problem) => Problem = (problem) => problem,
): Promise<Response> {
  if (answer.ok && answer.headers.has('x-request-id')) return answer
  const isProblem = answer.headers.get('content-type')?.includes('problem+json')
  throw new ServiceError(url, answer.status, isProblem ? named((await answer.json()) as Problem) : null)
}

export type Method = 'GET' | 'POST' | 'PATCH'

/** Sends one request, with the key that belongs to it. */
export type Send = (
  method: Method,
  path: string,
  request?: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Readable },
) => Promise<Response>

/** A service that runs somewhere. */
export function remote(url: URL, key: string): Send {
  return (method, path, { headers = {}, body } = {}) =>
    fetch(new URL(path.replace(/^\//, ''), url), {
      method,
      headers: { ...headers, authorization: `Bearer ${key}` },
      // A body that arrives in pieces is sent before its answer begins; fetch wants that said.
      ...(body === undefined ? {} : { body: body as string, duplex: 'half' as const }),
    })
}

export function serviceUrl(text: string): URL {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('must be an address such as http://localhost:8080')
  // With the slash at the end, what is asked for is below it, also behind a proxy's path.
  return new URL(text.endsWith('/') ? text : `${text}/`)
}
