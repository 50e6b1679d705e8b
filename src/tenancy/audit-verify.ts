/** Reads the audit trail from end to end and says what was done to it; memory does not grow with it. */
import { sql } from 'drizzle-orm'
import type { Database, Tx } from '../db/database.ts'
import { ChainCheck, type EntryText, type Finding, type Head, type Link } from './audit-chain.ts'

export interface Verified {
  readonly chains: number
  readonly entries: number
  /** Kept heads that were compared. */
  readonly anchors: number
  readonly findings: number
}

/** A head that was kept elsewhere, and when. */
export interface Anchor extends Head {
  readonly keptAt: string | null
}

const PAGE = 2_000
const FIRST = '00000000-0000-0000-0000-000000000000'

/**
 * Check every chain, every entry, and the heads that were kept. `report` is told of each finding as it comes.
 * All of it is one moment of the database: what is written meanwhile is not seen.
 */
export async function verifyAudit(
  database: Database,
  anchors: AsyncIterable<Anchor>,
  report: (finding: Finding) => void,
): Promise<Verified> {
  let findings = 0
  const reportAll = (found: readonly Finding[]) => {
    findings += found.length
    for (const one of found) report(one)
  }
  return database.acrossJurisdictions(
    'all',
    async (tx) => {
      await tx.execute(sql`set transaction isolation level repeatable read`)
      const chains = await checkLinks(tx, reportAll)
      await checkUnlinked(tx, reportAll)
      const compared = await checkAnchors(tx, anchors, reportAll)
      return { ...chains, anchors: compared, findings }
    },
    { timeLimitMillis: 0 },
  )
}

type Report = (found: readonly Finding[]) => void

async function checkLinks(tx: Tx, report: Report): Promise<{ chains: number; entries: number }> {
  const heads = await readHeads(tx)
  const seen = new Set<string>()
  let entries = 0
  let check: ChainCheck | null = null
  const finish = () => {
    if (check !== null) report(check.end(heads.get(check.jurisdictionId) ?? null))
  }
  for await (const link of links(tx)) {
    if (check === null || check.jurisdictionId !== link.jurisdictionId) {
      finish()
      check = new ChainCheck(link.jurisdictionId)
      seen.add(link.jurisdictionId)
    }
    if (link.entry !== null) entries++
    report(check.next(link))
  }
  finish()
  for (const [id, head] of heads) if (!seen.has(id)) report(new ChainCheck(id).end(head))
  return { chains: new Set([...heads.keys(), ...seen]).size, entries }
}

async function readHeads(tx: Tx): Promise<Map<string, Head>> {
  const { rows } = await tx.execute<{ jurisdictionId: string; sequence: string; hash: string }>(
    sql`select jurisdiction_id::text as "jurisdictionId", sequence::text as sequence, hash from audit_heads`,
  )
  return new Map(rows.map((row) => [row.jurisdictionId, { ...row, sequence: Number(row.sequence) }]))
}

const entryColumns = sql`e.jurisdiction_id::text as "jurisdictionId", e.id::text as id,
  to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, e.actor, e.actor_label as "actorLabel",
  e.actor_role as "actorRole", e.action, e.target, e.detail::text as detail, e.request_id as "requestId",
  e.remote_address as "remoteAddress"`

type LinkRow = Record<keyof EntryText, string> & {
  chain: string
  sequence: string
  eventId: string
  hash: string
  id: string | null
}

