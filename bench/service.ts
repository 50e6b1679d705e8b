/** The service as it is built for production, less the rate limit and the log. */
import { pino } from 'pino'
import type { Database } from '../src/db/database.ts'
import type { Logger } from '../src/db/log.ts'
import type { App } from '../src/http/services.ts'
import { registrantOf } from '../src/identification/oui.ts'
import { readPlanningData } from '../src/planning/shipped-data.ts'
import type { Knowledge } from '../src/screening/knowledge.ts'
import { KnowledgeHolder } from '../src/screening/knowledge-holder.ts'
import { buildApp } from '../src/server/app.ts'

export async function service(
  database: Database,
  knowledge: Knowledge,
  log: Logger = pino({ level: 'silent' }),
): Promise<App> {
  const { app } = await buildApp({
    config: { RATE_LIMIT_PER_MINUTE: 0, TRUST_PROXY: false },
    database,
    knowledge: new KnowledgeHolder({ database, registrant: registrantOf, log }, knowledge),
    planning: await readPlanningData(),
    log,
    now: () => new Date(),
    version: '0.0.0-bench',
    timers: false,
  })
  return app
}
