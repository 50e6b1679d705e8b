/**
 * Licences and waivers for firmware updates: what a record says, and whether it covers one update.
 *
 * A licence covers an update only if every condition of that one licence holds; windows of several licences may
 * follow each other, their conditions are never mixed. A licence is never recognised by its name or number: the
 * "GL 8" of one sanctions programme is about oil, that of another about debt, and neither about firmware.
 * Sources: 31 CFR 501.801 (OFAC); the temporary general licence BIS gave Huawei in 2019 and 2020; `docs/methodology/firmware.md`.
 */

import type { DeviceClass, UpdateChannel } from '../catalogue/facts.ts'
import { addDays, daysBetween, isPlainDate, isWithin, type Period, type PlainDate } from '../lib/calendar.ts'
import { indexOfModels } from './model-index.ts'
import { MODEL_LIMITS, modelReadings } from './models.ts'

export const LICENCE_TYPES = [
  'general',
  'temporary-general',
  'specific',
  'waiver',
  'exception',
  'conditional-approval',
] as const
export type LicenceType = (typeof LICENCE_TYPES)[number]

export const LICENCE_STATUSES = ['active', 'expired', 'revoked', 'suspended', 'superseded'] as const
export type LicenceStatus = (typeof LICENCE_STATUSES)[number]

/** The activity a licence has to name before it can cover an update. */
export const FIRMWARE_UPDATE = 'firmware-update'

/**
 * When a licence holds: `[from, to)` in its own time zone. Each end is a plain date (its midnight) or a local
 * time `YYYY-MM-DDTHH:MM`; null when that end is open. General licence 38 ended `2021-01-14T00:01` in New York.
 */
export interface ValidityWindow {
  readonly from: string | null
  readonly to: string | null
  /** IANA name. */
  readonly timezone: string
}

export interface LicenceCondition {
  readonly text: string
  /** Whether this jurisdiction meets it; null when nobody has said. */
  readonly isMet: boolean | null
}

export type LicenceHolder =
  | { readonly kind: 'any-us-person' }
  /** A jurisdiction id or a vendor id. */
  | { readonly kind: 'party'; readonly id: string }

export interface Licence {
  readonly id: string
  readonly type: LicenceType
  readonly number: string | null
  /** Who granted it, such as `OFAC`, `BIS`, `FCC OET`. */
  readonly authority: string
  /** Regime id, such as `ofac-sdn`. */
  readonly regime: string
  /** Programme inside the regime, such as `GLOMAG`; null when the regime has none. */
  readonly programme: string | null
  /** What may be done; only a licence that names `firmware-update` covers one. */
  readonly activities: readonly string[]
  /** Vendor ids. */
  readonly entities: 'any' | readonly string[]
  /**
   * Whether it covers companies that the named ones own by half or more. Absent or null when its text does not say,
   * and then it covers none of them: a license is read as narrowly as it is written.
   */
  readonly includesOwned?: boolean | null
  /** Ways an update may come for a license that allows some only; absent means any. */
  readonly channels?: 'any' | readonly UpdateChannel[]
  readonly products: 'any' | readonly DeviceClass[]
  /** Model patterns (`models.ts`) for a licence that reaches some models only; absent means any. */
  readonly models?: 'any' | readonly string[]
  /** ISO 3166 codes: `US`, `US-NY`. */
  readonly territory: 'any' | readonly string[]
  readonly holder: LicenceHolder
  readonly window: ValidityWindow
  readonly status: LicenceStatus
  /** First day of a status other than active; null when unknown, and then the licence never counts. */
  readonly statusSince: PlainDate | null
  readonly conditions: readonly LicenceCondition[]
  readonly reportingDue: readonly PlainDate[]
  readonly documentSha256: string | null
  /** Id of the licence this one replaces. */
  readonly supersedes: string | null
  readonly citation: string
}

export type ApplicationStatus = 'draft' | 'pending' | 'returned' | 'denied' | 'granted' | 'withdrawn'

export interface LicenceApplication {
  readonly id: string
  readonly regime: string
  readonly programme: string | null
  readonly status: ApplicationStatus
  /** Null while a draft. */
  readonly filedOn: PlainDate | null
  readonly decisionOn: PlainDate | null
  readonly scope: string | null
  /** What is asked for; absent means any. A denial or a pending application counts for what it names alone. */
  readonly entities?: 'any' | readonly string[]
  readonly models?: 'any' | readonly string[]
  readonly channels?: 'any' | readonly UpdateChannel[]
  readonly activities?: 'any' | readonly string[]
}

