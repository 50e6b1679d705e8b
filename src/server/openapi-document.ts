/** The OpenAPI document as the committed YAML, made from the routes without a database. */
import { pino } from 'pino'
import { stringify } from 'yaml'
import type { Database } from '../db/database.ts'
import { readPlanningData } from '../planning/shipped-data.ts'
import { KnowledgeHolder } from '../screening/knowledge-holder.ts'
import { buildApp } from './app.ts'

/** The text of `openapi/openapi.yaml` for this version of the service. */
export async function openApiYaml(version: string): Promise<string> {
  const unused = () => {
    throw new Error('Describing the API needs neither a database nor knowledge.')
  }
  const database = { kind: 'embedded', description: '', asOperator: unused } as unknown as Database
  const log = pino({ level: 'silent' })
  const { app } = await buildApp({
    config: { RATE_LIMIT_PER_MINUTE: 0, TRUST_PROXY: false },
    database,
    knowledge: new KnowledgeHolder({ database, registrant: unused, log }),
    planning: await readPlanningData(),
    log,
    now: () => new Date(0),
    version,
    timers: false,
  })
  await app.ready()
  const document = JSON.parse(JSON.stringify(app.swagger()))
  await app.close()
  return `# Made by "npm run openapi" from the routes; do not edit.\n${stringify(document, { lineWidth: 110, aliasDuplicateObjects: false })}`
}
