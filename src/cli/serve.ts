/** `camledger serve`, when it is asked for with options; without any, `cli.ts` begins to serve at once. */
import type { Command } from 'commander'
import { ENVIRONMENT } from '../server/config.ts'

export function serveCommand(command: Command): void {
  command
    .addHelpText(
      'after',
      `\nEnvironment:\n${ENVIRONMENT.map(([name, meaning]) => `  ${name.padEnd(22)} ${meaning}`).join('\n')}`,
    )
    .action(async () => {
      const { runServer } = await import('./run-server.ts')
      await runServer()
    })
}
