// Saves a migrated data directory under .cache/, so that the first start of the embedded database need not make
// one, which takes seconds. Run after `npm install`; the service starts without it, so a failure only says so.
try {
  const { openDatabase } = await import('../build/src/db/database.js')
  const { seedDataDir } = await import('../build/src/db/embedded/seed.js')
  const { CACHE, MIGRATIONS } = await import('../build/src/server/paths.js')
  await seedDataDir({
    cacheDir: CACHE,
    migrationsDir: MIGRATIONS,
    migrate: (pool) => openDatabase({ kind: 'embedded', description: '', pool }).migrate(MIGRATIONS),
  })
} catch (error) {
  console.warn(`No saved data directory; the first start will take longer. ${error}`)
}
