/** Ed25519 keys (RFC 8032) and what a signature of one is worth. Pure. */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto'

/** A public key as everybody may read it: a JSON Web Key (RFC 7517, RFC 8037) with the times in which it signed. */
export interface PublishedKey {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  /** The 32 bytes of the key, base64url. */
  readonly x: string
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'EdDSA'
  /** The same key for programs that read PEM. */
  readonly pem: string
  readonly createdAt: string
  readonly expiresAt: string
  readonly retiredAt: string | null
  readonly revokedAt: string | null
}

/** The 32 bytes of an Ed25519 key, base64url. Throws when it is a key of another kind. */
export function pointOf(key: KeyObject): string {
  const { kty, crv, x } = createPublicKey(key.export({ format: 'pem', type: 'spki' })).export({
    format: 'jwk',
  })
  if (kty !== 'OKP' || crv !== 'Ed25519' || x === undefined) throw new Error('The key is no Ed25519 key.')
  return x
}

/** Thumbprint of a key (RFC 7638): SHA-256 of its required members in the order of their names. */
export function thumbprint(x: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url')
}

/** Processes of the service run on machines whose clocks differ. */
const SKEW_MILLIS = 5 * 60_000

/** Why a signature of this key, made at this time, is not good; null when it is. */
export function refusalOf(key: Omit<PublishedKey, 'pem'>, signedAt: string): string | null {
  const at = Date.parse(signedAt)
  if (key.revokedAt !== null) {
    return `its key ${key.kid} was revoked on ${key.revokedAt}: somebody else may have signed with it`
  }
  if (Number.isNaN(at) || at < Date.parse(key.createdAt) - SKEW_MILLIS) {
    return `it says that it was signed on ${signedAt}, before its key ${key.kid} was made (${key.createdAt})`
  }
  const end = [key.retiredAt, key.expiresAt].filter((one) => one !== null).sort()[0]!
  if (at > Date.parse(end) + SKEW_MILLIS) {
    return `it says that it was signed on ${signedAt}, after its key ${key.kid} had ended (${end})`
  }
  return null
}
