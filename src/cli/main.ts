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
import { auditCommands } from './audit.ts'
import { databaseCommands } from './database.ts'
import { deviceCommands } from './devices.ts'
import { discoverCommand } from './discover.ts'
import { firmwareCommands } from './firmware.ts'
import { importCommand } from './import.ts'
import { keysCommands } from './keys.ts'
import { listsCommands } from './lists.ts'
import { moveCommand } from './move.ts'
import { partsOf } from './parts.ts'
import { planCommand } from './plan.ts'
import { scenarioCommand } from './scenario.ts'
import { screenCommand } from './screen.ts'
import { serveCommand } from './serve.ts'
import { verifyCommand } from './verify.ts'

const EXIT_CODES = `
Exit codes: 0 done; 1 it failed; 2 the command or its input was wrong;
3 screen --fail-on-findings found something; 4 import refused some rows,
or lists sync did not get every list;
5 audit verify found that entries were changed, removed, moved or inserted,
or verify that an archive is not as it was signed.`

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
  serveCommand(program)
  screenCommand(program, parts)
  importCommand(program, parts)
  keysCommands(program, parts)
  databaseCommands(program, parts)
  discoverCommand(program, parts)
  deviceCommands(program, parts)
  auditCommands(program, parts)
  verifyCommand(program, parts)
  moveCommand(program, parts)
  firmwareCommands(program, parts)
  listsCommands(program, parts)
  scenarioCommand(program, parts)
  planCommand(program, parts)
  await program.parseAsync([...argv], { from: 'user' })
  return code
}
