/** Official lists straight in the database: which are in force, fetched, and loaded from a file. */
import { mkdtemp, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Database } from '../db/database.ts'
import { createLogger } from '../db/log.ts'
import { registrantOf } from '../identification/oui.ts'
import { contextAt } from '../jobs/as-operator.ts'
import { type ListServices, loadOperation } from '../lists/operation.ts'
import { allLists } from '../lists/queries.ts'
import { type Synced, syncList } from '../lists/sync/run.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { KnowledgeHolder } from '../screening/knowledge-holder.ts'
import { rescreen } from '../screening/rescreen.ts'
import { keptAs } from './list-files.ts'
import type { Lists, Loaded, LoadOptions } from './lists.ts'
import type { CliParts } from './parts.ts'

const ADVICE = 'While the service runs, ask it: --url.'

export function listsHere({ withDatabase, now }: CliParts): Promise<Lists> {
  return withDatabase(ADVICE, ({ database }) =>
    database.asOperator((tx) => allLists(tx, now())),
  ) as Promise<Lists>
}

export async function syncHere(
  parts: CliParts,
  lists: readonly string[],
  mirror: string | null,
): Promise<Synced[]> {
  return parts.withKnowledge(ADVICE, async ({ database, knowledge }) => {
    const services = servicesHere(database, knowledge)
    const now = parts.now()
    const synced: Synced[] = []
    for (const list of lists) {
      const terms = { now, signal: new AbortController().signal, mirror, seed: hostname(), always: true }
      const one = await syncList(services, list, terms)
      if (one !== null) synced.push(one)
    }
    if (synced.some(({ outcome }) => outcome === 'loaded'))
      await rescreen(database, services.knowledge(), now)
    return synced
  })
}

export async function loadFile(parts: CliParts, options: LoadOptions, body: Readable): Promise<Loaded> {
  const { list, dryRun = false, force = false, publishedOn = null } = options
  const folder = await mkdtemp(join(tmpdir(), 'camledger-list-'))
  try {
    const file = await keptAs(join(folder, 'file'), body)
    return await parts.withKnowledge(ADVICE, async ({ database, knowledge }) => {
      const services = servicesHere(database, knowledge)
      const instant = parts.now()
      const { body: loaded } = await loadOperation(services).run(
        { list, dryRun, force, publishedOn },
        contextAt(instant, file),
      )
      if (!dryRun) await rescreen(database, services.knowledge(), instant)
      return loaded as Loaded
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** There is no background here: what it would do is done at the end. */
function servicesHere(database: Database, knowledge: Knowledge): ListServices {
  const holder = new KnowledgeHolder(
    { database, registrant: registrantOf, log: createLogger('silent') },
    knowledge,
  )
  return {
    database,
    knowledge: () => holder.current(),
    refreshKnowledge: () => holder.refresh(),
    trigger: () => {},
  }
}
