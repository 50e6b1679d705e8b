/** Everything that was worked out for a schedule, of which its document is written. */

import type { PlainDate } from '../../../lib/calendar.ts'
import type { RemediesDocument } from '../../documents.ts'
import type { FundedLine, PlacedLine, ScheduleJob } from './job.ts'
import type { OpenWork } from './open-sites.ts'
import type { Optimized } from './phasing/optimize.ts'
import type { Prepared } from './phasing/prepare.ts'
import type { PhasingProblem } from './phasing/problem.ts'
import type { CostsOfSites } from './site-costs.ts'
import type { SourceUse } from './source-use.ts'

/** First and last day of work by site. */
export type Visits = ReadonlyMap<string, { readonly from: PlainDate; readonly lastDay: PlainDate }>

export interface ScheduleResult {
  readonly job: ScheduleJob
  readonly work: OpenWork
  /** Devices of an open site that are left to do. */
  readonly devicesOf: (key: string) => number
  readonly costs: CostsOfSites
  readonly problem: PhasingProblem
  readonly prepared: Prepared
  readonly best: Optimized
  readonly visits: Visits
  readonly uses: readonly SourceUse[]
  readonly placed: readonly PlacedLine[]
  readonly lines: readonly FundedLine[]
  readonly remedies: RemediesDocument | undefined
}
