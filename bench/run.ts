/**
 * `npm run bench [-- SECTION ...]`: measures what the service promises and prints a table for each.
 *
 * Absolute times belong to a machine: read the ratios. A ratio that is promised and not met, or a fault that is not
 * survived within its limit, ends the run with 1. BENCH_DATABASE_URL names a PostgreSQL
 * server (a user that may create databases and is no superuser); without it those sections are left out.
 */
import { cpus } from 'node:os'
import { BENCH_URL } from './databases.ts'
import { faults } from './faults/faults.ts'
import { firmware } from './firmware.ts'
import { dirtyImports, imports } from './imports.ts'
import { intake } from './intake.ts'
import { lists } from './lists.ts'
import { memory } from './memory.ts'
import { million } from './million.ts'
import { moving } from './move.ts'
import { names } from './names.ts'
import { planning } from './planning.ts'
import { reach } from './reach.ts'
import { screening } from './screening.ts'
import { start } from './start.ts'

const SECTIONS: Readonly<Record<string, { about: string; run: () => Promise<void> }>> = {
  names: { about: 'name resolution', run: names },
  screen: { about: 'identify, determine, /v1/screen', run: screening },
  intake: { about: 'what reading odd tables costs', run: intake },
  import: { about: 'import beside the raw insert', run: imports },
  dirty: { about: 'import of a list full of faults: statements, memory, speed', run: dirtyImports },
  million: { about: 'pages, export, re-evaluation and totals over 1,000,000 devices', run: million },
  reach: { about: 'changes of the law over 1,000,000 devices: what they touch, and everything', run: reach },
  firmware: { about: 'work list and re-evaluation of firmware risk over 1,000,000 devices', run: firmware },
  planning: { about: 'estimate and schedule of 20,000 devices, and who waits meanwhile', run: planning },
  move: { about: 'a register of 100,000 devices from the embedded database to PostgreSQL', run: moving },
  start: { about: 'cold and warm start', run: start },
  faults: { about: 'load held and faults survived, each within its limit', run: () => faults(scenarios) },
  lists: { about: 'reading an official list of 130 MB in flat memory', run: lists },
  memory: { about: 'import of 10 MB and of 100 MB', run: memory },
}

const [first, ...others] = process.argv.slice(2)
// What follows `faults` names scenarios of it.
const scenarios = first === 'faults' ? others : []
const wanted = first === undefined ? [] : first === 'faults' ? [first] : [first, ...others]
const unknown = wanted.filter((name) => !Object.hasOwn(SECTIONS, name))
if (unknown.length > 0 || wanted.includes('--help')) {
  console.error('Sections:')
  for (const [name, { about }] of Object.entries(SECTIONS)) console.error(`  ${name.padEnd(8)} ${about}`)
  process.exitCode = 2
} else {
  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`)
  if (BENCH_URL === null) console.log('BENCH_DATABASE_URL is not set: what needs PostgreSQL is left out.')
  for (const name of wanted.length > 0 ? wanted : Object.keys(SECTIONS)) {
    try {
      await SECTIONS[name]!.run()
    } catch (error) {
      // The message of a failed query holds megabytes of parameters; what PostgreSQL said is its cause.
      const { cause } = error as { cause?: unknown }
      console.error(`${name} failed:`, cause instanceof Error ? cause.message : error)
      process.exitCode = 1
    }
  }
}
