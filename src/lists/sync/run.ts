/** One list fetched and put in force: not changed, loaded, refused, or not to be had. The version in force stays until then. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { z } from 'zod'
import { DomainError } from '../../http/problems.ts'
import { contextAt } from '../../jobs/as-operator.ts'
import { type ListServices, loadOperation } from '../operation.ts'
import { faultInWords } from '../refusals.ts'
import type { ListLoad } from '../schemas.ts'
import { latestListVersion, noteCheck } from '../store.ts'
import { sourceAt } from './addresses.ts'
import { type Fetched, fetchList, type Known, NotFetched } from './download.ts'
import { claim, type FetchState, noteFetch } from './state.ts'
import { nextAfterFailure, nextAfterGood } from './when.ts'

type Loaded = z.output<typeof ListLoad>
const NOTHING_KNOWN: Known = { etag: null, lastModified: null }

export interface SyncTerms {
  readonly now: Date
  readonly signal: AbortSignal
  /** A server of the operator's own that has the files; null for the addresses of the authorities. */
  readonly mirror: string | null
  /** Spreads the minutes of installations. */
  readonly seed: string
  /** Now, whenever it is due. */
  readonly always: boolean
}

export interface Synced {
  readonly list: string
  readonly outcome: 'loaded' | 'unchanged' | 'refused' | 'failed'
  readonly detail: string | null
  readonly version: number | null
  readonly listings: number
}

/** null while the list is not due, or another process has it. */
export async function syncList(
  services: ListServices,
  list: string,
  terms: SyncTerms,
): Promise<Synced | null> {
  const { database } = services
  const { now, always, seed } = terms
  const state = await database.asOperator((tx) => claim(tx, list, now, always))
  if (state === null) return null
  const folder = await mkdtemp(join(tmpdir(), 'camledger-list-'))
  try {
    const fetched = await fetchKnown(services, list, state, join(folder, 'file'), terms)
    const synced = fetched.isChanged
      ? await load(services, list, fetched, terms)
      : await unchanged(services, list, now)
    // What was refused is asked for again as a whole.
    const known = fetched.isChanged && synced.outcome !== 'refused' ? fetched : state
    const { etag, lastModified } = synced.outcome === 'refused' ? NOTHING_KNOWN : known
    const dueAt = nextAfterGood(now, `${seed} ${list}`)
    const next = { etag, lastModified, failures: 0, listVersion: synced.version, dueAt }
    await database.asOperator((tx) => noteFetch(tx, list, next))
    return synced
  } catch (error) {
    if (!(error instanceof NotFetched)) throw error
    return await failed(services, list, state, error, terms)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Asks whether it has changed only while the version that the answer is about is the one in force. */
async function fetchKnown(
  { database }: ListServices,
  list: string,
  state: FetchState,
  path: string,
  { mirror, signal }: SyncTerms,
): Promise<Fetched> {
  const inForce = await database.asOperator((tx) => latestListVersion(tx, list))
  const isOfThis = inForce !== undefined && inForce.version === state.listVersion
  return fetchList(sourceAt(list, mirror), path, { known: isOfThis ? state : null, signal })
}

async function load(
  services: ListServices,
  list: string,
  { file }: Extract<Fetched, { isChanged: true }>,
  { now, signal }: SyncTerms,
): Promise<Synced> {
  const input = { list, dryRun: false, force: false, publishedOn: null }
  try {
    const { body } = await loadOperation(services).run(input, { ...contextAt(now, file), signal })
    const { isChanged, version, listings } = body as Loaded
    return {
      list,
      version,
      outcome: isChanged ? 'loaded' : 'unchanged',
      detail: null,
      listings: listings.length,
    }
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'list-refused') throw error
    const detail = error.errors?.map(faultInWords)[0] ?? error.message
    return { list, outcome: 'refused', detail, version: null, listings: 0 }
  }
}

async function unchanged({ database }: ListServices, list: string, now: Date): Promise<Synced> {
  return database.asOperator(async (tx) => {
    await noteCheck(tx, { list, outcome: 'unchanged', detail: null, at: now })
    const inForce = await latestListVersion(tx, list)
    return { list, outcome: 'unchanged', detail: null, version: inForce!.version, listings: 0 }
  })
}

async function failed(
  services: ListServices,
  list: string,
  state: FetchState,
  error: NotFetched,
  terms: SyncTerms,
): Promise<Synced> {
  const failures = state.failures + 1
  const { now, seed } = terms
  const { message: detail } = error
  await services.database.asOperator((tx) => noteCheck(tx, { list, outcome: 'failed', detail, at: now }))
  const dueAt = nextAfterFailure(now, failures, error.waitMillis, `${seed} ${list}`)
  await services.database.asOperator((tx) => noteFetch(tx, list, { ...state, failures, dueAt }))
  return { list, outcome: 'failed', detail, version: null, listings: 0 }
}
