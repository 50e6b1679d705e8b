/** `camledger move`: from the embedded database in DATA_DIR to PostgreSQL. */
import type { Command } from 'commander'
import type { CliParts } from './parts.ts'

export function moveCommand(command: Command, { print, exit }: CliParts): void {
  command
    .option('--check', 'compare both sides table by table, and change nothing')
    .action(async ({ check = false }: { check?: boolean }) => {
      const { runMove } = await import('./move-register.ts')
      exit(await runMove(check, print))
    })
}