/** Every link with its entry, chain after chain, in order. */
async function* links(tx: Tx): AsyncGenerator<Link> {
  let after: Pick<Link, 'jurisdictionId' | 'sequence'> = { jurisdictionId: FIRST, sequence: -1 }
  for (;;) {
    const { rows } = await tx.execute<LinkRow>(sql`
      select c.jurisdiction_id::text as chain, c.sequence::text as sequence, c.event_id::text as "eventId", c.hash, ${entryColumns}
      from (
        select * from audit_chain where (jurisdiction_id, sequence) > (${after.jurisdictionId}::uuid, ${after.sequence}::bigint)
        order by jurisdiction_id, sequence limit ${PAGE}
      ) c left join audit_events e on e.jurisdiction_id = c.jurisdiction_id and e.id = c.event_id
      order by c.jurisdiction_id, c.sequence`)
    for (const row of rows) {
      const { chain, sequence, eventId, hash } = row
      after = { jurisdictionId: chain, sequence: Number(sequence) }
      yield { ...after, eventId, hash, entry: row.id === null ? null : (row as EntryText) }
    }
    if (rows.length < PAGE) return
  }
}

/** Entries that have no place in a chain: nobody but the service writes entries. */
async function checkUnlinked(tx: Tx, report: Report): Promise<void> {
  let after = { jurisdictionId: FIRST, id: FIRST }
  for (;;) {
    const { rows } = await tx.execute<{ jurisdictionId: string; id: string }>(sql`
      select e.jurisdiction_id::text as "jurisdictionId", e.id::text as id from audit_events e
      where (e.jurisdiction_id, e.id) > (${after.jurisdictionId}::uuid, ${after.id}::uuid) and not exists (
        select from audit_chain c where c.jurisdiction_id = e.jurisdiction_id and c.event_id = e.id)
      order by e.jurisdiction_id, e.id limit ${PAGE}`)
    report(
      rows.map(({ jurisdictionId, id }) => ({
        kind: 'inserted',
        jurisdictionId,
        sequence: null,
        entryId: id,
        message: 'the entry was not written by the service: it has no place in the chain',
      })),
    )
    if (rows.length < PAGE) return
    after = rows.at(-1)!
  }
}

/** What the kept heads of one chain have shown so far. */
interface Kept {
  /** The furthest that still stands as it was kept. */
  good: number
  bad: Anchor | null
}

/** Compare kept heads with the links of today. Of a chain that was worked out anew only the first is told. */
async function checkAnchors(tx: Tx, anchors: AsyncIterable<Anchor>, report: Report): Promise<number> {
  const kept = new Map<string, Kept>()
  let compared = 0
  for await (const batch of inBatches(anchors, PAGE)) {
    compared += batch.length
    const { rows } = await tx.execute<{ n: number; isSame: boolean }>(sql`
      select a.n::int as n, c.hash is not distinct from a.hash as "isSame"
      from unnest(${sql.param(batch.map((anchor) => anchor.jurisdictionId))}::uuid[], ${sql.param(batch.map((anchor) => anchor.sequence))}::bigint[],
        ${sql.param(batch.map((anchor) => anchor.hash))}::text[]) with ordinality as a(jurisdiction_id, sequence, hash, n)
      left join audit_chain c on c.jurisdiction_id = a.jurisdiction_id and c.sequence = a.sequence`)
    for (const { n, isSame } of rows) note(kept, batch[n - 1]!, isSame)
  }
  for (const [jurisdictionId, { good, bad }] of kept) {
    if (bad === null) continue
    const from = bad.sequence > good ? good + 1 : 1
    report([
      {
        kind: 'rewritten',
        jurisdictionId,
        sequence: bad.sequence,
        entryId: null,
        message:
          `the chain does not lead to the head that was kept${bad.keptAt === null ? '' : ` on ${bad.keptAt}`}: ` +
          `of the entries ${from} to ${bad.sequence} at least one was changed or removed, and the chain worked out anew or cut off`,
      },
    ])
  }
  return compared
}

function note(kept: Map<string, Kept>, anchor: Anchor, isSame: boolean): void {
  const of = kept.get(anchor.jurisdictionId) ?? { good: 0, bad: null }
  kept.set(anchor.jurisdictionId, of)
  if (isSame) of.good = Math.max(of.good, anchor.sequence)
  else if (of.bad === null || anchor.sequence < of.bad.sequence) of.bad = anchor
}

async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
