/** The data of planning that ships with the service, read once when it starts. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type SupportPeriod, SupportPeriods } from '../firmware-risk/support-periods.ts'
import { type CostCatalogue, readCostCatalogue } from './costs/model/catalogue.ts'

export interface PlanningData {
  /** The default prices of `data/costs.json`. */
  readonly costs: CostCatalogue
  /** How long makers support their products. */
  readonly supportPeriods: readonly SupportPeriod[]
}

/** Throws InvalidInput when a file has been changed to something that cannot be planned with. */
export async function readPlanningData(): Promise<PlanningData> {
  const [costs, periods] = await Promise.all([read('costs.json'), read('support-periods.json')])
  return { costs: readCostCatalogue(costs), supportPeriods: SupportPeriods.parse(periods).periods }
}

async function read(name: string): Promise<unknown> {
  return JSON.parse(await readFile(fileURLToPath(import.meta.resolve(`#root/data/${name}`)), 'utf8'))
}
