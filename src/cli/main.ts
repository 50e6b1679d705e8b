/**
 * The commands: `serve`, `screen`, `import`, `keys`, `migrate`, `move`, `audit`, `firmware`, `lists`, `scenario`, `plan`,
 * `devices`, `device`, `discover`, `verify`.
 *
 * Exit codes: 0 done; 1 it failed; 2 the command or its input was wrong; 3 `screen` found restricted or unclear
 * devices and was asked to say so (`--fail-on-findings`); 4 `import` refused some rows, or `lists sync` did not get
 * every list; 5 `audit verify`
 * found that entries were tampered with, or `verify` that an archive was.
 */
import { Command } from 'commander'
import { packageVersion } from '../server/paths.ts'
import { type CliParts, partsOf } from './parts.ts'

const EXIT_CODES = `
Exit codes: 0 done; 1 it failed; 2 the command or its input was wrong;
3 screen --fail-on-findings found something; 4 import refused some rows,
or lists sync did not get every list;
5 audit verify found that entries were changed, removed, moved or inserted,
or verify that an archive is not as it was signed.`

interface CommandRow {
  readonly name: string
  /** Options and arguments, as the list of commands shows them; a test compares them with those of the command. */
  readonly takes: string
  readonly does: string
  /** Options and action come from a file of its own, which is read only for this command. */
  readonly load: () => Promise<(command: Command, parts: CliParts) => void>
}

const COMMANDS: readonly CommandRow[] = [
  {
    name: 'serve',
    takes: '',
    does: 'serve the API; configured by environment variables',
    load: async () => (await import('./serve.ts')).serveCommand,
  },
  {
    name: 'screen',
    takes: '[options] <file>',
    does: 'screen a spreadsheet here and now: no server, nothing stored',
    load: async () => (await import('./screen.ts')).screenCommand,
  },
  {
    name: 'import',
    takes: '[options] [file]',
    does: 'take a spreadsheet into a running service (--url) or straight into the database',
    load: async () => (await import('./import.ts')).importCommand,
  },
  {
    name: 'keys',
    takes: '',
    does: 'API keys, straight in the database',
    load: async () => (await import('./keys.ts')).keysCommands,
  },
  {
    name: 'migrate',
    takes: '',
    does: 'bring the tables up to date as their owner (MIGRATION_DATABASE_URL), then end',
    load: async () => (await import('./database.ts')).databaseCommands,
  },
  {
    name: 'discover',
    takes: '[options]',
    does: 'find cameras that answer on your own network (ONVIF), without logins, as a list to import',
    load: async () => (await import('./discover.ts')).discoverCommand,
  },
  {
    name: 'devices',
    takes: '[options] [filters...]',
    does: 'list devices of a running service, those first of which something is prohibited',
    load: async () => (await import('./devices.ts')).devicesCommand,
  },
  {
    name: 'device',
    takes: '[options] <tag>',
    does: 'one device: who made it, what the law says, what to do next',
    load: async () => (await import('./devices.ts')).deviceCommand,
  },
  {
    name: 'audit',
    takes: '',
    does: 'the audit trail, straight in the database',
    load: async () => (await import('./audit.ts')).auditCommands,
  },
  {
    name: 'verify',
    takes: '[options] <file>',
    does: 'check the archive of a snapshot: nothing changed, and who signed it; works offline',
    load: async () => (await import('./verify.ts')).verifyCommand,
  },
  {
    name: 'move',
    takes: '[options]',
    does: 'move a register from the embedded database (DATA_DIR) to an empty PostgreSQL database (MIGRATION_DATABASE_URL or DATABASE_URL, as the owner of its tables)',
    load: async () => (await import('./move.ts')).moveCommand,
  },
  {
    name: 'firmware',
    takes: '',
    does: 'which devices can still be patched, and until when',
    load: async () => (await import('./firmware.ts')).firmwareCommands,
  },
  {
    name: 'lists',
    takes: '',
    does: 'official lists as versions',
    load: async () => (await import('./lists.ts')).listsCommands,
  },
  {
    name: 'scenario',
    takes: '[options]',
    does: 'what happens if a maker is put on a list; nothing in the register changes',
    load: async () => (await import('./scenario.ts')).scenarioCommand,
  },
  {
    name: 'plan',
    takes: '[options] [file]',
    does: 'replacement plan: what it costs, when and who pays, as workbook and page',
    load: async () => (await import('./plan.ts')).planCommand,
  },
]

export async function main(argv: readonly string[]): Promise<number> {
  let code = 0
  const program = new Command('camledger')
    .description('Register cameras, find out who really made them, and see what each law still allows.')
    .version(await packageVersion())
    .exitOverride()
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(add --help for how to use it)')

  const parts = partsOf((given) => {
    code = given
  })
  const named = namedIn(argv, program)
  for (const { name, takes, does, load } of COMMANDS) {
    // Of the others a line of the list is all that can be asked for.
    if (name !== named) program.command(`${name} ${takes}`).description(does)
    else (await load())(program.command(name).description(does), parts)
  }
  await program.parseAsync([...argv], { from: 'user' })
  return code
}

/** The command that is run, or explained with `help`. */
function namedIn(argv: readonly string[], program: Command): string | undefined {
  const [first, second] = program.parseOptions([...argv]).operands
  return first === 'help' ? second : first
}