/** Whether an application asks for this update; what is not known of the update counts as asked for. */
export function asksFor(
  { entities = 'any', models = 'any', channels = 'any', activities = 'any' }: LicenceApplication,
  { entityOrProduct, through = [] }: Restriction,
  { model, parties, updateChannel }: LicensedUpdate,
): boolean {
  const named = 'entity' in entityOrProduct ? entityOrProduct.entity : parties.maker
  const parts = named === null ? [] : [named, ...through.map(({ vendor }) => vendor)]
  const isNamed = entities === 'any' || parts.length === 0 || parts.some((id) => entities.includes(id))
  const isOfModel =
    models === 'any' ||
    model === null ||
    modelReadings(model) === null ||
    indexOfModels(models).find(model).length > 0
  const isOfChannel = channels === 'any' || updateChannel === null || channels.includes(updateChannel)
  return isNamed && isOfModel && isOfChannel && (activities === 'any' || activities.includes(FIRMWARE_UPDATE))
}

/** Vendor ids on the way of an update; null when unknown. */
export interface UpdateParties {
  /** Real producer. */
  readonly maker: string | null
  /** The name on the label. */
  readonly brand: string | null
  /** Who publishes the file. */
  readonly publisher: string | null
  /** Whose signature the device checks. */
  readonly signer: string | null
}

/** The update a licence is tested against. */
export interface LicensedUpdate {
  readonly jurisdiction: string
  /** IANA name; days are counted in it. */
  readonly timezone: string
  /** ISO 3166-2, such as `US-NY`; null when unknown. */
  readonly territory: string | null
  readonly deviceClass: DeviceClass | null
  /** Model number on the label; null when unknown. */
  readonly model: string | null
  readonly parties: UpdateParties
  readonly updateChannel: UpdateChannel | null
}

/** What a licence must lift: the regime and programme, and the entity or product they restrict. */
export interface Restriction {
  readonly regime: string
  readonly programme?: string | null
  readonly entityOrProduct: { readonly entity: string } | { readonly product: DeviceClass | '*' }
  /** The listed persons through whom the entity is restricted, when it is not named itself. */
  readonly through?: readonly Listed[]
}

/** A person on a list and what makes another company part of its entry. */
export interface Listed {
  readonly vendor: string
  /** `owned`: held by half or more, alone or with the others; `same-person`: another name of the listed person. */
  readonly as: 'owned' | 'same-person'
}

export type LicenceTestName =
  | 'status'
  | 'date'
  | 'regime'
  | 'programme'
  | 'activity'
  | 'entity'
  | 'channel'
  | 'product'
  | 'model'
  | 'territory'
  | 'holder'
  | 'publisher'
  | 'condition'

export interface FailedTest {
  readonly test: LicenceTestName
  readonly text: string
}

export interface LicenceTest {
  readonly licence: string
  /** Every test holds on that day. */
  readonly covers: boolean
  readonly failed: readonly FailedTest[]
  /** Conditions nobody has answered: the licence covers only if they are met. */
  readonly unansweredConditions: readonly string[]
  /** The whole days of the jurisdiction on which the licence holds. */
  readonly days: Period
}

/** Test all conditions of one licence against one update on one day. */
export function testLicence(
  licence: Licence,
  restriction: Restriction,
  update: LicensedUpdate,
  day: PlainDate,
): LicenceTest {
  const scope = testScope(licence, restriction, update)
  if (isWithin(scope.days, day)) return scope
  const failed: FailedTest[] = [...scope.failed, { test: 'date', text: `does not hold on ${day}` }]
  return { ...scope, covers: false, failed }
}

