/** What snapshots are made with. */
import type { JobServices } from '../jobs/services.ts'
import type { Services } from '../screening/services.ts'
import type { GivenKey } from './signing-keys.ts'

export interface SnapshotServices extends Services, Pick<JobServices, 'jobs'> {
  /** Of the program. */
  readonly version: string
  /** The operator's own key; null when the service keeps its keys itself. */
  readonly signingKey: GivenKey
  /** What the snapshots of one owner may hold together. */
  readonly snapshotBytes: number
}
