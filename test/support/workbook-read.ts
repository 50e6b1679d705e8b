/**
 * Reads one workbook in a process of its own and prints what that took: the peak of memory is a process's.
 *
 * `node build/test/support/workbook-read.js FILE [LIMITS]`, where LIMITS is JSON of limits that differ.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { IntakeError } from '../../src/intake/problem.ts'
import { WORKBOOK_LIMITS } from '../../src/intake/workbook/limits.ts'
import { readWorkbookFile } from '../../src/intake/workbook/thread.ts'

export interface WorkbookRead {
  /** Code of the refusal, or null. */
  readonly refused: string | null
  readonly rows: number
  readonly cells: number
  readonly seconds: number
  readonly processorSeconds: number
  readonly peakMegabytes: number
  /** Longest time in which the main thread did nothing else. */
  readonly stallMillis: number
}

const [, , path, changes] = process.argv
const limits = { ...WORKBOOK_LIMITS, ...JSON.parse(changes ?? '{}') }
const stalls = monitorEventLoopDelay({ resolution: 1 })
let refused: string | null = null
let rows = 0
let cells = 0
const start = performance.now()
stalls.enable()
try {
  for await (const message of readWorkbookFile(path!, limits)) {
    if (message.kind !== 'rows') continue
    rows += message.rows.length
    for (const row of message.rows) cells += row.columns.length
  }
} catch (error) {
  if (!(error instanceof IntakeError)) throw error
  refused = error.code
}
stalls.disable()
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
const read: WorkbookRead = {
  refused,
  rows,
  cells,
  seconds: (performance.now() - start) / 1000,
  processorSeconds: (userCPUTime + systemCPUTime) / 1e6,
  peakMegabytes: maxRSS / 1024,
  stallMillis: stalls.max / 1e6,
}
console.log(JSON.stringify(read))
