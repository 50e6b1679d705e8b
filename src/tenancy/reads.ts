/**
 * The record of reads across cities: one entry for each read by an admin or a federal reviewer, written before the
 * answer is given. City keys read their own city only and are not noted. A route declares what it reads; a read of
 * which no entry can be written is refused.
 */
import { sql } from 'drizzle-orm'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Database, Scope, Tx } from '../db/database.ts'
import { diskOutageOf, type OutageKind, outageOf } from '../db/failures.ts'
import { DomainError, notReady } from '../http/problems.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { actorOf, type NotedEntry } from './audit.ts'
import { type Principal, readScope } from './auth.ts'
import { readEntries } from './read-entries.ts'

/** Tables in which a route's `:id` may stand. */
const TABLES = [
  'jurisdictions',
  'sites',
  'devices',
  'maker_statements',
  'documents',
  'finding_decisions',
  'imports',
  'jobs',
  'uploads',
  'custom_fields',
  'import_mappings',
  'plans',
  'funding_sources',
  'firmware_releases',
  'licenses',
  'license_applications',
  'firmware_installations',
  'risk_treatments',
  'local_laws',
] as const

/**
 * Whose data a read gives: `scope`, of all jurisdictions of the key, or of those that `jurisdictionId` asks for;
 * `asked`, of those alone; a table, of the one to which the row `:id` of it belongs.
 */
type ReadOf = 'scope' | 'asked' | (typeof TABLES)[number]

/** What an entry of the record calls a read. */
type ReadName = `${string}.read`

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * What the record calls a read by this route; `shared` when it gives knowledge that belongs to no city, `process`
     * when it gives figures of this process, which are others at each call.
     */
    reads?: ReadName | 'shared' | 'process'
    /** Whose data it gives; `scope` when absent. */
    readsOf?: ReadOf
    /** The query parameter without which it gives only what belongs to no city. */
    readsIf?: string
  }
}

interface Recording {
  readonly database: Database
  readonly now: () => Date
}

interface Recorder extends Recording {
  readonly write: (entry: NotedEntry) => Promise<void>
}

/**
 * Record reads from here on. A route for keys that reads and does not declare what is refused at the start. A route that
 * writes declares it where it can give what is stored without a change, which would have an entry of its own.
 */
export function registerReads(app: FastifyInstance, recording: Recording): void {
  const recorder: Recorder = { ...recording, write: readEntries(recording.database) }
  app.addHook('onRoute', ({ method, url, config }) => {
    if (method === 'GET' && config?.roles && !config.reads) {
      throw new Error(`GET ${url} has to declare what it reads ("reads" in its config).`)
    }
  })
  app.addHook('preHandler', async (request) => {
    const { reads, readsIf } = request.routeOptions.config
    if (reads === undefined || reads === 'shared' || reads === 'process') return
    if (readsIf !== undefined && !queryOf(request)[readsIf]) return
    if (request.principal.jurisdictionId === null) await recordRead(recorder, request, reads)
  })
}

async function recordRead({ database, now, write }: Recorder, request: FastifyRequest, name: ReadName) {
  const { id, ...params } = request.params as Record<string, string>
  try {
    const cities = await citiesOf(database, request, id)
    // What is not there, or out of reach, is answered with 404 and counted among the refused calls.
    if (cities === null) return
    const { scope } = request.principal
    await write({
      actor: actorOf(request),
      at: now(),
      action: name,
      target: id ?? null,
      detail: {
        ...params,
        ...asked(request),
        scope: scope === 'all' ? 'all' : scope.length,
        ...(cities === 'scope' ? {} : { jurisdictions: cities }),
      },
    })
  } catch (cause) {
    throw cause instanceof DomainError ? cause : unrecorded(cause)
  }
}

/** Reading would work, and writing the entry does not. */
const WRITES_ALONE: ReadonlySet<OutageKind> = new Set(['read-only', 'full'])
const UNRECORDED = 'The read could not be put on record, so it was not done.'

/** Why a read was refused: a database that is away is said to be away, whatever the question was. */
function unrecorded(cause: unknown): DomainError {
  const outage = outageOf(cause) ?? diskOutageOf(cause)
  if (outage === null) {
    return notReady({ detail: `${UNRECORDED} Try again shortly.`, retryAfterSeconds: 5 }, cause)
  }
  const { kind, detail } = outage
  return notReady(WRITES_ALONE.has(kind) ? { ...outage, detail: `${UNRECORDED} ${detail}` } : outage, cause)
}

/** The jurisdictions whose data is read; `scope` for all that the key may see, null when there is nothing to read. */
async function citiesOf(
  database: Database,
  request: FastifyRequest,
  id: string | undefined,
): Promise<readonly string[] | 'scope' | null> {
  const { readsOf = 'scope' } = request.routeOptions.config
  const { principal } = request
  if (readsOf !== 'scope' && readsOf !== 'asked') {
    const owners = await database.acrossJurisdictions(principal.scope, (tx) => ownersOf(tx, readsOf, id!))
    return owners.length === 0 ? null : owners.filter((owner) => owner !== OPERATOR_ID)
  }
  const named = [queryOf(request).jurisdictionId ?? []].flat() as string[]
  if (named.length > 0) return narrowed(principal, named)
  return readsOf === 'scope' ? 'scope' : []
}

function narrowed(principal: Principal, named: readonly string[]): readonly string[] {
  const scope: Scope = readScope(principal, named)
  return scope === 'all' ? named : [...new Set(scope)]
}

async function ownersOf(tx: Tx, table: (typeof TABLES)[number], id: string): Promise<string[]> {
  const column = sql.identifier(table === 'jurisdictions' ? 'id' : 'jurisdiction_id')
  // A device that was removed can still be read: its history, and what it was on a day.
  const removed =
    table === 'devices'
      ? sql` union select jurisdiction_id from device_history where device_id = ${id}::uuid`
      : sql``
  const { rows } = await tx.execute<{ owner: string }>(
    sql`select distinct ${column} as owner from ${sql.identifier(table)} where id = ${id}::uuid${removed}`,
  )
  return rows.map(({ owner }) => owner)
}

function queryOf(request: FastifyRequest): Record<string, unknown> {
  return (request.query ?? {}) as Record<string, unknown>
}

/** The parameters that were sent, as they were understood; which page is no part of the question. */
function asked(request: FastifyRequest): Record<string, unknown> {
  // Without a declared query nobody has checked what stands there, and the operation does not read it.
  if (request.routeOptions.schema?.querystring === undefined) return {}
  const query = queryOf(request)
  const sent = new Set(new URLSearchParams(request.url.split('?')[1] ?? '').keys())
  for (const name of ['limit', 'cursor', 'jurisdictionId']) sent.delete(name)
  return Object.fromEntries([...sent].map((name) => [name, query[name] ?? null]))
}
