/** Where a plan stands: which of its steps are done, which have to be done again, and why. Pure. */
import type { Gets } from './answers.ts'

export interface LoadedPlan {
  readonly plan: Gets['/v1/plans/{id}']
  readonly etag: string
  readonly estimate: Gets['/v1/plans/{id}/estimate'] | null
  readonly schedule: Gets['/v1/plans/{id}/schedule'] | null
  readonly sources: readonly Gets['/v1/funding-sources']['items'][number][]
  readonly prices: readonly Gets['/v1/cost-catalog']['items'][number][]
  readonly candidates: readonly Gets['/v1/plans/{id}/candidates']['items'][number][]
  readonly charts: readonly ({ readonly name: string } & Gets['/v1/plans/{id}/charts/{chart}'])[]
}

export interface PlanState {
  /** What has changed since the estimate; empty when it is current. */
  readonly estimateStale: readonly string[]
  readonly scheduleStale: readonly string[]
}

export function stateOf({ plan, estimate, schedule, sources, prices }: LoadedPlan): PlanState {
  const estimateStale: string[] = []
  if (estimate !== null) {
    if (estimate.revision !== plan.revision) estimateStale.push('the plan was changed')
    if (hasOtherPrices(estimate, prices)) estimateStale.push('a price was changed')
  }
  const scheduleStale: string[] = []
  if (schedule !== null) {
    if (schedule.revision !== plan.revision) scheduleStale.push('the plan was changed')
    if (estimate !== null && schedule.estimateId !== estimate.id)
      scheduleStale.push('there is a newer estimate')
    if (sources.some(({ updatedAt }) => updatedAt > schedule.createdAt))
      scheduleStale.push('a fund was added or changed')
  }
  return { estimateStale, scheduleStale }
}

/** Whether a price that the estimate used is another by now. */
function hasOtherPrices(
  estimate: NonNullable<LoadedPlan['estimate']>,
  prices: LoadedPlan['prices'],
): boolean {
  const now = new Map(prices.map((price) => [price.code, price]))
  return estimate.prices.some((used) => {
    const price = now.get(used.code)
    return (
      price !== undefined &&
      (price.low !== used.low || price.expected !== used.expected || price.high !== used.high)
    )
  })
}
