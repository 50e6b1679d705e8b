/** What a browser may do with a page of the console: load what this service serves, and nothing else. */
import type { FastifyReply } from 'fastify'

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

export function setPolicy(reply: FastifyReply): void {
  reply.headers({
    'content-security-policy': POLICY,
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    // Forms of the same origin say where they come from; links to other sites do not.
    'referrer-policy': 'same-origin',
    vary: 'Cookie, Accept-Encoding',
  })
}
