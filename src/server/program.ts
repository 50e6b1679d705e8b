/**
 * The code that makes answers, as one digest. Under the same law another program may answer otherwise (it reads a name
 * in another way, or a fault was corrected), so what one has stored is stale for another.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folders, beside that of this file, of the code that an answer is made by. */
const MAKES_ANSWERS = [
  'lib',
  'device',
  'catalogue',
  'identification',
  'determination',
  'firmware-risk',
  'screening',
]

/** SHA-256 over the compiled files, hex. */
export async function programDigest(): Promise<string> {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const folders = MAKES_ANSWERS.map(async (room) =>
    (await readdir(join(root, room), { recursive: true })).map((path) => join(room, path)),
  )
  const paths = (await Promise.all(folders)).flat().filter((path) => /\.[jt]s$/.test(path))
  const texts = await Promise.all(paths.sort().map((path) => readFile(join(root, path))))
  const hash = createHash('sha256')
  texts.forEach((text, i) => {
    hash.update(paths[i]!).update(text)
  })
  return hash.digest('hex')
}
