/** Whether an archive is as it was signed, without the service: all of its bytes, each of its files, and its key. */
import { createHash, createPublicKey, type Hash, type KeyObject, verify } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import yauzl from 'yauzl'
import { type PublishedKey, pointOf, refusalOf, thumbprint } from './model/keys.ts'
import { readSeal, SEAL_BYTES, sealed } from './model/seal.ts'
import { MANIFEST, readSums, SIGNATURE, SUMS } from './model/sums.ts'
import { Manifest, SigningKeys } from './schemas.ts'

/** A key to verify with; one read from PEM has no times. */
export type KnownKey = Omit<PublishedKey, 'createdAt' | 'expiresAt'> &
  Partial<Pick<PublishedKey, 'createdAt' | 'expiresAt'>>

/** Keys as the service publishes them, or one as PEM. Throws with a reason for a person. */
export function readKeys(text: string): KnownKey[] {
  if (text.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) return [keyOfPem(text)]
  const keys = SigningKeys.safeParse(jsonOf(text))
  if (!keys.success) throw new Error('these are no keys of camledger, and no public key as PEM')
  // The id is worked out anew: a key is what its bytes are, whatever it is called.
  return keys.data.keys.map((key) => ({ ...key, kid: thumbprint(key.x) }))
}

function keyOfPem(pem: string): KnownKey {
  const x = pointOf(createPublicKey(pem))
  const kid = thumbprint(x)
  return {
    kty: 'OKP',
    crv: 'Ed25519',
    x,
    kid,
    use: 'sig',
    alg: 'EdDSA',
    pem,
    retiredAt: null,
    revokedAt: null,
  }
}

/** Of the bytes of which the id is made, whatever stands beside them. */
function publicKeyOf({ kty, crv, x }: KnownKey): KeyObject {
  return createPublicKey({ key: { kty, crv, x }, format: 'jwk' })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export interface Verified {
  /** What is not as it should be, each in a sentence; empty when the archive is good. */
  readonly findings: readonly string[]
  readonly manifest: Manifest | null
  readonly key: KnownKey | null
}

/** Throws what the file system says when the file cannot be read. */
export async function verifyArchive(path: string, keys: readonly KnownKey[]): Promise<Verified> {
  const sealFindings = await sealOf(path, keys)
  const files = await filesOf(path)
  if (typeof files === 'string') return { findings: [...sealFindings, files], manifest: null, key: null }
  const parsed = Manifest.safeParse(jsonOf(files.get(MANIFEST)?.content?.toString() ?? ''))
  const manifest = parsed.success ? parsed.data : null
  const key = keys.find(({ kid }) => kid === manifest?.signingKey) ?? null
  const findings = [
    ...sealFindings,
    ...(manifest === null ? [`${MANIFEST} is missing or cannot be read`] : standingOf(manifest, key)),
    ...signatureFindings(files, key),
    ...contentFindings(files, manifest),
  ]
  return { findings, manifest, key }
}

/** Whether all bytes before the seal are those that were sealed. */
async function sealOf(path: string, keys: readonly KnownKey[]): Promise<string[]> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const tail = Buffer.alloc(Math.min(size, SEAL_BYTES))
    await file.read(tail, 0, tail.length, size - tail.length)
    const seal = readSeal(tail)
    if (seal === null)
      return ['the archive does not end with its seal: it was cut, added to or made otherwise']
    const key = keys.find(({ kid }) => kid === seal.kid)
    if (!key) return [`the archive is sealed with the key ${seal.kid}, which is not among the keys given`]
    const isGood = verify(
      null,
      sealed(await hashOf(path, size - SEAL_BYTES)),
      publicKeyOf(key),
      seal.signature,
    )
    return isGood ? [] : ['the bytes of the archive are not those that were sealed']
  } finally {
    await file.close()
  }
}

async function hashOf(path: string, bytes: number): Promise<Hash> {
  const hash = createHash('sha256')
  if (bytes === 0) return hash
  for await (const piece of createReadStream(path, { end: bytes - 1 })) hash.update(piece as Buffer)
  return hash
}

interface Unpacked {
  readonly sha256: string
  /** Of the files that say what the others are. */
  readonly content: Buffer | null
}

/** These are read whole; a manifest names thousands of cities at most. */
const READ: ReadonlySet<string> = new Set([MANIFEST, SUMS, SIGNATURE])
const MOST_READ = 64 * 1024 * 1024

/** What is in the archive, or why it cannot be read. */
async function filesOf(path: string): Promise<ReadonlyMap<string, Unpacked> | string> {
  const found = new Map<string, Unpacked>()
  try {
    const zip = await yauzl.openPromise(path, { strictFileNames: true })
    for await (const entry of zip.eachEntry()) {
      if (found.has(entry.fileName)) return `${entry.fileName} is in the archive twice`
      const stream = await zip.openReadStreamPromise(entry)
      const hash = createHash('sha256')
      const pieces: Buffer[] = []
      let bytes = 0
      for await (const piece of stream as AsyncIterable<Buffer>) {
        hash.update(piece)
        bytes += piece.length
        if (READ.has(entry.fileName) && bytes <= MOST_READ) pieces.push(piece)
      }
      const content = READ.has(entry.fileName) ? Buffer.concat(pieces) : null
      found.set(entry.fileName, { sha256: hash.digest('hex'), content })
    }
    return found
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR') throw error
    return `the archive cannot be read to its end (${message})`
  }
}

function standingOf(manifest: Manifest, key: KnownKey | null): string[] {
  const { signingKey, createdAt } = manifest
  if (key === null) {
    return [
      `it is signed with the key ${signingKey}, which is not among the keys given: who signed it is not known`,
    ]
  }
  const times = { createdAt: new Date(0).toISOString(), expiresAt: '9999-12-31T00:00:00.000Z' }
  const refusal = refusalOf({ ...times, ...key }, createdAt)
  return refusal === null ? [] : [refusal]
}

function signatureFindings(files: ReadonlyMap<string, Unpacked>, key: KnownKey | null): string[] {
  const sums = files.get(SUMS)?.content
  const signature = files.get(SIGNATURE)?.content
  if (!sums || !signature) return [`${SUMS} or ${SIGNATURE} is missing`]
  if (key === null) return []
  return verify(null, sums, publicKeyOf(key), signature)
    ? []
    : [`${SIGNATURE} is no signature of ${SUMS} by its key`]
}

/** Each file is what the signed list says, and there are no others. */
function contentFindings(files: ReadonlyMap<string, Unpacked>, manifest: Manifest | null): string[] {
  const sums = readSums(files.get(SUMS)?.content?.toString() ?? '')
  if (sums === null) return [`${SUMS} cannot be read`]
  const differing = [...sums].flatMap(([name, sha256]) => {
    const file = files.get(name)
    if (!file) return [`${name} is missing`]
    return file.sha256 === sha256 ? [] : [`${name} is not as it was signed`]
  })
  const unsigned = [...files.keys()]
    .filter((name) => !sums.has(name) && name !== SUMS && name !== SIGNATURE)
    .map((name) => `${name} was not signed`)
  const unnamed = (manifest?.files ?? [])
    .filter(({ name, sha256 }) => sums.get(name) !== sha256)
    .map(({ name }) => `${MANIFEST} says something else of ${name} than ${SUMS}`)
  return [...differing, ...unsigned, ...unnamed]
}
