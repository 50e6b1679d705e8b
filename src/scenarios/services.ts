/** What scenarios are computed with. */
import type { PlanningServices } from '../planning/work.ts'

export interface ScenarioServices extends PlanningServices {
  /** Of the program: an answer names it. */
  readonly version: string
}

/** What the computation itself reads; the command line has no more. */
export type ScenarioParts = Pick<ScenarioServices, 'database' | 'knowledge' | 'planning' | 'version'>
