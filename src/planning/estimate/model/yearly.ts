/** What comes every year after the purchase, by site, and video management in its three ways side by side. Pure. */
import { decimal, percent, roundHalfUp, times, toNumber } from '../../../lib/money.ts'
import type { Price, Prices } from '../../costs/model/prices.ts'
import type { YearlyCosts } from '../../documents.ts'
import { escalationBetween, middleOf } from '../../model/fiscal-year.ts'
import type { PlanSettings } from '../../settings.ts'
import { type DeviceGroup, siteKeyOf } from './lines.ts'

type Vms = PlanSettings['vms']

/** What a camera pays once, and in each year after the first. The first year of a subscription is bought with it. */
const WAYS: Readonly<Record<Vms, { readonly once: string; readonly yearly: string }>> = {
  'new-license': { once: 'VMS-LIC', yearly: 'VMS-SUP' },
  'move-license': { once: 'VMS-REMAP', yearly: 'VMS-SUP' },
  cloud: { once: 'VMS-CLOUD', yearly: 'VMS-CLOUD' },
}

/** Years when nothing is known of the life of a camera. */
const LIFE_YEARS = 8

/**
 * Expected prices in the money of the first fiscal year. Percentages on top of cost are paid once and not here; power,
 * links and staff of today go on as they are.
 */
export function yearlyCostsOf(
  groups: readonly DeviceGroup[],
  settings: PlanSettings,
  prices: Prices,
  fiscalYearStartMonth: number,
): YearlyCosts {
  const spentOn = middleOf(settings.firstFiscalYear, fiscalYearStartMonth)
  const rate = percent(settings.escalationPercent)
  const centsOf = (price: Price | undefined) =>
    price === undefined
      ? 0
      : Number(roundHalfUp(times(decimal(price.expected), escalationBetween(price.asOf, spentOn, rate))))
  const cameras = new Map<string, number>()
  for (const group of groups) {
    if (!isManaged(group)) continue
    const site = siteKeyOf(group.siteId)
    cameras.set(site, (cameras.get(site) ?? 0) + group.count)
  }
  const all = [...cameras.values()].reduce((total, count) => total + count, 0)
  const price = prices.get(WAYS[settings.vms].yearly)
  const unitCents = centsOf(price)
  const life = prices.get('ECO-LIFE-CAM')
  const lifeYears = life === undefined ? LIFE_YEARS : toNumber(decimal(life.expected))
  return {
    bySite: [...cameras]
      .map(([value, count]) => ({ value, cents: count * unitCents }))
      .sort((a, b) => (a.value < b.value ? -1 : 1)),
    items:
      all === 0 || price === undefined
        ? []
        : [
            {
              code: price.code,
              description: price.row.description,
              units: all,
              unitCents,
              cents: all * unitCents,
            },
          ],
    lifeYears,
    choices:
      all === 0
        ? []
        : (Object.keys(WAYS) as Vms[]).map((vms) => {
            const { once, yearly } = WAYS[vms]
            const onceCents = all * centsOf(prices.get(once))
            const yearlyCents = all * centsOf(prices.get(yearly))
            const overLifeCents = Math.round(onceCents + yearlyCents * Math.max(0, lifeYears - 1))
            return { vms, onceCents, yearlyCents, overLifeCents }
          }),
  }
}

/** Whether a device is seen in the video management system, as its bundle has it. */
function isManaged({ costCode, deviceClass }: DeviceGroup): boolean {
  return costCode !== null && (deviceClass === null || deviceClass === 'camera' || deviceClass === 'lpr')
}
