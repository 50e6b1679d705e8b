/** Whether a license covers an update: every test of one license, and which of them fail. */
import type { Period } from '../../lib/calendar.ts'
import { indexOfModels } from '../model-index.ts'
import { MODEL_LIMITS, modelReadings } from '../models.ts'
import { daysHeld } from './days.ts'
import { FIRMWARE_UPDATE, type License, type LicensedUpdate, type Restriction } from './license.ts'

type LicenseTestName =
  | 'status'
  | 'date'
  | 'regime'
  | 'program'
  | 'activity'
  | 'entity'
  | 'channel'
  | 'product'
  | 'model'
  | 'territory'
  | 'holder'
  | 'publisher'
  | 'condition'

interface FailedTest {
  readonly test: LicenseTestName
  readonly text: string
}

export interface LicenseTest {
  readonly license: string
  /** Every test holds on that day. */
  readonly covers: boolean
  readonly failed: readonly FailedTest[]
  /** Conditions nobody has answered: the license covers only if they are met. */
  readonly unansweredConditions: readonly string[]
  /** The whole days of the jurisdiction on which the license holds. */
  readonly days: Period
}

/** Test all conditions of one license against one update; `covers` means on each of `days`. */
export function testScope(license: License, restriction: Restriction, update: LicensedUpdate): LicenseTest {
  const failed: FailedTest[] = []
  const fail = (test: LicenseTestName, text: string) => failed.push({ test, text })

  if (license.status !== 'active' && license.statusSince === null) {
    fail('status', `is ${license.status}, and since when is not recorded`)
  }
  if (license.regime !== restriction.regime) {
    fail('regime', `is a license under ${license.regime}, not under ${restriction.regime}`)
  }
  if (license.program !== (restriction.program ?? null)) {
    fail(
      'program',
      `belongs to ${license.program ?? 'no named program'}, the restriction to ${restriction.program ?? 'no named program'}`,
    )
  }
  if (!license.activities.includes(FIRMWARE_UPDATE)) {
    fail('activity', `allows ${license.activities.join(', ') || 'nothing'}, not ${FIRMWARE_UPDATE}`)
  }
  testEntity(license, restriction, update, fail)
  testChannel(license, update, fail)
  if (license.products !== 'any') {
    if (update.deviceClass === null)
      fail('product', 'is limited to products, and the device class is unknown')
    else if (!license.products.includes(update.deviceClass)) {
      fail('product', `covers ${license.products.join(', ')}, not ${update.deviceClass}`)
    }
  }
  testModel(license, update, fail)
  if (license.territory !== 'any' && !isInTerritory(license.territory, update.territory)) {
    fail(
      'territory',
      `holds in ${license.territory.join(', ')}, not in ${update.territory ?? 'an unknown place'}`,
    )
  }
  testHolder(license, update, fail)
  for (const condition of license.conditions) {
    if (condition.isMet === false) fail('condition', `has a condition that is not met: ${condition.text}`)
  }
  return {
    license: license.id,
    covers: failed.length === 0,
    failed,
    unansweredConditions: license.conditions.filter((c) => c.isMet === null).map((c) => c.text),
    days: daysHeld(license, update.timezone),
  }
}

function testEntity(
  { entities, includesOwned = null }: License,
  { entityOrProduct, through = [] }: Restriction,
  update: LicensedUpdate,
  fail: (test: LicenseTestName, text: string) => void,
) {
  if (entities === 'any') return
  // A restriction on a party is lifted for that party; one on a product follows whoever produced it.
  const named = 'entity' in entityOrProduct ? entityOrProduct.entity : update.parties.maker
  const names = `names ${entities.join(', ')}`
  if (named === null) return fail('entity', `${names}, and the maker is unknown`)
  if (entities.includes(named)) return
  if (through.some(({ vendor, as }) => as === 'same-person' && entities.includes(vendor))) return
  const owners = through.filter(({ as }) => as === 'owned').map(({ vendor }) => vendor)
  // Several owners hold it together: a license for one of them does not cover the shares of the others.
  const areOwnersNamed = owners.length > 0 && owners.every((owner) => entities.includes(owner))
  if (!areOwnersNamed) return fail('entity', `${names}, not ${named}`)
  if (includesOwned === true) return
  fail(
    'entity',
    includesOwned === false
      ? `${names} and not what it owns, such as ${named}`
      : `${names}; ${named} is owned by it, and the license does not say that it covers what it owns`,
  )
}

