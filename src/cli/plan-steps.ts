/** From a register to the two papers of a plan: each step is one request to the service. */
import { Readable } from 'node:stream'
import type { Problem } from '../http/problems.ts'
import type { EstimateDocument, ScheduleDocument } from '../planning/documents.ts'
import type { PlanSettings } from '../planning/settings.ts'
import { UsageError } from './errors.ts'
import { type FundWish, fundsOf } from './plan-funds.ts'
import { type Method, type Send, successful } from './service.ts'

export interface PlanWish {
  /** The city; null is that of the key. */
  readonly city: string | null
  readonly name: string
  readonly description: string | undefined
  readonly funds: readonly string[]
  /** Fields of the plan's settings, as the API takes them. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Which devices: the filter of `GET /v1/devices`. */
  readonly filter: Readonly<Record<string, unknown>>
  /** What is bought instead of cameras; null where that is open. */
  readonly buy: { readonly manufacturer: string; readonly model: string } | null
  /** Name of the plan that it begins as a copy of; null for an empty one. */
  readonly copyOf: string | null
  readonly seconds: number
}

export interface Planned {
  readonly city: string
  readonly currency: string
  readonly planId: string
  readonly isNew: boolean
  readonly devices: number
  /** Of them not in the plan before. */
  readonly added: number
  readonly estimate: EstimateDocument
  readonly schedule: ScheduleDocument
}

export interface Service {
  readonly send: Send
  /** null for the one inside this process. */
  readonly url: URL | null
  /** Fields of requests in the words of the caller. */
  readonly named: (problem: Problem) => Problem
}

const PLANNED = 'draft, proposed and approved plans'

/** Plans what the wish names and keeps it in the register. Throws ServiceError, UsageError. */
export async function makePlan(service: Service, wish: PlanWish): Promise<Planned> {
  // What cannot be read is refused before anything is kept.
  fundsOf(wish.funds, [])
  const city = await cityOf(service, wish.city)
  const { id, isNew, settings } = await keepPlan(service, city.id, wish)
  const years = Array.from({ length: settings.fiscalYears }, (_, i) => settings.firstFiscalYear + i)
  const funds = fundsOf(wish.funds, years)
  if (funds.length > 0) {
    const fundingSources = await keepFunds(service, city.id, funds)
    await json(service, 'PATCH', `/v1/plans/${id}`, { settings: { fundingSources } })
  }
  const path = `/v1/plans/${id}`
  // A copy has the devices of its plan, without those that were taken out of it.
  const isCopy = isNew && wish.copyOf !== null
  const added = isCopy
    ? { ...((await json(service, 'GET', path)) as Devices), added: 0 }
    : ((await json(service, 'POST', `${path}/devices`, { filter: wish.filter })) as Added)
  if (added.devices === 0)
    throw new UsageError(
      'No device is in the plan: none has an outcome that asks for a replacement. To plan all devices in service, add --all.',
    )
  if (wish.buy !== null) await buy(service, path, wish.buy, wish.filter)
  const estimate = (await json(service, 'POST', `${path}/estimate`)) as EstimateDocument
  const schedule = (await json(service, 'POST', `${path}/schedule`, {
    seconds: wish.seconds,
  })) as ScheduleDocument
  return {
    city: city.name,
    currency: city.currency,
    planId: id,
    isNew,
    devices: added.devices,
    added: added.added,
    estimate,
    schedule,
  }
}

interface Devices {
  readonly devices: number
}

interface Added extends Devices {
  /** Of them not in the plan before. */
  readonly added: number
}

/** A paper of the plan, as bytes. */
export async function paperOf(
  service: Service,
  planId: string,
  paper: 'workbook' | 'summary.html',
): Promise<Uint8Array> {
  const answer = await successful(
    await service.send('GET', `/v1/plans/${planId}/${paper}`),
    service.url,
    service.named,
  )
  return new Uint8Array(await answer.arrayBuffer())
}

