/**
 * A city of any size made from `test/fixtures/firmware/sample-city.csv`: every row again and again, with builds moved
 * away from the limits of the advisories, so what has to be said of each device is known beforehand.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import { addDays } from '../../src/lib/calendar.ts'
import { csvLine } from '../../src/lib/csv.ts'

export interface SampleDevice {
  readonly assetTag: string
  readonly site: string
  readonly manufacturer: string
  readonly model: string
  readonly deviceClass: string
  readonly firmwareVersion: string
  readonly updateChannel: string
  readonly networkExposure: string
  /** CVE -> affected, not-affected, unknown, conflicting. Advisories that are not named say nothing of it. */
  readonly expected: Readonly<Record<string, string>>
  readonly maker: string
  readonly brand: string
}

const NAMES: Readonly<Record<string, string>> = {
  hikvision: 'Hikvision',
  dahua: 'Dahua',
  hanwha: 'Hanwha Vision',
  avtech: 'AVTECH',
  'd-link': 'D-Link',
  axis: 'Axis',
  uniview: 'Uniview',
  reolink: 'Reolink',
  ptzoptics: 'PTZOptics',
  lts: 'LTS',
  lorex: 'Lorex',
}
const CHANNELS = ['vendor-portal-us', 'vendor-portal-global', 'distributor', '']
const EXPOSURES = ['isolated', 'routed', 'internet', '']

export function sampleCity(size: number): SampleDevice[] {
  const text = readFileSync(
    fileURLToPath(import.meta.resolve('#root/test/fixtures/firmware/sample-city.csv')),
    'utf8',
  )
  const rows = parse(text, { columns: true, skip_empty_lines: true }) as Record<string, string>[]
  return Array.from({ length: size }, (_, i) => {
    const row = rows[i % rows.length]!
    const copy = Math.floor(i / rows.length)
    const expected = Object.fromEntries(
      (row.expected ?? '')
        .split(';')
        .filter((part) => part.trim() !== '')
        .map((part) => part.trim().split(' ') as [string, string]),
    )
    return {
      assetTag: `S-${String(i + 1).padStart(4, '0')}`,
      site: `Station ${(i % 20) + 1}`,
      manufacturer: NAMES[row.brand!] ?? '',
      model: row.model!,
      deviceClass: row.deviceClass!,
      firmwareVersion: moved(row.firmwareVersion!, copy, Object.values(expected)),
      updateChannel: CHANNELS[i % CHANNELS.length]!,
      networkExposure: EXPOSURES[(i >> 2) % EXPOSURES.length]!,
      expected,
      maker: row.maker!,
      brand: row.brand!,
    }
  })
}

/** An affected build becomes older, a clean one younger, by a few days a copy; anything else stays. */
function moved(version: string, copy: number, results: readonly string[]): string {
  const sign = results.every((result) => result === 'affected')
    ? -1
    : results.every((result) => result === 'not-affected')
      ? 1
      : 0
  if (sign === 0 || copy === 0 || results.length === 0) return version
  return version.replace(/\bbuild (\d{2})(\d{2})(\d{2})\b/, (_, year, month, day) => {
    const date = addDays(`20${year}-${month}-${day}`, sign * copy * 3)
    return `build ${date.slice(2).replaceAll('-', '')}`
  })
}

const HEADER = [
  ['Asset Tag', 'assetTag'],
  ['Site', 'site'],
  ['Manufacturer', 'manufacturer'],
  ['Model', 'model'],
  ['Device Class', 'deviceClass'],
  ['Firmware', 'firmwareVersion'],
  ['Update Channel', 'updateChannel'],
  ['Network Exposure', 'networkExposure'],
] as const

export function toCsv(devices: readonly SampleDevice[]): string {
  return [
    csvLine(HEADER.map(([header]) => header)),
    ...devices.map((device) => csvLine(HEADER.map(([, field]) => device[field]))),
  ].join('')
}
