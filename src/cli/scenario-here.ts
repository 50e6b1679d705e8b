/** A scenario computed straight on the database. */
import { AS_OPERATOR, contextAt } from '../jobs/as-operator.ts'
import { createCompute } from '../planning/runs/pool.ts'
import { readPlanningData } from '../planning/shipped-data.ts'
import { type StoredDevices, shownDevices } from '../scenarios/devices.ts'
import { runScenario } from '../scenarios/run.ts'
import type { ScenarioDocument } from '../scenarios/schemas.ts'
import { scenarioText } from '../scenarios/store.ts'
import { visibleCities } from '../scenarios/whose.ts'
import { packageVersion } from '../server/paths.ts'
import type { CliParts } from './parts.ts'
import type { Answered, ScenarioOptions } from './scenario.ts'
import { bodyOf } from './scenario-request.ts'

const ADVICE = 'While the service runs, ask it: --url.'

export async function here(options: ScenarioOptions, parts: CliParts): Promise<Answered> {
  return parts.withKnowledge(ADVICE, async ({ database, knowledge }) => {
    const services = {
      database,
      knowledge: () => knowledge,
      planning: await readPlanningData(),
      compute: createCompute(),
      version: await packageVersion(),
    }
    const only = options.jurisdiction === undefined ? await visibleCities(database, AS_OPERATOR, []) : []
    // A register of one city is that city's.
    const jurisdiction = options.jurisdiction ?? (only.length === 1 ? only[0] : undefined)
    const { body } = await runScenario(services, bodyOf(options, jurisdiction), contextAt(parts.now()))
    const scenario = JSON.parse((body as { text: string }).text) as ScenarioDocument
    const devices = await scenarioText(services, AS_OPERATOR, scenario.id, 'devices')
    return { scenario, devices: shownDevices(JSON.parse(devices) as StoredDevices) }
  })
}