/** The city's own workbook with the figures of the plan in its named cells. */
export async function filledWorkbook(
  service: Service,
  planId: string,
  template: Buffer,
): Promise<Uint8Array> {
  const answer = await successful(
    await service.send('POST', `/v1/plans/${planId}/workbook`, {
      headers: { 'content-type': 'application/octet-stream' },
      body: Readable.from([template], { objectMode: false }),
    }),
    service.url,
    service.named,
  )
  return new Uint8Array(await answer.arrayBuffer())
}

interface City {
  readonly id: string
  readonly name: string
  readonly currency: string
}

async function cityOf(service: Service, id: string | null): Promise<City> {
  if (id !== null) return (await json(service, 'GET', `/v1/jurisdictions/${id}`)) as City
  const { items } = (await json(service, 'GET', '/v1/jurisdictions?limit=2')) as { items: readonly City[] }
  if (items.length !== 1) throw new UsageError('Name the city with --city: the key sees several, or none.')
  return items[0]!
}

/** Funds of the same name are changed to what is given; gives their ids in the order in which they pay. */
async function keepFunds(
  service: Service,
  jurisdictionId: string,
  funds: readonly FundWish[],
): Promise<readonly string[]> {
  const known = new Map<string, Named>()
  for (const one of await everyItem(service, `/v1/funding-sources?jurisdictionId=${jurisdictionId}`))
    known.set(one.name, one)
  const ids: string[] = []
  for (const fund of funds) {
    const same = known.get(fund.name)
    const kept = (await (same
      ? json(service, 'PATCH', `/v1/funding-sources/${same.id}`, fund)
      : json(service, 'POST', '/v1/funding-sources', { jurisdictionId, ...fund }))) as Named
    ids.push(kept.id)
  }
  return ids
}

/** The plan of this name, changed to what is given, or a new one. */
async function keepPlan(
  service: Service,
  jurisdictionId: string,
  { name, description, settings, copyOf }: PlanWish,
): Promise<{ readonly id: string; readonly isNew: boolean; readonly settings: PlanSettings }> {
  const plans = await everyItem(service, `/v1/plans?jurisdictionId=${jurisdictionId}`)
  const same = plans.find((plan) => plan.name === name)
  const given = { ...(description === undefined ? {} : { description }), settings }
  if (same?.status === 'archived')
    throw new UsageError(
      `The plan "${name}" is archived; only ${PLANNED} are computed again. Give another --name.`,
    )
  const from = same || copyOf === null ? undefined : plans.find((plan) => plan.name === copyOf)
  if (!same && copyOf !== null && from === undefined)
    throw new UsageError(`There is no plan "${copyOf}" to copy.`)
  const plan = (await (same
    ? json(service, 'PATCH', `/v1/plans/${same.id}`, given)
    : from
      ? json(service, 'POST', `/v1/plans/${from.id}/copies`, { name, ...given })
      : json(service, 'POST', '/v1/plans', { jurisdictionId, name, ...given }))) as Plan
  return { id: plan.id, isNew: same === undefined, settings: plan.settings }
}

/** Names what is bought instead of cameras, once. */
async function buy(
  service: Service,
  path: string,
  offer: { readonly manufacturer: string; readonly model: string },
  filter: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { items } = (await json(service, 'GET', `${path}/candidates`)) as {
    items: readonly (Named & typeof offer)[]
  }
  const same = items.find(
    ({ manufacturer, model }) => manufacturer === offer.manufacturer && model === offer.model,
  )
  const candidate = same ?? ((await json(service, 'POST', `${path}/candidates`, offer)) as Named)
  await json(service, 'POST', `${path}/devices`, {
    filter: { ...filter, deviceClass: ['camera'] },
    candidateId: candidate.id,
  })
}

interface Plan {
  readonly id: string
  readonly settings: PlanSettings
}

interface Named {
  readonly id: string
  readonly name: string
  readonly status?: string
}

async function everyItem(service: Service, list: string): Promise<readonly Named[]> {
  const items: Named[] = []
  let cursor: string | null = null
  do {
    const page = (await json(
      service,
      'GET',
      `${list}&limit=1000${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    )) as { items: readonly Named[]; nextCursor: string | null }
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return items
}

async function json(service: Service, method: Method, path: string, body?: unknown): Promise<unknown> {
  const { send, url, named } = service
  const request =
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  return (await successful(await send(method, path, request), url, named)).json()
}
