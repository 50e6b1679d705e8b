/** The service inside this process: the same routes on a database that is open here, without a port. */
import type { Readable } from 'node:stream'
import type { Database } from '../db/database.ts'
import { createLogger } from '../db/log.ts'
import { registrantOf } from '../identification/oui.ts'
import { readPlanningData } from '../planning/shipped-data.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { KnowledgeHolder } from '../screening/knowledge-holder.ts'
import { buildApp } from '../server/app.ts'
import { packageVersion } from '../server/paths.ts'
import { OPERATOR } from '../tenancy/audit.ts'
import { createKey, revokeKey } from '../tenancy/keys.ts'
import type { Send } from './service.ts'

export interface OpenRegister {
  readonly database: Database
  readonly knowledge: Knowledge
}

/**
 * Works as a city's own staff: with a key that ends with the work. What is asked is on record as any request is.
 */
export async function withLocalService<T>(
  { database, knowledge }: OpenRegister,
  { jurisdictionId, now }: { readonly jurisdictionId: string; readonly now: () => Date },
  work: (send: Send) => Promise<T>,
): Promise<T> {
  const log = createLogger('silent')
  const holder = new KnowledgeHolder({ database, registrant: registrantOf, log }, knowledge)
  const { app } = await buildApp({
    config: { RATE_LIMIT_PER_MINUTE: 0, TRUST_PROXY: false },
    database,
    knowledge: holder,
    log,
    now,
    planning: await readPlanningData(),
    version: await packageVersion(),
    timers: false,
  })
  const { key, secret } = await database.asOperator((tx) =>
    createKey(tx, { ...KEY, jurisdictionId, expiresAt: inAnHour(now()) }, OPERATOR, now()),
  )
  try {
    await app.ready()
    return await work(async (method, path, { headers = {}, body } = {}) => {
      const answer = await app.inject({
        method,
        url: path,
        headers: { ...headers, authorization: `Bearer ${secret}` },
        ...(body === undefined ? {} : { payload: body as string | Readable }),
      })
      return new Response(answer.statusCode === 204 ? null : new Uint8Array(answer.rawPayload), {
        status: answer.statusCode,
        headers: new Headers(
          Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]),
        ),
      })
    })
  } finally {
    await database.asOperator((tx) => revokeKey(tx, key.id, OPERATOR, now()))
    await app.close()
  }
}

const KEY = { label: 'camledger plan', role: 'city-editor', jurisdictionIds: null } as const

function inAnHour(now: Date): string {
  return new Date(now.getTime() + 3_600_000).toISOString()
}
