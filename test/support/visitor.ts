/** Somebody who uses the console: signs in, opens pages, sends forms, keeps the cookie. Without a browser. */
import type { Harness } from './harness.ts'

export interface Visit {
  readonly status: number
  readonly headers: Record<string, string | string[] | number | undefined>
  readonly html: string
  /** Where it leads, when it leads elsewhere. */
  readonly location: string | undefined
}

/** What a form sends; a list where one name comes several times. */
type Fields = Readonly<Record<string, string>> | [name: string, value: string][]

export interface Visitor {
  open(address: string, headers?: Record<string, string>): Promise<Visit>
  /** Send a form and, when it leads elsewhere, open that. */
  send(address: string, fields: Fields): Promise<Visit>
  /** Send a form, and nothing more. */
  post(address: string, fields: Fields, headers?: Record<string, string>): Promise<Visit>
  cookie(): string
}

const FROM_HERE = { 'sec-fetch-site': 'same-origin' }

export function visitor(h: Pick<Harness, 'app'>, from = '127.0.0.1'): Visitor {
  let cookie = ''

  async function visit(
    method: 'GET' | 'POST',
    url: string,
    headers: Record<string, string>,
    payload?: string,
  ): Promise<Visit> {
    const reply = await h.app.inject({
      method,
      url,
      remoteAddress: from,
      headers: { accept: 'text/html', ...(cookie === '' ? {} : { cookie }), ...headers },
      ...(payload === undefined ? {} : { payload }),
    })
    const set = reply.headers['set-cookie']
    if (typeof set === 'string') cookie = set.split(';')[0]!
    return {
      status: reply.statusCode,
      headers: reply.headers,
      html: reply.body,
      location: reply.headers.location,
    }
  }

  const post: Visitor['post'] = (address, fields, headers = FROM_HERE) =>
    visit(
      'POST',
      address,
      { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      new URLSearchParams(fields).toString(),
    )

  return {
    open: (address, headers = {}) => visit('GET', address, headers),
    post,
    async send(address, fields) {
      const answer = await post(address, fields)
      return answer.location === undefined ? answer : visit('GET', answer.location, {})
    },
    cookie: () => cookie,
  }
}

/** A visitor who has signed in. */
export async function signedInAs(h: Pick<Harness, 'app'>, key: string, name = ''): Promise<Visitor> {
  const someone = visitor(h)
  const answer = await someone.post('/console/login', { key, name })
  if (answer.status !== 303) throw new Error(`not signed in: ${answer.status}`)
  return someone
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
const plain = (text: string) =>
  text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name]!)

/** The links of a page to other pages and files of the console, without their fragments. */
export function linksOf(html: string): string[] {
  const found = [...html.matchAll(/<(?:a|img)\b[^>]*?\s(?:href|src)="([^"]*)"/g)]
  const addresses = found.map(([, address]) => plain(address!).replace(/#.*$/, ''))
  return [...new Set(addresses.filter((address) => address.startsWith('/console')))]
}

/** What a reader sees: text without markup, blanks as one. */
export function textOf(html: string): string {
  const body = html.replace(/^[\s\S]*?<main/, '<main')
  return plain(body.replaceAll(/<[^>]*>/g, ' '))
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** Every page that links lead to from the first one, with what it answered. */
export async function crawl(someone: Visitor, mostPages = 150): Promise<Map<string, Visit>> {
  const visited = new Map<string, Visit>()
  const waiting = ['/console']
  // Pages that differ in what they are asked are many: of each path some are opened.
  const perPath = new Map<string, number>()
  while (waiting.length > 0 && visited.size < mostPages) {
    const address = waiting.shift()!
    if (visited.has(address)) continue
    const path = address.split('?')[0]!.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id')
    const seen = perPath.get(path) ?? 0
    if (seen >= 12) continue
    perPath.set(path, seen + 1)
    const answer = await someone.open(address)
    visited.set(address, answer)
    if (String(answer.headers['content-type']).startsWith('text/html')) waiting.push(...linksOf(answer.html))
    if (answer.location?.startsWith('/console')) waiting.push(answer.location)
  }
  return visited
}
