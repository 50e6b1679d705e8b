/** Who has signed in: from the cookie of a request to a principal, and the cookie itself. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Actor, actorFor } from '../tenancy/actor.ts'
import type { Principal } from '../tenancy/principal.ts'
import type { Session } from '../tenancy/sessions.ts'
import type { ConsoleServices } from './services.ts'

export interface SignedIn {
  /** With the stated name, so that records of changes name the person beside the key. */
  readonly principal: Principal
  readonly session: Session
}

interface CookieForm {
  readonly name: string
  readonly isSecure: boolean
}

/**
 * The cookie for the way the browser came; null when it would not keep one, or nobody should send one.
 *
 * `__Host-` binds the cookie to this host and to encryption. On the machine itself nothing leaves it, and not every
 * browser keeps a secure cookie there, so it goes without.
 */
export function cookieFor(request: FastifyRequest, plainHttp: boolean): CookieForm | null {
  if (request.protocol === 'https') return { name: '__Host-camledger', isSecure: true }
  return plainHttp || isThisMachine(request.hostname) ? { name: 'camledger', isSecure: false } : null
}

export function isThisMachine(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || /^127\.|^\[?::1\]?$/.test(host)
}

/** 256 random bits in base64url. */
const TOKEN = /^[\w-]{43}$/

function tokenOf(request: FastifyRequest, plainHttp: boolean): string | null {
  const form = cookieFor(request, plainHttp)
  if (form === null) return null
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [name, value = ''] = part.trim().split('=')
    if (name === form.name && TOKEN.test(value)) return value
  }
  return null
}

/** It ends with the browser at the latest: no time is set. */
export function setCookie(reply: FastifyReply, { name, isSecure }: CookieForm, token: string): void {
  reply.header('set-cookie', `${name}=${token}; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`)
}

export function clearCookie(reply: FastifyReply, { name, isSecure }: CookieForm): void {
  const secure = isSecure ? '; Secure' : ''
  reply.header('set-cookie', `${name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax${secure}`)
}

/** Null when nobody has signed in, it was too long ago, or the key has ended. */
export async function signedIn(
  { sessions, keyRing, plainHttp }: ConsoleServices,
  request: FastifyRequest,
): Promise<SignedIn | null> {
  const token = tokenOf(request, plainHttp)
  const session = token === null ? null : await sessions.find(token)
  if (session === null) return null
  const principal = await keyRing.principalOf(session.keyHash)
  if (principal === null || !sessions.isAwake(session, principal.role)) return null
  sessions.use(session)
  return { principal: { ...principal, statedName: session.statedName }, session }
}

export function actorIn(request: FastifyRequest, principal: Principal): Actor {
  return actorFor(principal, { requestId: request.id, remoteAddress: request.ip })
}

/** Where to go after signing in: an address of the console and of nothing else, as browsers write one. */
export function nextAddress(asked: string | null): string {
  return asked !== null && /^\/console(?:[/?][\x21-\x5b\x5d-\x7e]*)?$/.test(asked) ? asked : '/console'
}
