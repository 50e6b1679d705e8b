import { isCutOff, type Judgment, type Law } from './judgment.ts'
import type { FixObtainable, Vulnerability } from './risk.ts'
import type { FixSource } from './sources.ts'

export interface OpenVulnerability extends Vulnerability {
  /** An image that closes it is kept, and could be obtained lawfully on its day. */
  readonly isHeld: boolean
  /** The best lawful source on record; null when there is only the device's own channel. */
  readonly source: FixSource | null
  readonly fixObtainable: FixObtainable
}

/** Whether the fix can be had from somebody today. */
export function fixObtainable(vulnerability: Vulnerability, law: Law, today: Judgment): FixObtainable {
  if (isCutOff(today)) return 'no'
  if (vulnerability.fix === 'unknown') return 'unknown'
  if (vulnerability.fix !== 'vendor-fix') return 'no'
  return law.subject.updateChannel === null ? 'unknown' : 'yes'
}
