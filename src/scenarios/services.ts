/** What scenarios are computed with. */
import type { ComputingServices } from '../planning/runs/services.ts'

export interface ScenarioServices extends ComputingServices {
  /** Of the program: an answer names it. */
  readonly version: string
}

/** What the computation itself reads; the command line has no more. */
export type ScenarioParts = Pick<
  ScenarioServices,
  'compute' | 'database' | 'knowledge' | 'planning' | 'version'
>
