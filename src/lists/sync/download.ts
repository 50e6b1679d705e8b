/** Fetches a list into a file: within limits of size and time, along known machines, and only when it has changed. */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { WorkFile } from '../../jobs/operation.ts'
import { mayLeadTo, type Source } from './addresses.ts'

/** What the last answer was known by. */
export interface Known {
  readonly etag: string | null
  readonly lastModified: string | null
}

export type Fetched =
  | ({ readonly isChanged: true; readonly file: WorkFile } & Known)
  | { readonly isChanged: false }

/** Nothing came, or not all of it; try again later. */
export class NotFetched extends Error {
  /** What the machine asks to wait; null when it does not say. */
  readonly waitMillis: number | null
  constructor(message: string, waitMillis: number | null = null) {
    super(message)
    this.waitMillis = waitMillis
  }
}

interface FetchLimits {
  readonly mostBytes: number
  readonly mostMillis: number
}

const LIMITS: FetchLimits = { mostBytes: 512 * 1024 * 1024, mostMillis: 10 * 60_000 }
const MOST_REDIRECTS = 5
/** The answer that says where a list is. */
const MOST_OF_POINTER = 1024 * 1024

interface Asking {
  readonly known: Known | null
  readonly signal: AbortSignal
  readonly limits?: FetchLimits
}

/** Throws `NotFetched`, and the signal's reason when aborted. */
export async function fetchList(
  source: Source,
  path: string,
  { known, signal, limits = LIMITS }: Asking,
): Promise<Fetched> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(limits.mostMillis)])
  try {
    const answer = await ask(source, source.url, source.next ? null : known, within)
    if (!source.next) return await kept(answer, path, limits)
    const address = source.next(await textOf(answer))
    if (address === null) throw new NotFetched(`${source.url} does not say where the list is.`)
    return await kept(await ask(source, address, known, within), path, limits)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof NotFetched) throw error
    const { cause, name, message } = error as Error
    const why = name === 'TimeoutError' ? 'took too long' : (cause as Error | undefined)?.message || message
    throw new NotFetched(`${new URL(source.url).host}: ${why}`)
  }
}

async function ask(
  source: Source,
  address: string,
  known: Known | null,
  signal: AbortSignal,
): Promise<Response> {
  let url = new URL(address)
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    if (!mayLeadTo(source, url))
      throw new NotFetched(`The answer leads to ${url.host}, where the list is not published.`)
    const answer = await fetch(url, { redirect: 'manual', headers: headersOf(known), signal })
    const location = answer.headers.get('location')
    if (answer.status < 300 || answer.status >= 400 || answer.status === 304 || location === null)
      return answered(answer, url, known)
    await answer.body?.cancel()
    url = new URL(location, url)
  }
  throw new NotFetched(`${new URL(address).host} leads on more than ${MOST_REDIRECTS} times.`)
}

function headersOf(known: Known | null): Record<string, string> {
  return {
    'user-agent': 'camledger',
    ...(known?.etag ? { 'if-none-match': known.etag } : {}),
    ...(known?.lastModified && !known.etag ? { 'if-modified-since': known.lastModified } : {}),
  }
}

async function answered(answer: Response, url: URL, known: Known | null): Promise<Response> {
  if (answer.status === 200 || (answer.status === 304 && known !== null)) return answer
  await answer.body?.cancel()
  throw new NotFetched(`${url.host} answered ${answer.status}.`, waitOf(answer.headers.get('retry-after')))
}

function waitOf(text: string | null): number | null {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : null
}

async function textOf(answer: Response): Promise<string> {
  let text = ''
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    if (text.length > MOST_OF_POINTER)
      throw new NotFetched('The answer that says where the list is is too long.')
  }
  return text
}

async function kept(answer: Response, path: string, { mostBytes }: FetchLimits): Promise<Fetched> {
  if (answer.status === 304) return { isChanged: false }
  const declared = answer.headers.get('content-length')
  const isPlain = answer.headers.get('content-encoding') === null
  const hash = createHash('sha256')
  let bytes = 0
  async function* counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > mostBytes)
        throw new NotFetched(`The file is larger than ${mostBytes} bytes, which is the most.`)
      hash.update(chunk)
      yield chunk
    }
  }
  await pipeline(Readable.fromWeb(answer.body as never), counted, createWriteStream(path))
  if (isPlain && declared !== null && Number(declared) !== bytes)
    throw new NotFetched(`Of ${declared} bytes ${bytes} came.`)
  return {
    isChanged: true,
    file: { path, bytes, sha256: hash.digest('hex') },
    etag: answer.headers.get('etag'),
    lastModified: answer.headers.get('last-modified'),
  }
}
