/**
 * `npm run bench -- faults [NAME ...]`: load held and faults survived. Unlike the other sections it enforces: each
 * scenario measures what it promises against a limit, and the command ends with 1 when one does not hold.
 *
 * Linux only. It starts a PostgreSQL server of its own from the programs in BENCH_POSTGRES_BIN, or Debian's.
 */
import { printTable } from '../measure.ts'
import { type Cluster, serverPrograms, startCluster } from './cluster.ts'
import { exports } from './exports.ts'
import { folder } from './folder.ts'
import { full } from './full.ts'
import { headers } from './headers.ts'
import { imports } from './imports.ts'
import { jobs } from './jobs.ts'
import { killed } from './killed.ts'
import { readers } from './readers.ts'
import type { Finding, Scenario } from './scenario.ts'
import { servers } from './servers.ts'
import { perform } from './stage.ts'
import { stopped } from './stopped.ts'
import { terminated } from './terminated.ts'
import { trickling } from './trickling.ts'
import { undo } from './undo.ts'

const SCENARIOS: readonly Scenario[] = [
  trickling,
  headers,
  imports,
  undo,
  exports,
  readers,
  jobs,
  terminated,
  stopped,
  full,
  servers,
  folder,
  killed,
]

export async function faults(names: readonly string[] = []): Promise<void> {
  const chosen = names.length === 0 ? SCENARIOS : SCENARIOS.filter(({ name }) => names.includes(name))
  if (chosen.length < names.length) {
    const known = SCENARIOS.map(({ name, fault }) => `  ${name.padEnd(10)} ${fault}`)
    throw new Error(`Scenarios:\n${known.join('\n')}`)
  }
  const programs = serverPrograms()
  if (programs === null) {
    console.log(
      'No programs of a PostgreSQL server were found (BENCH_POSTGRES_BIN): what needs one is left out.',
    )
  }
  const cluster = programs === null ? null : await startCluster(programs)
  const rows: string[][] = []
  try {
    for (const scenario of chosen) rows.push(...(await rowsOf(scenario, cluster)))
  } finally {
    await cluster?.remove()
  }
  printTable({
    title: 'Load held and faults survived',
    header: ['scenario', 'database', 'promise', 'measured', 'limit', 'held'],
    rows,
  })
  if (rows.some((row) => row.at(-1) === 'NO')) process.exitCode = 1
}

async function rowsOf(scenario: Scenario, cluster: Cluster | null): Promise<string[][]> {
  const rows: string[][] = []
  for (const place of scenario.on) {
    const row = (rest: readonly string[]) => [scenario.name, place, scenario.promise, ...rest]
    const obstacle = scenario.obstacle?.() ?? (place === 'PostgreSQL' && !cluster ? 'no server' : null)
    if (obstacle !== null) {
      rows.push(row([`left out: ${obstacle}`, '', '-']))
      continue
    }
    const began = performance.now()
    const findings = await perform(scenario, place, cluster)
    const seconds = Math.round((performance.now() - began) / 1000)
    rows.push(row(cells(findings)))
    console.log(`${scenario.name}, ${place}: ${scenario.fault}; ${seconds} s. ${cells(findings).join(' | ')}`)
  }
  return rows
}

function cells(findings: readonly Finding[]): string[] {
  return [
    findings.map(({ measured }) => measured).join('; '),
    findings.map(({ limit }) => limit).join('; '),
    findings.every(({ isHeld }) => isHeld) ? 'yes' : 'NO',
  ]
}
