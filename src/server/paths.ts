/** Where the things lie that come with the program. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const root = (path: string) => fileURLToPath(import.meta.resolve(`#root/${path}`))

export const MIGRATIONS = root('migrations')
export const DATA = root('data')
/** Where `npm install` leaves a migrated data directory, see `seedDataDir`. */
export const CACHE = root('.cache')

export async function packageVersion(): Promise<string> {
  return (JSON.parse(await readFile(root('package.json'), 'utf8')) as { version: string }).version
}
