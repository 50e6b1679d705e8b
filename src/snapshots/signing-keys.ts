/**
 * The operator's signing keys. One signs at a time; it is made when it is first needed, and replaced when its time has
 * come, when the operator asks for another, or when `SIGNING_KEY_FILE` names another.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { asc, isNull, sql } from 'drizzle-orm'
import type { Database, Tx } from '../db/database.ts'
import { signingKeys } from '../db/schema/index.ts'
import { DomainError } from '../http/problems.ts'
import { toInstant } from '../http/schemas.ts'
import { OPERATOR, record } from '../tenancy/audit.ts'
import type { Work } from '../tenancy/work.ts'
import { type PublishedKey, pointOf, thumbprint } from './model/keys.ts'
import type { Seal } from './model/seal.ts'

/** A year: what is lost with a key is bounded, and archives name the key that signed them. */
const SIGNS_DAYS = 366
const DAY = 86_400_000

type Row = typeof signingKeys.$inferSelect

/** The private half of the operator's own file; null when the service keeps its keys itself. */
export type GivenKey = KeyObject | null

/** Throws with a reason for a person when the text is no such key. */
export function readGivenKey(pem: string): KeyObject {
  const key = createPrivateKey(pem)
  pointOf(createPublicKey(key))
  return key
}

export interface Signer {
  readonly kid: string
  /** The signature alone. */
  sign(text: Buffer): Buffer
  seal(text: Buffer): Seal
}

/** The key that signs now. */
export function currentSigner(database: Database, given: GivenKey, now: Date): Promise<Signer> {
  return database.asOperator(async (tx) => {
    // Of processes that come first at once, one makes the key and the others find it.
    await tx.execute(sql`lock table signing_keys in share row exclusive mode`)
    const current = await currentRow(tx)
    if (given !== null) return signerOf(given, await registered(tx, given, current, now))
    const isGood = current?.privateKey != null && Date.parse(current.expiresAt) > now.getTime()
    const row = isGood ? current : await replaced(tx, current, null, now)
    return signerOf(createPrivateKey(row.privateKey!), row)
  })
}

function signerOf(key: KeyObject, { id }: Row): Signer {
  const signed = (text: Buffer) => sign(null, text, key)
  return { kid: id, sign: signed, seal: (text) => ({ kid: id, signature: signed(text) }) }
}

async function currentRow(tx: Tx): Promise<Row | undefined> {
  const [row] = await tx.select().from(signingKeys).where(isNull(signingKeys.retiredAt))
  return row
}

/** The row of a key that lies in a file: a new file takes the place of what signed before. */
async function registered(tx: Tx, given: KeyObject, current: Row | undefined, now: Date): Promise<Row> {
  const publicKey = createPublicKey(given)
  const id = thumbprint(pointOf(publicKey))
  if (current?.id === id && Date.parse(current.expiresAt) > now.getTime()) return current
  const [known] = await tx.select().from(signingKeys).where(sql`id = ${id}`)
  if (known) {
    throw new DomainError(
      'not-ready',
      'The key in SIGNING_KEY_FILE has ended. The operator has to put a new one in its place and start the service again.',
    )
  }
  return replaced(tx, current, publicKey, now)
}

/** Another key in the place of the current one: a new one of the service, or the public half of one in a file. */
async function replaced(tx: Tx, current: Row | undefined, given: KeyObject | null, now: Date): Promise<Row> {
  if (current) await retire(tx, current, now, null)
  const made = given === null ? generateKeyPairSync('ed25519') : { publicKey: given, privateKey: null }
  const id = thumbprint(pointOf(made.publicKey))
  const [row] = await tx
    .insert(signingKeys)
    .values({
      id,
      publicKey: made.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
      privateKey: made.privateKey?.export({ format: 'pem', type: 'pkcs8' }).toString() ?? null,
      createdAt: now.toISOString(),
      expiresAt: new Date(now.getTime() + SIGNS_DAYS * DAY).toISOString(),
    })
    .returning()
  const detail = { isInFile: given !== null, replaces: current?.id ?? null }
  await record(tx, null, OPERATOR, now, { action: 'signing-key.create', target: id, detail })
  return row!
}

/** It signs no more, and nobody needs its private half. */
async function retire(tx: Tx, { id }: Row, now: Date, revocation: string | null): Promise<void> {
  const at = now.toISOString()
  await tx
    .update(signingKeys)
    .set({
      retiredAt: at,
      privateKey: null,
      ...(revocation === null ? {} : { revokedAt: at, reason: revocation }),
    })
    .where(sql`id = ${id}`)
}

/** Another key from now on. Throws `signing-key-in-file`. */
export async function rotateKey(
  { tx, actor, now }: Work,
  given: GivenKey,
  { revoke, reason }: { readonly revoke: boolean; readonly reason: string | null },
): Promise<PublishedKey> {
  if (given !== null) {
    throw new DomainError(
      'signing-key-in-file',
      'The key lies in the file that SIGNING_KEY_FILE names: put another there and start the service again.',
    )
  }
  await tx.execute(sql`lock table signing_keys in share row exclusive mode`)
  const current = await currentRow(tx)
  if (current && revoke) await retire(tx, current, now, reason ?? '')
  const row = await replaced(tx, revoke ? undefined : current, null, now)
  const detail = { new: row.id, revoke, reason }
  await record(tx, null, actor, now, { action: 'signing-key.rotate', target: current?.id ?? null, detail })
  return published(row)
}

/** Every key that ever signed, oldest first, without the private halves. */
export function publishedKeys(database: Database): Promise<PublishedKey[]> {
  return database.asOperator(async (tx) => {
    const rows = await tx.select().from(signingKeys).orderBy(asc(signingKeys.createdAt), asc(signingKeys.id))
    return rows.map(published)
  })
}

function published(row: Row): PublishedKey {
  const orNull = (at: string | null) => (at === null ? null : toInstant(at))
  return {
    kty: 'OKP',
    crv: 'Ed25519',
    x: pointOf(createPublicKey(row.publicKey)),
    kid: row.id,
    use: 'sig',
    alg: 'EdDSA',
    pem: row.publicKey,
    createdAt: toInstant(row.createdAt),
    expiresAt: toInstant(row.expiresAt),
    retiredAt: orNull(row.retiredAt),
    revokedAt: orNull(row.revokedAt),
  }
}
