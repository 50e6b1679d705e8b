/** Versions of a jurisdiction's own weights. */
import { desc, inArray } from 'drizzle-orm'
import type { Scope, Tx } from '../../db/database.ts'
import { firmwareWeights } from '../../db/schema/index.ts'
import { EVERYBODY } from '../../firmware-risk/firmware-risk.ts'
import type { Weights } from '../../firmware-risk/weights.ts'
import { toInstant } from '../../http/schemas.ts'
import type { Work } from '../../tenancy/work.ts'
import type { OwnedChange, Touched } from '../owned-records.ts'

/** Versions that an answer lists; older ones stay on record in the audit. */
const LISTED = 1000

/** The newest first. */
export async function listWeights(tx: Tx, scope: Scope) {
  const rows = await tx
    .select()
    .from(firmwareWeights)
    .where(scope === 'all' ? undefined : inArray(firmwareWeights.jurisdictionId, [...scope]))
    .orderBy(firmwareWeights.jurisdictionId, desc(firmwareWeights.number))
    .limit(LISTED)
  return rows.map((row) => ({
    jurisdictionId: row.jurisdictionId,
    number: row.number,
    weights: row.doc as Weights | null,
    createdAt: toInstant(row.createdAt),
    createdBy: row.createdBy,
  }))
}

/** The next version; null goes back to everybody's. */
export async function setWeights(
  { tx, jurisdictionId, now, actor }: Work,
  weights: Omit<Weights, 'version'> | null,
  noteChange: (change: OwnedChange) => Promise<Touched>,
) {
  const [last] = await tx
    .select({ number: firmwareWeights.number })
    .from(firmwareWeights)
    .orderBy(desc(firmwareWeights.number))
    .limit(1)
  const number = (last?.number ?? 0) + 1
  const doc = weights === null ? null : { ...weights, version: `own-${number}` }
  const version = { jurisdictionId, number, createdAt: now.toISOString(), createdBy: actor.id }
  await tx.insert(firmwareWeights).values({ ...version, doc })
  const touched = await noteChange({
    kind: 'reference',
    action: 'firmware-weights.set',
    target: String(number),
    detail: { weights: doc },
    subjects: [EVERYBODY],
  })
  return { ...version, weights: doc, touched }
}