/** The same without the day: `covers` means on each of `days`. */
export function testScope(licence: Licence, restriction: Restriction, update: LicensedUpdate): LicenceTest {
  const failed: FailedTest[] = []
  const fail = (test: LicenceTestName, text: string) => failed.push({ test, text })

  if (licence.status !== 'active' && licence.statusSince === null) {
    fail('status', `is ${licence.status}, and since when is not recorded`)
  }
  if (licence.regime !== restriction.regime) {
    fail('regime', `is a licence under ${licence.regime}, not under ${restriction.regime}`)
  }
  if (licence.programme !== (restriction.programme ?? null)) {
    fail(
      'programme',
      `belongs to ${licence.programme ?? 'no named programme'}, the restriction to ${restriction.programme ?? 'no named programme'}`,
    )
  }
  if (!licence.activities.includes(FIRMWARE_UPDATE)) {
    fail('activity', `allows ${licence.activities.join(', ') || 'nothing'}, not ${FIRMWARE_UPDATE}`)
  }
  testEntity(licence, restriction, update, fail)
  testChannel(licence, update, fail)
  if (licence.products !== 'any') {
    if (update.deviceClass === null)
      fail('product', 'is limited to products, and the device class is unknown')
    else if (!licence.products.includes(update.deviceClass)) {
      fail('product', `covers ${licence.products.join(', ')}, not ${update.deviceClass}`)
    }
  }
  testModel(licence, update, fail)
  if (licence.territory !== 'any' && !isInTerritory(licence.territory, update.territory)) {
    fail(
      'territory',
      `holds in ${licence.territory.join(', ')}, not in ${update.territory ?? 'an unknown place'}`,
    )
  }
  testHolder(licence, update, fail)
  for (const condition of licence.conditions) {
    if (condition.isMet === false) fail('condition', `has a condition that is not met: ${condition.text}`)
  }
  return {
    licence: licence.id,
    covers: failed.length === 0,
    failed,
    unansweredConditions: licence.conditions.filter((c) => c.isMet === null).map((c) => c.text),
    days: daysHeld(licence, update.timezone),
  }
}

/** A licence with its test; `days` of the test end where another licence replaced it. */
export interface TestedLicence {
  readonly licence: Licence
  readonly test: LicenceTest
  /** The licence that replaced it and the first day it no longer counts; null when none did. */
  readonly superseded: { readonly by: Licence; readonly on: PlainDate } | null
}

/**
 * Test every licence of the restriction's regime, each by itself, in the order of ids. One that another record
 * supersedes counts until that one begins, also when the later one ends sooner, covers less or was revoked: a
 * shortened wind-down must not leave the longer one standing.
 */
export function testLicences(
  licences: readonly Licence[],
  restriction: Restriction,
  update: LicensedUpdate,
): readonly TestedLicence[] {
  const tests = new Map(
    licences
      .filter(({ regime }) => regime === restriction.regime)
      .toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
      .map((licence) => [licence.id, { licence, test: testScope(licence, restriction, update) }]),
  )
  const replacing = licences.filter(({ id, supersedes }) => supersedes !== null && supersedes !== id)
  return [...tests.values()].map(({ licence, test }): TestedLicence => {
    const [superseded] = replacing
      .filter(({ supersedes }) => supersedes === licence.id)
      .map((by) => ({ by, on: firstDayOf(by, tests.get(by.id)?.test ?? null, update.timezone) }))
      .toSorted((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : a.by.id < b.by.id ? -1 : 1))
    if (superseded === undefined) return { licence, test, superseded: null }
    const days: Period = { from: test.days.from, to: earlier(test.days.to, superseded.on) }
    return { licence, test: { ...test, days }, superseded }
  })
}

/**
 * First day on which a replacement stands in the way of what it replaces. Where it begins within a day, the two cover
 * that day together, provided it covers the same update from then on.
 */
function firstDayOf({ window }: Licence, test: LicenceTest | null, timezone: string): PlainDate {
  if (window.from === null) return FIRST_DAY
  const whole = test?.covers === true ? test.days : null
  if (whole !== null && whole.from !== null && isWithin(whole, whole.from)) return whole.from
  return dayOf(window.from, window.timezone, timezone, 'earliest').day
}

const FIRST_DAY = '0001-01-01'

/** Whole days of a time zone on which the licence holds, cut where a status other than active began. */
export function daysHeld(licence: Licence, timezone: string): Period {
  const days = wholeDays(licence.window, timezone)
  if (licence.status === 'active' || licence.statusSince === null) return days
  return { from: days.from, to: earlier(days.to, licence.statusSince) }
}

/**
 * The whole days of a time zone inside a window, as a half-open period.
 * A day that the window covers only in part is outside: a download that finishes after the end counts as after.
 */
