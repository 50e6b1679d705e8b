/** What use cases are given that compute in a thread. */
import type { PlanningServices } from '../work.ts'
import type { Compute } from './pool.ts'

export interface ComputingServices extends PlanningServices {
  readonly compute: Compute
}
