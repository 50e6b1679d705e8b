/** What routes that begin or show long work are given. */
import type { TenancyServices } from '../tenancy/services.ts'
import type { Jobs } from './runner.ts'

export interface JobServices extends TenancyServices {
  /** Long work that goes on after its request was answered. */
  readonly jobs: Jobs
}
