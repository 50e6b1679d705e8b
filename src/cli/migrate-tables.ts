/** The tables brought up to date as their owner. */
import { connect } from '../db/connect.ts'
import { migrateIfNeeded } from '../db/migrations.ts'
import { auditRisks } from '../db/privileges.ts'
import { readConfig } from '../server/config.ts'
import { assertRegister, migrateAsOwner, openConfigured } from '../server/open-database.ts'
import { MIGRATIONS } from '../server/paths.ts'

export async function runMigrate(print: (text: string) => void): Promise<number> {
  const config = readConfig()
  const { DATABASE_URL, MIGRATION_DATABASE_URL } = config
  if (MIGRATION_DATABASE_URL === undefined) {
    // The embedded database is made by the service's first start, with all of its tables.
    if (DATABASE_URL === undefined) await assertRegister(config)
    // As a start does it: the user of DATABASE_URL is the owner, or the database is the embedded one.
    await (await openConfigured(config)).close()
    return 0
  }
  const made = await migrateAsOwner(MIGRATION_DATABASE_URL)
  if (DATABASE_URL !== undefined) await checkLogin(DATABASE_URL, print)
  return made
}

/** That the service will be able to work, and whether the audit trail is safe from it. */
async function checkLogin(url: string, print: (text: string) => void): Promise<void> {
  const login = await connect({ databaseUrl: url, poolSize: 1, dataDir: null })
  try {
    await migrateIfNeeded(login, MIGRATIONS)
    const risks = await login.asOperator(auditRisks)
    print(
      risks.length === 0
        ? 'The user of DATABASE_URL can add audit entries and cannot change or remove any.'
        : `The user of DATABASE_URL could change or remove audit entries: ${risks.join('; ')}.`,
    )
  } finally {
    await login.close()
  }
}
