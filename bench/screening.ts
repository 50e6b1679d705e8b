/** How long it takes to say who made a device and what each law says of it, and how fast `/v1/screen` is. */

import type { JurisdictionFacts } from '../src/catalogue/facts.ts'
import { determine } from '../src/determination/determine.ts'
import { BLANK_DEVICE, type DeviceFields, merge } from '../src/device/blank.ts'
import type { ScreenedDevice } from '../src/device/screened-device.ts'
import { identify } from '../src/identification/identify.ts'
import { openTable } from '../src/intake/open-table.ts'
import { loadProfiles } from '../src/intake/shipped-profiles.ts'
import { profileKey } from '../src/screening/profile.ts'
import { ScreenRequest } from '../src/screening/routes.ts'
import { screen } from '../src/screening/screen.ts'
import { cityFile } from './city.ts'
import { newCity, newKey, scratchEmbedded } from './databases.ts'
import { figure, interleave, median, percent, printTable, spread, time } from './measure.ts'
import { service } from './service.ts'

const ITEMS = 10_000
/** So many are answered whole at once. */
const WHOLE_ITEMS = 500
const ROUNDS = 2
/** Of an answer to all items in short. */
const MOST_MEGABYTES = 40
const AS_OF = '2026-11-24'
const WHOLE = '?include=all'
const CITY: JurisdictionFacts = {
  country: 'US',
  state: 'TX',
  kind: 'city',
  federalContractor: null,
  sellsToFederal: null,
  defenseContract: null,
  receivesFccSupport: null,
  sharesBulkData: null,
}

export async function screening(): Promise<void> {
  const scratch = await scratchEmbedded()
  try {
    const { knowledge, database } = scratch
    const devices = await cityDevices(ITEMS, 2)
    const profiles = new Map<string, ScreenedDevice>()
    for (const device of devices) {
      const { id, facts } = profileKey(device, knowledge.cut)
      profiles.set(id, facts)
    }
    const facts = [...profiles.values()].slice(0, 2000)
    const identified = facts.map((device) => identify(device, knowledge.identify))
    const each = (work: () => void) => async () => ((await time(work)) / facts.length) * 1000
    const micros = await interleave(ROUNDS, {
      identify: each(() => {
        for (const device of facts) identify(device, knowledge.identify)
      }),
      determine: each(() => {
        facts.forEach((device, i) => {
          determine({ identification: identified[i]!, device, jurisdiction: CITY }, knowledge.regimes, AS_OF)
        })
      }),
      screen: each(() => {
        for (const device of facts) screen(device, CITY, knowledge, AS_OF)
      }),
      'name the profile': each(() => {
        for (const device of facts) profileKey(device, knowledge.cut)
      }),
    })
    printTable({
      title: 'Screening: one profile',
      notes: [
        `${facts.length} profiles of ${devices.length} devices in lots of 2; names known to the matcher.`,
      ],
      header: ['step', 'µs a profile, median (least-greatest)'],
      rows: Object.entries(micros).map(([step, values]) => [step, spread(values)]),
    })

    const app = await service(database, knowledge)
    const key = await newKey(database, 'city-viewer', await newCity(database, 'Screenville'))
    const repeating = (await cityDevices(ITEMS, 50)).map((device) => ({ ...device, macAddress: null }))
    const bodies = { distinct: bodyOf(devices), repeating: bodyOf(repeating) }
    const few = {
      distinct: bodyOf(devices.slice(0, WHOLE_ITEMS)),
      repeating: bodyOf(repeating.slice(0, WHOLE_ITEMS)),
    }
    const perSecond =
      (work: () => unknown, items = ITEMS) =>
      async () =>
        items / ((await time(work)) / 1000)
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    const megabytes = new Map<string, number>()
    const post = (name: 'distinct' | 'repeating', query = '') =>
      perSecond(
        async () => {
          const body = (query === '' ? bodies : few)[name]
          const answer = await fetch(`${address}/v1/screen${query}`, {
            method: 'POST',
            headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
            body,
          })
          if (answer.status !== 200)
            throw new Error(`/v1/screen answered ${answer.status}: ${await answer.text()}`)
          let bytes = 0
          for await (const chunk of answer.body!) bytes += chunk.length
          megabytes.set(`${name}${query}`, bytes / 1e6)
        },
        query === '' ? ITEMS : WHOLE_ITEMS,
      )
    const read = (payload: string) => perSecond(() => ScreenRequest.parse(JSON.parse(payload)))
    const rates = await interleave(ROUNDS, {
      'POST, distinct': post('distinct'),
      'POST whole, distinct': post('distinct', WHOLE),
      'read only, distinct': read(bodies.distinct),
      'POST, repeating': post('repeating'),
      'POST whole, repeating': post('repeating', WHOLE),
      'read only, repeating': read(bodies.repeating),
    })
    const row = (name: 'distinct' | 'repeating', query: string) => {
      const posted = query === '' ? rates[`POST, ${name}`] : rates[`POST whole, ${name}`]
      const read = rates[`read only, ${name}`]
      return [
        name,
        query === '' ? 'in short' : 'whole',
        String(query === '' ? ITEMS : WHOLE_ITEMS),
        spread(posted),
        figure(megabytes.get(`${name}${query}`)!),
        spread(read),
        percent(median(posted) / median(read)),
      ]
    }
    printTable({
      title: `Screening: /v1/screen with ${figure(ITEMS)} items`,
      notes: [
        '"read only" is JSON.parse and zod on a body of all items, which every answer has to pay. Whole, with `include=all`,',
        `is what every answer was before lists were short. Aim: under ${MOST_MEGABYTES} MB in short.`,
      ],
      header: ['items', 'answer', 'asked', '/v1/screen items/s', 'MB', 'read only items/s', 'ratio'],
      rows: (['distinct', 'repeating'] as const).flatMap((name) => [row(name, ''), row(name, WHOLE)]),
    })
    console.log(`\n${figure(bodies.distinct.length / 1e6)} MB asked.`)
    await app.close()
    const large = (['distinct', 'repeating'] as const).filter(
      (name) => megabytes.get(name)! >= MOST_MEGABYTES,
    )
    if (large.length > 0)
      throw new Error(`${MOST_MEGABYTES} MB or more for ${ITEMS} items: ${large.join(', ')}.`)
  } finally {
    await scratch.drop()
  }
}

async function cityDevices(count: number, meanLot: number): Promise<DeviceFields[]> {
  async function* bytes() {
    yield* cityFile(count, { seed: 11, meanLot })
  }
  const devices: DeviceFields[] = []
  const table = await openTable(bytes(), { profiles: loadProfiles() })
  for await (const { device } of table.rows) {
    if (device === null) continue
    const { siteName: _, ...values } = device
    devices.push(merge(BLANK_DEVICE, values))
  }
  return devices
}

function bodyOf(devices: readonly DeviceFields[]): string {
  const items = devices.map(({ siteId: _, ...device }, i) => ({
    ...Object.fromEntries(Object.entries(device).filter(([, value]) => value !== null)),
    reference: String(i),
  }))
  return JSON.stringify({ asOf: AS_OF, jurisdiction: { state: 'TX' }, items })
}
