/** The devices of a scenario as CSV, each line marked as hypothetical. */
import { csvLine } from '../lib/csv.ts'
import { DEVICE_COLUMNS } from '../scenarios/columns.ts'
import type { ScenarioDevice } from '../scenarios/schemas.ts'

export function scenarioCsv(devices: readonly ScenarioDevice[]): string {
  const lines = devices.map((device) => DEVICE_COLUMNS.map(({ value }) => value(device)))
  return [DEVICE_COLUMNS.map(({ header }) => header), ...lines].map((cells) => csvLine(cells)).join('')
}
