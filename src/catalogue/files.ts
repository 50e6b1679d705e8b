/** Reference knowledge in the files of `data/`. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonical } from '../lib/canonical.ts'
import type { ReferenceData } from './reference-data.ts'
import { checkRows } from './row-shapes.ts'
import { byPart, sorted, TABLES } from './tables.ts'

export interface ReferenceFiles {
  readonly reference: ReferenceData
  /** Newest `version` of the files. */
  readonly release: string
  /** SHA-256 over the bytes of the files, hex: quickly known, and another one when only a blank has changed. */
  readonly bytesDigest: string
  /** SHA-256 over all rows, hex; worked out when read, which is before they are loaded. Throws when a row is wrong. */
  readonly digest: string
}

/** Read `data/`. Throws when a file is missing or is no JSON: the package is damaged then. */
export async function readReferenceFiles(folder: string): Promise<ReferenceFiles> {
  let release = ''
  const bytes = createHash('sha256')
  const reference = await byPart(async ({ file }) => {
    const text = await readFile(join(folder, file), 'utf8')
    bytes.update(text)
    const content = JSON.parse(text) as { version: string; items: unknown[] }
    if (content.version > release) release = content.version
    return content.items
  })
  let digest: string | undefined
  return {
    reference,
    release,
    bytesDigest: bytes.digest('hex'),
    get digest() {
      checkRows(reference)
      digest ??= digestOf(reference)
      return digest
    },
  }
}

/** SHA-256 over all rows, hex. */
export function digestOf(reference: ReferenceData): string {
  const hash = createHash('sha256')
  // What PostgreSQL gives back as jsonb has its keys in another order than the file.
  const rows = sorted(reference)
  for (const { part } of TABLES) hash.update(canonical(rows[part]))
  return hash.digest('hex')
}
