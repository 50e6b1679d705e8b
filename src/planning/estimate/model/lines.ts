/** From the devices of a plan to the lines of its estimate. Pure. */
import { percent, type Ratio, times } from '../../../lib/money.ts'
import type { Mount } from '../../costs/model/comparable.ts'
import type { Price, Prices } from '../../costs/model/prices.ts'
import { escalationBetween, middleOf } from '../../model/fiscal-year.ts'
import type { PlanSettings } from '../../settings.ts'
import { cameraParts, poleDayParts } from './camera-parts.ts'
import { linesOf, type Part, upliftOf } from './cost-lines.ts'
import type { EstimateLine } from './cost-model.ts'

export type Scope = 'like-for-like' | 'betterment'

/** Devices of a plan that cost the same and are told apart by nothing a report shows. */
export interface DeviceGroup {
  /** null for devices that stand at no site. */
  readonly siteId: string | null
  readonly department: string | null
  readonly purpose: string | null
  readonly deviceClass: string | null
  /** Who made the old device, by catalog id, or the declared name when that is not known. */
  readonly vendor: string
  /** Worst outcome that bears on keeping it. */
  readonly restriction: string
  readonly riskPoints: number
  readonly scope: Scope
  /** Code of a price: a row of the catalog or a candidate. null when nothing prices it. */
  readonly costCode: string | null
  readonly mount: Mount
  /** Whether what is bought instead is covered equipment; null when that is not known. */
  readonly isRestricted: boolean | null
  readonly count: number
}

export interface LinePlan {
  readonly lines: readonly EstimateLine[]
  /** Devices that nothing prices, by class. They are not in the estimate and have to be said. */
  readonly unpriced: readonly { readonly deviceClass: string; readonly devices: number }[]
}

/** Key of the batch of devices that stand at no site. */
export const NO_SITE = 'none'

export function siteKeyOf(siteId: string | null): string {
  return siteId ?? NO_SITE
}

/** Drives in one recorder that are destroyed; judgment. */
const DRIVES_PER_RECORDER = 4

/** Lines in the money of the plan's first fiscal year. No devices give no lines. Throws InvalidInput. */
export function planLines(
  groups: readonly DeviceGroup[],
  settings: PlanSettings,
  prices: Prices,
  fiscalYearStartMonth: number,
): LinePlan {
  const multiplierOf = multipliers(settings, prices, fiscalYearStartMonth)
  const lines: EstimateLine[] = []
  const priced = merged(groups.filter((group) => group.costCode !== null))
  const bySite = new Map<string, DeviceGroup[]>()
  for (const group of priced) {
    const key = siteKeyOf(group.siteId)
    const known = bySite.get(key)
    if (known) known.push(group)
    else bySite.set(key, [group])
  }
  // The code comes first in a key: draws are made in the order of keys, and a new site must not move them.
  const add = (parts: readonly Part[], site: string, serial: string, tags: Record<string, string>) => {
    for (const line of linesOf(parts, { keyPrefix: '', tags, multiplierOf }, prices)) {
      const isRemoval = line.tags?.code === 'DSP-REMOVE'
      lines.push({
        ...line,
        key: `${line.key}/${site}/${serial}`,
        ...(isRemoval ? { tags: { ...line.tags, activity: 'removal' } } : {}),
      })
    }
  }
  for (const [site, own] of [...bySite].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const [i, group] of own.entries()) {
      add(partsOf(group, settings), site, String(i).padStart(4, '0'), tagsOf(group, site))
    }
    const poles = own.filter((group) => group.mount === 'pole')
    const days = Math.ceil(poles.reduce((total, group) => total + group.count, 0) / settings.polesPerDay)
    const visited = { ...tagsOf(sharedOf(own), site), deviceClass: '', mount: '' }
    const visit: Part[] = [
      [['ACC-MOB'], 1],
      [['HRS-SURVEY', 'LAB-TECH'], 1],
      [['HRS-ASBUILT', 'LAB-TECH'], 1],
    ]
    if (days > 0) {
      const onPoles = { ...tagsOf(sharedOf(poles), site), mount: 'pole' }
      add(poleDayParts(days, poles.some(isInRightOfWay)), site, 'poles', onPoles)
    }
    add(visit, site, 'visit', visited)
  }
  if (priced.length > 0) {
    const project = {
      ...tagsOf(sharedOf(priced), ''),
      purpose: 'project',
      vendor: '',
      restriction: '',
      deviceClass: '',
      mount: '',
    }
    add(
      settings.projectCosts.map(({ code, quantity }): Part => [[code], quantity]),
      '',
      'project',
      project,
    )
  }
  const unpriced = new Map<string, number>()
  for (const group of groups) {
    if (group.costCode !== null) continue
    const name = group.deviceClass ?? 'unknown'
    unpriced.set(name, (unpriced.get(name) ?? 0) + group.count)
  }
  return {
    lines,
    unpriced: [...unpriced].map(([deviceClass, devices]) => ({ deviceClass, devices })),
  }
}

