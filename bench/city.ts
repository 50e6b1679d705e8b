/**
 * A made-up city that buys as cities do: in lots of one model, on one day, out of one fund, for one purpose, put
 * up over some weeks. The same seed always gives the same city. How many devices share a lot decides how well
 * profiles compress, so it is an argument.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { csvLine } from '../src/lib/csv.ts'
import { type Draws, sfc32, uniform } from '../src/planning/estimate/model/random.ts'
import { DATA } from '../src/server/paths.ts'

interface Product {
  /** As cities spell it. */
  readonly names: readonly string[]
  readonly vendor: string
  readonly macPrefix: string
  readonly share: number
}

const PRODUCTS: readonly Product[] = [
  { names: ['Axis', 'AXIS Communications', 'Axis Comm.'], vendor: 'axis', macPrefix: 'ACCC8E', share: 30 },
  { names: ['Hikvision', 'HIKVISION', 'Hikvison'], vendor: 'hikvision', macPrefix: '4419B6', share: 18 },
  { names: ['Hanwha', 'Hanwha Techwin', 'Wisenet'], vendor: 'hanwha', macPrefix: '000918', share: 14 },
  { names: ['Bosch', 'Bosch Security'], vendor: 'bosch', macPrefix: '00075F', share: 12 },
  { names: ['Dahua', 'Dahua Technology'], vendor: 'dahua', macPrefix: '3CEF8C', share: 10 },
  { names: ['Vivotek', 'VIVOTEK Inc'], vendor: 'vivotek', macPrefix: '0002D1', share: 6 },
  { names: ['Uniview', 'UNV'], vendor: 'uniview', macPrefix: '48EA63', share: 5 },
  { names: ['Reolink'], vendor: 'reolink', macPrefix: 'EC71DB', share: 3 },
  { names: ['Amcrest'], vendor: 'amcrest', macPrefix: '9C8ECD', share: 2 },
]
const STATUSES = ['In Service', 'In Service', 'In Service', 'In Service', 'Spare', 'Removed']
const FUNDS = ['General Fund', 'General Fund', 'Federal Grant', 'State Grant', '']
const USES = ['Traffic', 'Traffic', 'Public Safety', 'Building Security', '']
const DEPARTMENTS = ['Public Works', 'Police', 'Transportation', 'Parks', 'Facilities']

const HEADER = [
  'Asset Tag',
  'Serial Number',
  'Camera Name',
  'Manufacturer',
  'Model',
  'MAC Address',
  'Firmware',
  'Device Type',
  'Status',
  'Purpose',
  'Purchase Date',
  'Install Date',
  'Funding Source',
  'Unit Price',
  'Site',
  'Department',
  'Latitude',
  'Longitude',
]

export interface CityOptions {
  readonly seed: number
  /** Devices of a lot, on average; lots are geometric. */
  readonly meanLot: number
  /** Of the whole city; without it a site has 12 devices. */
  readonly sites?: number
  /** Whether every device is in service; else one in three is a spare or gone. */
  readonly allInService?: boolean
  /** Follows the firmware of every device: the same city after an update. */
  readonly build?: string
}

let modelsOf: Map<string, string[]> | null = null

function models(vendor: string): readonly string[] {
  if (modelsOf === null) {
    modelsOf = new Map()
    const { items } = JSON.parse(readFileSync(join(DATA, 'models.json'), 'utf8')) as {
      items: { manufacturer: string; model: string }[]
    }
    for (const { manufacturer, model } of items) {
      const known = modelsOf.get(manufacturer)
      if (known) known.push(model)
      else modelsOf.set(manufacturer, [model])
    }
  }
  return modelsOf.get(vendor) ?? ['Unknown']
}

/** Lines of a city's file, the header first; without end. */
export function* cityLines({
  seed,
  meanLot,
  sites,
  allInService = false,
  build = '',
}: CityOptions): Generator<string> {
  const draws = sfc32(seed)
  const one = <T>(from: readonly T[]): T => from[draws() % from.length]!
  const within = (from: number, to: number) => from + (draws() % (to - from))
  yield csvLine(HEADER)
  let camera = 0
  for (;;) {
    const product = weighted(draws)
    const model = one(models(product.vendor))
    const name = one(product.names)
    const firmware = `${within(1, 11)}.${within(0, 100)}.${within(0, 9)}${build}`
    const bought = new Date(Date.UTC(within(2012, 2026), within(0, 12), within(1, 28)))
    const drawn = one(STATUSES)
    const status = allInService ? 'In Service' : drawn
    const use = one(USES)
    const fund = one(FUNDS)
    const department = one(DEPARTMENTS)
    const price = `$${within(120, 1900)}.00`
    const size = 1 + Math.floor(Math.log(uniform(draws)) / Math.log(1 - 1 / meanLot))
    for (let i = 0; i < size; i++) {
      camera++
      // A site holds some ten cameras of a lot.
      const installed = new Date(bought.getTime() + (20 + 3 * Math.floor(i / 10)) * 86_400_000)
      yield csvLine([
        `CAM-${String(camera).padStart(7, '0')}`,
        `${product.vendor.slice(0, 2).toUpperCase()}${draws().toString(36)}${camera.toString(36)}`,
        `${one(['Main St', 'Oak Ave', 'River Rd', '5th St', 'Market Sq'])} ${within(1, 9999)} #${camera}`,
        name,
        model,
        mac(product.macPrefix, draws),
        firmware,
        'Camera',
        status,
        use,
        isoDay(bought),
        isoDay(installed),
        fund,
        price,
        `Site ${sites === undefined ? Math.floor(camera / 12) : camera % sites}`,
        department,
        (30 + (draws() % 1_000_000) / 100_000).toFixed(5),
        (-98 + (draws() % 1_000_000) / 100_000).toFixed(5),
      ])
    }
  }
}

/** A file of so many devices, in chunks of about 64 KiB. */
export function* cityFile(devices: number, options: CityOptions): Generator<Buffer> {
  let chunk = ''
  let lines = -1
  for (const line of cityLines(options)) {
    chunk += line
    lines++
    if (chunk.length > 65_536) {
      yield Buffer.from(chunk)
      chunk = ''
    }
    if (lines >= devices) break
  }
  yield Buffer.from(chunk)
}

function weighted(draws: Draws): Product {
  let rest = uniform(draws) * PRODUCTS.reduce((sum, { share }) => sum + share, 0)
  for (const product of PRODUCTS) {
    rest -= product.share
    if (rest <= 0) return product
  }
  return PRODUCTS[0]!
}

function mac(prefix: string, draws: Draws): string {
  const digits = prefix + (draws() & 0xffffff).toString(16).padStart(6, '0').toUpperCase()
  return digits.match(/../g)!.join(':')
}

function isoDay(date: Date): string {
  return date.toISOString().slice(0, 10)
}
