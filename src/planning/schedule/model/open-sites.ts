/** What is still to be done of a plan. */
import type { PlainDate } from '../../../lib/calendar.ts'
import type { Cents } from '../../../lib/money.ts'
import type { ScheduleJob } from './job.ts'

interface OpenSite {
  readonly key: string
  readonly devices: number
  readonly riskPoints: number
}

export interface OpenWork {
  readonly open: readonly OpenSite[]
  readonly completed: readonly {
    readonly key: string
    readonly devices: number
    readonly lastOn: PlainDate
  }[]
}

/** Sites whose devices are all recorded as done have left the plan; of others the devices that are left count. */
export function openWorkOf({ estimate, progress }: ScheduleJob): OpenWork {
  const done = new Map(progress.map((one) => [one.siteId, one]))
  const open: OpenSite[] = []
  const completed: { key: string; devices: number; lastOn: PlainDate }[] = []
  for (const { value: key, devices, riskPoints } of estimate.bySite) {
    if (key === '') continue
    const own = done.get(key)
    if (own === undefined || own.done === 0) {
      open.push({ key, devices, riskPoints })
      continue
    }
    const left = Math.min(devices, own.devices - own.done)
    if (left <= 0) completed.push({ key, devices: own.devices, lastOn: own.lastOn! })
    else open.push({ key, devices: left, riskPoints: Math.ceil((riskPoints * left) / devices) })
  }
  return { open, completed }
}

/** Ordered or paid by site; `''` for what names none. */
export function committedBySite({ commitments }: ScheduleJob): ReadonlyMap<string, Cents> {
  const bySite = new Map<string, Cents>()
  for (const { siteId, cents } of commitments)
    bySite.set(siteId ?? '', (bySite.get(siteId ?? '') ?? 0n) + cents)
  return bySite
}
