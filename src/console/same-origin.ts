/**
 * Forms are taken from the console's own pages only. Every browser of today says where a request comes from
 * (`Sec-Fetch-Site`) on encrypted and local addresses; elsewhere `Origin` does. A request that says neither is refused,
 * so no token has to be put into pages.
 */
import type { IncomingHttpHeaders } from 'node:http'

const SAFE = ['GET', 'HEAD', 'OPTIONS']

export function isFromHere(method: string, headers: IncomingHttpHeaders, host: string): boolean {
  if (SAFE.includes(method)) return true
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const { origin } = headers
  if (origin === undefined || !URL.canParse(origin)) return false
  const { protocol, host: from } = new URL(origin)
  // Read in the same way, so that a port that goes without saying is the same as one that is said.
  const here = `${protocol}//${host}`
  return URL.canParse(here) && from !== '' && new URL(here).host === from
}