export function wholeDays(window: ValidityWindow, timezone: string): Period {
  const known = daysOfWindows.get(window) ?? new Map<string, Period>()
  let days = known.get(timezone)
  if (!days) {
    days = {
      from: window.from === null ? null : firstWholeDay(window.from, window.timezone, timezone),
      to: window.to === null ? null : dayOf(window.to, window.timezone, timezone, 'earliest').day,
    }
    daysOfWindows.set(window, known.set(timezone, days))
  }
  return days
}

// A run asks for the same few windows once per profile, and reading a zone's clocks is most of the work.
const daysOfWindows = new WeakMap<ValidityWindow, Map<string, Period>>()

/**
 * Last day of unbroken cover plus one, given the days of licences that each cover by themselves; null when open.
 * `undefined` when none of them holds on the day.
 */
export function coverEnds(periods: readonly Period[], day: PlainDate): PlainDate | null | undefined {
  if (!periods.some((period) => isWithin(period, day))) return undefined
  let end = day
  for (;;) {
    const reaching = periods.filter((period) => isWithin(period, end))
    if (reaching.some((period) => period.to === null)) return null
    if (reaching.length === 0) return end
    end = reaching
      .map((period) => period.to!)
      .toSorted()
      .at(-1)!
  }
}

export type LicenceProblemCode =
  | 'not-a-date'
  | 'unknown-timezone'
  | 'ends-before-it-starts'
  | 'covers-nothing'
  | 'status-without-a-day'
  | 'supersedes-itself'
  | 'overlapping-windows'

export interface LicenceProblem {
  readonly code: LicenceProblemCode
  /** JSON pointer into the record. */
  readonly pointer: string
  readonly detail: string
}

/** Everything wrong with one record by itself; empty when it may be stored. */
export function licenceProblems(licence: Licence): readonly LicenceProblem[] {
  const problems: LicenceProblem[] = []
  const { from, to, timezone } = licence.window
  const isZone = isTimezone(timezone)
  if (!isZone) problem('unknown-timezone', '/window/timezone', `${timezone} is not a time zone`)
  for (const [end, text] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (text !== null && !isLocalTime(text)) problem('not-a-date', `/window/${end}`, `${text} is not a date`)
  }
  if (isZone && from !== null && to !== null && isLocalTime(from) && isLocalTime(to)) {
    if (instants(to, timezone)[0] <= instants(from, timezone)[0]) {
      problem('ends-before-it-starts', '/window/to', `ends ${to}, which is not after its start ${from}`)
    }
  }
  for (const list of ['activities', 'entities', 'channels', 'products', 'models', 'territory'] as const) {
    if (licence[list]?.length === 0)
      problem('covers-nothing', `/${list}`, `${list} is empty: it covers nothing`)
  }
  for (const [i, day] of licence.reportingDue.entries()) {
    if (!isPlainDate(day)) problem('not-a-date', `/reportingDue/${i}`, `${day} is not a date`)
  }
  if (licence.statusSince !== null && !isPlainDate(licence.statusSince)) {
    problem('not-a-date', '/statusSince', `${licence.statusSince} is not a date`)
  } else if (licence.status !== 'active' && licence.statusSince === null) {
    problem(
      'status-without-a-day',
      '/statusSince',
      `${licence.status} without a first day: it will never count`,
    )
  }
  if (licence.supersedes === licence.id) {
    problem('supersedes-itself', '/supersedes', 'a licence cannot supersede itself')
  }
  return problems

  function problem(code: LicenceProblemCode, pointer: string, detail: string) {
    problems.push({ code, pointer, detail })
  }
}

export interface OverlappingLicences {
  /** Ids, in text order. */
  readonly licences: readonly [string, string]
  readonly problem: LicenceProblem
}

/**
 * Pairs of records of the same number, authority, programme and holder whose windows overlap while neither
 * supersedes the other: one of them is a duplicate or has a wrong date. Records with bad windows are passed over.
 */
