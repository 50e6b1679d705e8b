/** Cities with keys and devices, made through the door. */
import { randomBytes } from 'node:crypto'
import { cityFile, cityLines } from '../city.ts'
import type { Asked, Service } from './service.ts'

export interface City {
  readonly id: string
  /** Of an editor. */
  readonly key: string
}

const OPTIONS = { seed: 7, meanLot: 8, allInService: true } as const
export const CSV = { 'content-type': 'text/csv' }
export const AS_JOB = { prefer: 'respond-async' }

export async function newCity(service: Service): Promise<City> {
  const name = `City ${randomBytes(4).toString('hex')}`
  const { id } = await service.json<{ id: string }>('POST', '/v1/jurisdictions', {
    value: { name, state: 'TX' },
  })
  const { key } = await service.json<{ key: string }>('POST', '/v1/keys', {
    value: { label: 'editor', role: 'city-editor', jurisdictionId: id },
  })
  return { id, key }
}

/** A city with so many devices. */
export async function cityWith(service: Service, devices: number): Promise<City> {
  const city = await newCity(service)
  await service.json('POST', '/v1/imports', { key: city.key, body: devicesFile(devices), headers: CSV })
  return city
}

/** With a build, the same devices after an update of their firmware. */
export function devicesFile(devices: number, build = ''): Buffer {
  return Buffer.concat([...cityFile(devices, { ...OPTIONS, build })])
}

/** Whole lines of a city's file, so many megabytes and a little more. */
export function fileOf(megabytes: number): { readonly bytes: Buffer; readonly devices: number } {
  const lines: string[] = []
  let size = 0
  for (const line of cityLines(OPTIONS)) {
    lines.push(line)
    size += line.length
    if (size >= megabytes * 1e6) break
  }
  return { bytes: Buffer.from(lines.join('')), devices: lines.length - 1 }
}

export function sendFile(service: Service, city: City, body: Asked['body'], headers = {}) {
  return service.ask('POST', '/v1/imports', { key: city.key, body, headers: { ...CSV, ...headers } })
}

export async function countDevices(service: Service, city: City): Promise<number> {
  const { totalDevices } = await service.json<{ totalDevices: number }>('GET', '/v1/summary?groupBy=maker', {
    key: city.key,
  })
  return totalDevices
}
