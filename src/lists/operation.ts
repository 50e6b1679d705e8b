/** Taking in a file of a list: read in a thread, checked, planned, previewed or written. */
import { z } from 'zod'
import type { Database } from '../db/database.ts'
import { DomainError } from '../http/problems.ts'
import type { Operation, WorkContext } from '../jobs/operation.ts'
import { visibleCities } from '../scenarios/whose.ts'
import type { Services } from '../screening/services.ts'
import { jurisdictionNames } from './cities.ts'
import { type ListFile, type Loaded, type Planned, planFile, writePlanned } from './load.ts'
import { preview } from './preview.ts'
import { readListFile } from './reading/thread.ts'
import { asRefusal, faultInWords } from './refusals.ts'
import type { ListingChange } from './schemas.ts'
import { listSource } from './sources/index.ts'
import { noteCheck } from './store.ts'

export const LoadInput = z.strictObject({
  list: z.string(),
  dryRun: z.boolean(),
  force: z.boolean(),
  publishedOn: z.string().nullable(),
})
export type LoadInput = z.infer<typeof LoadInput>

export type ListServices = Pick<Services, 'database' | 'knowledge' | 'refreshKnowledge' | 'trigger'>

/** Whoever else writes at the same time comes first so often; then the sender tries again. */
const MOST_ATTEMPTS = 3

export function loadOperation(services: ListServices): Operation<LoadInput> {
  return {
    kind: 'list',
    input: LoadInput,
    run: async (input, context) => {
      const source = listSource(input.list)!
      try {
        return await load(services, input, context)
      } catch (error) {
        const refused = asRefusal(source, error)
        if (refused instanceof DomainError && refused.code === 'list-refused' && !input.dryRun)
          await noteRefused(services.database, input.list, refused, context.now)
        throw refused
      }
    },
  }
}

/** The first reasons; the answer had all of them. */
const REASONS = 5

async function noteRefused(
  database: Database,
  list: string,
  { errors = [] }: DomainError,
  at: Date,
): Promise<void> {
  const detail = errors.slice(0, REASONS).map(faultInWords).join('; ')
  await database.asOperator((tx) => noteCheck(tx, { list, outcome: 'refused', detail, at }))
}

async function load(services: ListServices, input: LoadInput, context: WorkContext) {
  const { actor, now, signal, onProgress } = context
  const { list, dryRun, force, publishedOn } = input
  const { path, sha256 } = context.file!
  onProgress({ done: 0, total: 1, phase: 'the file is read' })
  const read = await readListFile({ path, list }, signal)
  const file: ListFile = { source: listSource(list)!, read, sha256, publishedOn, isForced: force }
  onProgress({ done: 0.5, total: 1, phase: 'its names are compared with the catalog' })
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    await services.refreshKnowledge()
    const planned = await planFile(services.database, file, services.knowledge(), now)
    signal.throwIfAborted()
    if (dryRun) return { status: 200, body: await previewed(services, file, planned, context) }
    let loaded: Loaded | null = null
    const answer = await services.database
      .asOperator(
        (tx) =>
          context.keep(tx, null, async () => {
            loaded = await writePlanned(tx, file, planned, { actor, now })
            if (loaded === null) throw new OutOfDate()
            return {
              status: loaded.isChanged ? 201 : 200,
              body: { ...bodyOf(file, planned, loaded), preview: null },
            }
          }),
        { timeLimitMillis: 120_000, lane: 'long', signal },
      )
      .catch(ifOutOfDate)
    if (answer === null) continue
    if ((await services.refreshKnowledge()) > 0) services.trigger('rescreen')
    return answer
  }
  throw new DomainError('not-ready', 'Others change the law at the same time; send the file again.', {
    headers: { 'retry-after': '10' },
  })
}

/** What was planned is of a state that is gone. */
class OutOfDate extends Error {}

function ifOutOfDate(error: unknown): null {
  if (error instanceof OutOfDate) return null
  throw error
}

async function previewed(services: ListServices, file: ListFile, planned: Planned, context: WorkContext) {
  const { database, knowledge } = services
  const current = knowledge()
  const cities = await jurisdictionNames(database, await visibleCities(database, context.principal, []))
  const { before, knowledgeVersion } = planned.plan.standing
  const supposed = {
    listings: planned.listings,
    regimes: current.reference.regimes,
    rules: current.reference.rules,
    makers: [...new Set(listingChanges(planned).map(({ maker }) => maker))],
  }
  const { now, signal } = context
  const isChanged =
    before === undefined || planned.counts.added + planned.counts.changed + planned.counts.ended > 0
  return {
    ...bodyOf(file, planned, {
      isChanged,
      version: isChanged ? (before?.version ?? 0) + 1 : before.version,
      knowledgeVersion,
    }),
    dryRun: true,
    knowledgeVersion: null,
    preview: await preview(database, cities, current, supposed, { now, signal }),
  }
}

export function listingChanges({
  plan,
  listings,
}: Pick<Planned, 'listings'> & { plan: Pick<Planned['plan'], 'listings'> }): ListingChange[] {
  const byId = new Map(listings.map((listing) => [listing.id, listing]))
  return plan.listings.flatMap(({ id, how }) => {
    const listing = byId.get(id)
    if (!listing) return []
    const { regime, vendor, name, from, to, unconfirmed = false } = listing
    return [{ id, how, regime, maker: vendor!, name, from, to, unconfirmed }]
  })
}

function bodyOf(
  { source, read }: ListFile,
  planned: Planned,
  { isChanged, version, knowledgeVersion }: Loaded,
) {
  const { plan, publishedOn, counts } = planned
  return {
    list: source.id,
    dryRun: false,
    ...{ isChanged, version, knowledgeVersion, publishedOn, counts },
    format: read.format,
    listings: listingChanges(planned),
    toLookAt: [...plan.added, ...plan.changed].filter(
      ({ standing }) => standing === 'near' || standing === 'likely',
    ).length,
    problems: read.problems.map(({ place, message }) => ({
      pointer: place,
      code: 'unreadable-entry',
      message,
    })),
  }
}