export function overlappingLicences(licences: readonly Licence[]): readonly OverlappingLicences[] {
  const byId = new Map(licences.map((licence) => [licence.id, licence]))
  const groups = new Map<string, Licence[]>()
  for (const licence of licences) {
    if (licence.number === null || licenceProblems(licence).some((p) => p.pointer.startsWith('/window')))
      continue
    const { authority, number, programme, holder } = licence
    const key = JSON.stringify([
      authority.toLowerCase(),
      number.toLowerCase(),
      programme,
      'id' in holder ? holder.id : null,
    ])
    groups.set(key, [...(groups.get(key) ?? []), licence])
  }
  const found: OverlappingLicences[] = []
  for (const group of groups.values()) {
    const inOrder = group.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    for (const [i, a] of inOrder.entries()) {
      for (const b of inOrder.slice(i + 1)) {
        if (replaces(a, b, byId) || replaces(b, a, byId) || !overlap(a.window, b.window)) continue
        found.push({
          licences: [a.id, b.id],
          problem: {
            code: 'overlapping-windows',
            pointer: '/window',
            detail: `${a.number} is recorded twice for the same days (${a.id}, ${b.id}) and neither supersedes the other`,
          },
        })
      }
    }
  }
  return found
}

/** Whether one licence replaced another, itself or through those between. */
function replaces(later: Licence, earlier: Licence, byId: ReadonlyMap<string, Licence>): boolean {
  const seen = new Set<string>()
  let next = later.supersedes
  while (next !== null && !seen.has(next)) {
    if (next === earlier.id) return true
    seen.add(next)
    next = byId.get(next)?.supersedes ?? null
  }
  return false
}

/** Days before an end on which somebody is told. */
export const REMINDER_DAYS = [90, 30, 7] as const

export interface LicenceReminder {
  readonly licence: string
  readonly about: 'licence-end' | 'report-due'
  /** Last day of cover, or the day the report is due. */
  readonly date: PlainDate
  readonly daysBefore: (typeof REMINDER_DAYS)[number]
  /** The day to send it. */
  readonly on: PlainDate
}

/** Every reminder a licence gives rise to, earliest first. Days are the jurisdiction's. */
export function licenceReminders(licence: Licence, timezone: string): readonly LicenceReminder[] {
  const end = daysHeld(licence, timezone).to
  const dates: { about: LicenceReminder['about']; date: PlainDate }[] = [
    ...(end === null ? [] : [{ about: 'licence-end' as const, date: addDays(end, -1) }]),
    ...licence.reportingDue.map((date) => ({ about: 'report-due' as const, date })),
  ]
  return dates
    .flatMap(({ about, date }) =>
      REMINDER_DAYS.map((daysBefore) => ({
        licence: licence.id,
        about,
        date,
        daysBefore,
        on: addDays(date, -daysBefore),
      })),
    )
    .toSorted((a, b) => (a.on === b.on ? daysBetween(a.date, b.date) * -1 : a.on < b.on ? -1 : 1))
}

function testEntity(
  { entities, includesOwned = null }: Licence,
  { entityOrProduct, through = [] }: Restriction,
  update: LicensedUpdate,
  fail: (test: LicenceTestName, text: string) => void,
) {
  if (entities === 'any') return
  // A restriction on a party is lifted for that party; one on a product follows whoever produced it.
  const named = 'entity' in entityOrProduct ? entityOrProduct.entity : update.parties.maker
  const names = `names ${entities.join(', ')}`
  if (named === null) return fail('entity', `${names}, and the maker is unknown`)
  if (entities.includes(named)) return
  if (through.some(({ vendor, as }) => as === 'same-person' && entities.includes(vendor))) return
  const owners = through.filter(({ as }) => as === 'owned').map(({ vendor }) => vendor)
  // Several owners hold it together: a license for one of them does not reach the shares of the others.
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
  { channels = 'any' }: Licence,
  { updateChannel }: LicensedUpdate,
  fail: (test: LicenceTestName, text: string) => void,
) {
  if (channels === 'any') return
  if (updateChannel === null)
    fail('channel', `allows ${channels.join(', ')}, and how the file comes is unknown`)
  else if (!channels.includes(updateChannel)) {
    fail('channel', `allows ${channels.join(', ')}, not ${updateChannel}`)
  }
}

