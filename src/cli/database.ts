/** Commands on the database as a whole: `migrate`. */
import type { Command } from 'commander'
import type { CliParts } from './parts.ts'

export function databaseCommands(command: Command, { print }: CliParts): void {
  command.action(async () => {
    const { runMigrate } = await import('./migrate-tables.ts')
    const made = await runMigrate(print)
    print(made === 0 ? 'The tables are up to date.' : `${made} migrations made; the tables are up to date.`)
  })
}
