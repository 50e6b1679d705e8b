/**
 * Saved data directories: initialising an empty database takes seconds, loading a saved one less than one.
 */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { makeFolder } from './folder.ts'
import { EmbeddedPool } from './pool.ts'

export interface SeedOptions {
  /** Where the saved directories are kept; made when missing. */
  readonly cacheDir: string
  /** Folder of SQL files; every file in it and below decides, by name and content, whether a seed still fits. */
  readonly migrationsDir: string
  /** Brings an empty database up to date. */
  readonly migrate: (pool: EmbeddedPool) => Promise<void>
}

/**
 * Path of a migrated, saved data directory, for `loadDataDir`. Made when there is none for this version of
 * PGlite and these migrations; older ones in the folder are deleted then.
 */
export async function seedDataDir(options: SeedOptions): Promise<string> {
  const key = await seedKey(options.migrationsDir)
  const path = join(options.cacheDir, `seed-${key}.tar.gz`)
  if (existsSync(path)) return path
  await makeFolder(options.cacheDir)
  const pool = await EmbeddedPool.open({ dataDir: null })
  try {
    await options.migrate(pool)
    // Under a name of its own first: of two that build it at once, both leave a whole file.
    const unfinished = join(options.cacheDir, `${randomUUID()}.tmp`)
    await writeFile(unfinished, await promisify(gzip)(await pool.dump(), { level: 1 }))
    await rename(unfinished, path)
  } finally {
    await pool.end()
  }
  for (const name of await readdir(options.cacheDir)) {
    if (/^seed-\w+\.tar\.gz$/.test(name) && join(options.cacheDir, name) !== path) {
      await rm(join(options.cacheDir, name), { force: true })
    }
  }
  return path
}

/** Hash of PGlite's version and of all migrations; 16 hex digits. */
export async function seedKey(migrationsDir: string): Promise<string> {
  const hash = createHash('sha256').update(pgliteVersion())
  const files = await readdir(migrationsDir, { recursive: true, withFileTypes: true })
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  for (const path of paths.sort()) {
    hash.update(`\0${path.slice(migrationsDir.length)}\0`).update(await readFile(path))
  }
  return hash.digest('hex').slice(0, 16)
}

function pgliteVersion(): string {
  const require = createRequire(import.meta.url)
  // The package does not export its package.json; its entry lies in dist/.
  const entry = require.resolve('@electric-sql/pglite')
  return (require(join(entry, '..', '..', 'package.json')) as { version: string }).version
}
