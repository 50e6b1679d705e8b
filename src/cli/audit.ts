/** `camledger audit verify`: whether the audit trail is as it was written. */
import type { Command } from 'commander'
import type { CliParts } from './parts.ts'

export interface VerifyOptions {
  readonly anchors?: string
  readonly json?: boolean
}

export function auditCommands(command: Command, { print, exit }: CliParts): void {
  command
    .command('verify')
    .description('check that no audit entry was changed, removed, moved or inserted')
    .option('--anchors <file>', 'compare with the heads in this log of the service, or - for standard input')
    .option('--json', 'print the result as JSON')
    .action(async (options: VerifyOptions) => {
      const { runVerify } = await import('./audit-verify.ts')
      exit(await runVerify(options, print))
    })
}
