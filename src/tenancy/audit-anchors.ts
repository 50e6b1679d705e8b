/**
 * Anchors: the heads of the audit chains, written to the log. Whoever owns the database can change an entry and work
 * its chain out anew; the log, which is kept elsewhere, then still holds what the heads were.
 */
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Database } from '../db/database.ts'
import type { Logger } from '../db/log.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import type { Head } from './audit-chain.ts'
import type { Anchor } from './audit-verify.ts'

/** Heads a line, so that no line becomes longer than collectors of logs take. */
const HEADS_A_LINE = 50

/** A head as the log and the API write it; null is the operator's chain. */
const WrittenHead = z.object({
  jurisdictionId: z.string().nullable(),
  sequence: z.int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
})

/** A line of the log, or an answer of `GET /v1/audit-heads`. */
const LineWithHeads = z.object({
  time: z.number().optional(),
  auditHeads: z.array(WrittenHead).optional(),
  items: z.array(WrittenHead).optional(),
})

/** Gives a function that logs the heads that have changed since it was called last, and how many those were. */
export function anchorWriter(database: Database, log: Logger): () => Promise<number> {
  const written = new Map<string, number>()
  // Kept also where only warnings are logged: without them the chains prove nothing to their own database.
  const anchorLog = log.level === 'silent' ? log : log.child({}, { level: 'info' })
  return async () => {
    const heads = await database.acrossJurisdictions('all', async (tx) => {
      const { rows } = await tx.execute<{ jurisdictionId: string; sequence: string; hash: string }>(
        sql`select jurisdiction_id::text as "jurisdictionId", sequence::text as sequence, hash from audit_heads order by jurisdiction_id`,
      )
      return rows.map((row): Head => ({ ...row, sequence: Number(row.sequence) }))
    })
    const changed = heads.filter(({ jurisdictionId, sequence }) => written.get(jurisdictionId) !== sequence)
    for (let at = 0; at < changed.length; at += HEADS_A_LINE) {
      const auditHeads = changed.slice(at, at + HEADS_A_LINE).map(toWritten)
      anchorLog.info({ auditHeads }, 'audit heads')
    }
    for (const { jurisdictionId, sequence } of changed) written.set(jurisdictionId, sequence)
    return changed.length
  }
}

export function toWritten({ jurisdictionId, sequence, hash }: Head): z.infer<typeof WrittenHead> {
  return { jurisdictionId: jurisdictionId === OPERATOR_ID ? null : jurisdictionId, sequence, hash }
}

/** The heads in lines of JSON; any other line is passed over. */
export async function* readAnchors(lines: AsyncIterable<string>): AsyncGenerator<Anchor> {
  for await (const line of lines) {
    const found = LineWithHeads.safeParse(jsonOf(line))
    if (!found.success) continue
    const { time, auditHeads = [], items = [] } = found.data
    const keptAt = time === undefined ? null : new Date(time).toISOString()
    for (const { jurisdictionId, sequence, hash } of [...auditHeads, ...items]) {
      yield { jurisdictionId: jurisdictionId ?? OPERATOR_ID, sequence, hash, keptAt }
    }
  }
}

function jsonOf(line: string): unknown {
  // Most lines of a log are requests.
  if (!line.includes('"auditHeads"') && !line.includes('"hash"')) return null
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