function testHolder(
  licence: Licence,
  update: LicensedUpdate,
  fail: (test: LicenceTestName, text: string) => void,
) {
  const { holder } = licence
  const { publisher } = update.parties
  if (holder.kind === 'party' && holder.id !== update.jurisdiction && holder.id !== publisher) {
    fail('holder', `is held by ${holder.id}, neither this jurisdiction nor the publisher`)
  }
  // A licence of a party reaches files that somebody else hands on only if it names them too, and a way that nobody
  // recorded may lead over somebody else.
  const isForAnybody = holder.kind === 'any-us-person' && licence.type !== 'specific'
  if (isForAnybody || isStraightFromMaker(update)) return
  const isNamed =
    publisher !== null &&
    (licence.entities === 'any' ||
      licence.entities.includes(publisher) ||
      (holder.kind === 'party' && holder.id === publisher))
  if (!isNamed) {
    fail('publisher', `does not name ${publisher ?? 'who hands on the file, who is unknown'}`)
  }
}

function testModel(
  { models = 'any' }: Licence,
  { model }: LicensedUpdate,
  fail: (test: LicenceTestName, text: string) => void,
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

/** Whether the file comes from the maker's own servers, with nobody between who could need a licence too. */
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

function isInTerritory(territory: readonly string[], place: string | null): boolean {
  if (place === null) return territory.includes('US')
  return territory.some((code) => place === code || place.startsWith(`${code}-`))
}

const LOCAL_TIME = /^(\d{4}-\d{2}-\d{2})(?:T([01]\d|2[0-3]):([0-5]\d))?$/

function isLocalTime(text: string): boolean {
  const match = LOCAL_TIME.exec(text)
  return match !== null && isPlainDate(match[1]!)
}

function isTimezone(name: string): boolean {
  try {
    formatter(name)
    return true
  } catch {
    return false
  }
}

function overlap(a: ValidityWindow, b: ValidityWindow): boolean {
  const start = (w: ValidityWindow) => (w.from === null ? -Infinity : instants(w.from, w.timezone)[0])
  const end = (w: ValidityWindow) => (w.to === null ? Infinity : instants(w.to, w.timezone)[0])
  return start(a) < end(b) && start(b) < end(a)
}

function firstWholeDay(text: string, from: string, to: string): PlainDate {
  const { day, isMidnight } = dayOf(text, from, to, 'latest')
  return isMidnight ? day : addDays(day, 1)
}

/** The day of zone `to` on which a local time of zone `from` falls, and whether it is that day's first minute. */
function dayOf(
  text: string,
  from: string,
  to: string,
  prefer: 'earliest' | 'latest',
): { day: PlainDate; isMidnight: boolean } {
  if (from === to)
    return { day: text.slice(0, 10), isMidnight: text.length === 10 || text.endsWith('T00:00') }
  const [earliest, latest] = instants(text, from)
  const local = localTime(prefer === 'earliest' ? earliest : latest, to)
  return { day: local.slice(0, 10), isMidnight: local.endsWith('T00:00') }
}

/**
 * Earliest and latest instant, in milliseconds, that a local time can mean. They differ in the hour that clocks
 * repeat or skip; the caller takes the stricter.
 */
function instants(text: string, timezone: string): readonly [number, number] {
  const asUtc = Date.parse(text.length === 10 ? `${text}T00:00Z` : `${text}Z`)
  const candidates = [asUtc - 86_400_000, asUtc + 86_400_000].map((near) => asUtc - offset(near, timezone))
  const exact = candidates.filter((instant) => instant + offset(instant, timezone) === asUtc)
  const usable = exact.length > 0 ? exact : candidates
  return [Math.min(...usable), Math.max(...usable)]
}

/** How far a zone's clocks are ahead of UTC at an instant, in milliseconds. */
function offset(instant: number, timezone: string): number {
  return Date.parse(`${localTime(instant, timezone)}Z`) - Math.floor(instant / 60_000) * 60_000
}

/** `YYYY-MM-DDTHH:MM` on the clocks of a zone. */
function localTime(instant: number, timezone: string): string {
  return formatter(timezone).format(new Date(instant)).replace(/,?\s+/, 'T')
}

// Making a formatter costs far more than using it, and a run meets a handful of zones.
const formatters = new Map<string, Intl.DateTimeFormat>()

function formatter(timezone: string): Intl.DateTimeFormat {
  let made = formatters.get(timezone)
  if (!made) {
    made = new Intl.DateTimeFormat('en-CA', {
      timeZone: timezone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    formatters.set(timezone, made)
  }
  return made
}

function earlier(a: PlainDate | null, b: PlainDate): PlainDate {
  return a === null || b < a ? b : a
}