/** A license for some ways covers no other, and none that nobody recorded. */
function testChannel(
  { channels = 'any' }: License,
  { updateChannel }: LicensedUpdate,
  fail: (test: LicenseTestName, text: string) => void,
) {
  if (channels === 'any') return
  if (updateChannel === null)
    fail('channel', `allows ${channels.join(', ')}, and how the file comes is unknown`)
  else if (!channels.includes(updateChannel)) {
    fail('channel', `allows ${channels.join(', ')}, not ${updateChannel}`)
  }
}

function testHolder(
  license: License,
  update: LicensedUpdate,
  fail: (test: LicenseTestName, text: string) => void,
) {
  const { holder } = license
  const { publisher } = update.parties
  if (holder.kind === 'party' && holder.id !== update.jurisdiction && holder.id !== publisher) {
    fail('holder', `is held by ${holder.id}, neither this jurisdiction nor the publisher`)
  }
  // A license of a party covers files that somebody else hands on only if it names them too, and a way that nobody
  // recorded may lead over somebody else.
  const isForAnybody = holder.kind === 'any-us-person' && license.type !== 'specific'
  if (isForAnybody || isStraightFromMaker(update)) return
  const isNamed =
    publisher !== null &&
    (license.entities === 'any' ||
      license.entities.includes(publisher) ||
      (holder.kind === 'party' && holder.id === publisher))
  if (!isNamed) {
    fail('publisher', `does not name ${publisher ?? 'who hands on the file, who is unknown'}`)
  }
}

function testModel(
  { models = 'any' }: License,
  { model }: LicensedUpdate,
  fail: (test: LicenseTestName, text: string) => void,
) {
  if (models === 'any') return
  const named = listed(models)
  if (model === null) return fail('model', `is limited to ${named}, and the model is unknown`)
  if (modelReadings(model) === null) {
    const most = `more than ${MODEL_LIMITS.model} characters are not compared`
    return fail('model', `is limited to ${named}, and the model number is too long: ${most}`)
  }
  const index = indexOfModels(models)
  if (index.find(model).length > 0) return
  const [unread] = index.unread
  const note = unread ? `; ${index.unread.length} of its patterns are not read: one ${unread.problem}` : ''
  fail('model', `covers ${named}, not ${model}${note}`)
}

/** The first few patterns, for a reason that stands beside each device. */
function listed(models: readonly string[]): string {
  const some = models.slice(0, 5).map((text) => (text.length > 100 ? `${text.slice(0, 40)}…` : text))
  return models.length > 5 ? `${some.join(', ')} and ${models.length - 5} more` : some.join(', ')
}

/** Whether the file comes from the maker's own servers, with nobody between who could need a license too. */
function isStraightFromMaker({ updateChannel: channel, parties }: LicensedUpdate): boolean {
  // A portal that carries the maker's name may be run by somebody else, who is then on record as the publisher.
  if (parties.publisher !== null && parties.publisher !== parties.maker) return false
  switch (channel) {
    case 'vendor-portal-us':
    case 'vendor-portal-global':
    case 'vendor-portal-cn':
    case 'vendor-cloud-push':
      return true
    case 'distributor':
    case 'oem-brand-portal':
    case 'vms-push':
    case 'offline-media':
    case 'none':
    case null:
      return false
    default:
      return channel satisfies never
  }
}

export function isInTerritory(territory: readonly string[], place: string | null): boolean {
  if (place === null) return territory.includes('US')
  return territory.some((code) => place === code || place.startsWith(`${code}-`))
}