/** What one group pays for itself; what a site shares is added once for the site. */
function partsOf(group: DeviceGroup, settings: PlanSettings): readonly Part[] {
  const code = group.costCode!
  const { count: n } = group
  const disposal: Part[] = [
    [['DSP-REMOVE'], n],
    [['DSP-SAN'], n],
    [['DSP-RECYCLE'], n],
  ]
  switch (group.deviceClass) {
    case 'recorder':
    case 'server':
      return [
        [[code], n],
        [['HRS-NVR', settings.installRate], n],
        [['DSP-HDD'], DRIVES_PER_RECORDER * n],
        ...disposal,
      ]
    case 'camera':
    case 'lpr':
    case 'intercom':
    case null:
      return cameraParts({
        mount: group.mount,
        cameraCode: code,
        cameras: n,
        vms: group.deviceClass === 'intercom' ? null : settings.vms,
        hasEnclosure: settings.hasEnclosure,
        isInRightOfWay: isInRightOfWay(group),
        installRate: settings.installRate,
      })
    default:
      return [[[code], n], [['HRS-IN', settings.installRate], n], [['HRS-CFG', 'LAB-IT'], n], ...disposal]
  }
}

function isInRightOfWay(group: DeviceGroup): boolean {
  return group.mount === 'pole' && group.purpose === 'traffic'
}

/** By the line's leading row: percentages on top of cost, and the way from the price's day to the plan's money. */
function multipliers(settings: PlanSettings, prices: Prices, startMonth: number) {
  const spentOn = middleOf(settings.firstFiscalYear, startMonth)
  const rate = percent(settings.escalationPercent)
  const known = new Map<string, Ratio>()
  return (lead: Price, paid: Price): Ratio => {
    const key = `${lead.row.category} ${paid.asOf}`
    let multiplier = known.get(key)
    if (!multiplier) {
      multiplier = times(
        upliftOf(lead.row.category, settings, prices),
        escalationBetween(paid.asOf, spentOn, rate),
      )
      known.set(key, multiplier)
    }
    return multiplier
  }
}

function tagsOf(group: DeviceGroup, site: string): Record<string, string> {
  return {
    site,
    department: group.department ?? '',
    purpose: group.purpose ?? 'unknown',
    vendor: group.vendor,
    restriction: group.restriction,
    scope: group.scope,
    deviceClass: group.deviceClass ?? 'camera',
    mount: group.mount,
    isRestricted: group.isRestricted === null ? 'unknown' : group.isRestricted ? 'yes' : 'no',
  }
}

/** What is true of all groups of a site or project; where they differ, the stricter or none. */
function sharedOf(groups: readonly DeviceGroup[]): DeviceGroup {
  const first = groups[0]!
  const same = <K extends 'department' | 'purpose' | 'vendor' | 'restriction'>(field: K) =>
    groups.every((group) => group[field] === first[field]) ? first[field] : null
  const restricted = groups.map((group) => group.isRestricted)
  return {
    ...first,
    department: same('department'),
    // Money that is tied to a purpose pays for a visit only when the whole visit has that purpose.
    purpose: same('purpose') ?? 'several',
    vendor: same('vendor') ?? '',
    restriction: same('restriction') ?? '',
    scope: groups.every((group) => group.scope === 'betterment') ? 'betterment' : 'like-for-like',
    isRestricted: restricted.includes(true) ? true : restricted.includes(null) ? null : false,
  }
}

/** Groups that no report tells apart, as one; in a stable order. */
function merged(groups: readonly DeviceGroup[]): readonly DeviceGroup[] {
  const byKey = new Map<string, DeviceGroup>()
  for (const group of groups) {
    const { count, riskPoints: _, ...rest } = group
    const key = JSON.stringify([
      siteKeyOf(rest.siteId),
      rest.costCode,
      rest.mount,
      rest.deviceClass,
      rest.department,
      rest.purpose,
      rest.vendor,
      rest.restriction,
      rest.scope,
      rest.isRestricted,
    ])
    const known = byKey.get(key)
    byKey.set(key, known ? { ...known, count: known.count + count } : group)
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
}
