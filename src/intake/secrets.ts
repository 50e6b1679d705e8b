/**
 * Passwords stop here: nothing that leaves the reader (values, raw cells, messages) may hold one.
 *
 * Camera exports carry the login of every camera, in columns of their own or inside stream addresses.
 */
import { storable } from './table.ts'

const SECRET_WORDS = new Set(['pwd', 'login', 'token', 'secret', 'apikey', 'pin', 'passcode', 'psk'])
const SECRET_PARTS =
  /password|passwd|passphrase|username|userid|credential|apikey|privatekey|snmpcommunity|communitystring/
const WHOLE_HEADERS = new Set(['user', 'pass', 'auth', 'community'])

/** Whether a column of this name holds credentials. Its cells are blanked; it cannot be mapped. */
export function isSecretHeader(header: string): boolean {
  const words = header
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
  const squashed = words.join('')
  return (
    WHOLE_HEADERS.has(squashed) || SECRET_PARTS.test(squashed) || words.some((word) => SECRET_WORDS.has(word))
  )
}

// Lengths are bounded so that no text, however made, costs more than its length.
const AUTHORITY = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)([^\s"'<>]*)/gi
const BARE_LOGIN = /(^|[\s;,(])[^\s:@/;,(]{1,64}:[^\s@]{1,64}@(?=\d{1,3}(?:\.\d{1,3}){3}\b)/g
const QUERY_LOGIN =
  /([?&;](?:user(?:name|id)?|usr|login|loginuse|loginpas|pass(?:word|wd|code)?|pwd|pw|pas|token|auth|apikey|api_key|key|secret)=)[^&;\s"'<>#]+/gi

/** The text of a cell as it may be kept and shown: storable, without logins. */
export function cleaned(cell: string): string {
  return withoutLogins(storable(cell))
}

/** The text without the user-info of addresses and without login parameters. Anything else is kept to the letter. */
export function withoutLogins(text: string): string {
  let clean = text
  if (clean.includes('@') && clean.includes(':')) {
    clean = clean.replace(
      AUTHORITY,
      (_, scheme: string, rest: string) => scheme + afterUserInfo(scheme, rest),
    )
    clean = clean.replace(BARE_LOGIN, '$1')
  }
  return clean.includes('=') ? clean.replace(QUERY_LOGIN, '$1') : clean
}

/**
 * User-info ends at the last `@` of the authority; but a password may hold a `/` that nobody escaped. So when
 * the authority reads `name:word`, or `name:12` with a name that has no dot, or the scheme is one whose paths
 * have no `@`, everything up to the last `@` goes. Cutting too much of an address is the lesser harm.
 */
function afterUserInfo(scheme: string, rest: string): string {
  const authority = /^[^/?#]*/.exec(rest)![0]
  const isLogin = /^[^:]*:(?!\d{0,5}$)|^[^.:]*:\d*$/.test(authority) || /^(?:rtsps?|onvif):/i.test(scheme)
  return rest.slice((isLogin ? rest : authority).lastIndexOf('@') + 1)
}
