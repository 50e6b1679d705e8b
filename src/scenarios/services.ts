/** What scenarios are computed with. */
import type { PlanningServices } from '../planning/work.ts'

export interface ScenarioServices extends PlanningServices {
  /** Of the program: an answer names it. */
  readonly version: string
}
