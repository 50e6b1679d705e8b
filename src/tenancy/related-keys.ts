/** Which keys may be in the hands of one person. */
import { eq } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { apiKeys } from '../db/schema/index.ts'

/**
 * Keys that may be one person's: a key, whoever made it, and all that come from the same first key of its city, however
 * many lie between. Keys that the operator made come from nobody of the city.
 *
 * The keys are read once and followed here: a query that goes from maker to maker reads all of them for each.
 */
export async function relatedKeys(database: Database, keyId: string): Promise<ReadonlySet<string>> {
  const keys = await database.asOperator(async (tx) => {
    const columns = { id: apiKeys.id, madeBy: apiKeys.createdBy, city: apiKeys.jurisdictionId }
    const [own] = await tx.select(columns).from(apiKeys).where(eq(apiKeys.id, keyId))
    const ofCity = own?.city ? eq(apiKeys.jurisdictionId, own.city) : undefined
    return tx.select(columns).from(apiKeys).where(ofCity)
  })
  const known = new Map(keys.map((key) => [key.id, key]))
  const makers = [keyId]
  for (
    let key = known.get(keyId);
    key !== undefined;
    key = key.city === null ? undefined : known.get(key.madeBy)
  )
    makers.push(key.madeBy)
  const made = new Map<string, string[]>()
  for (const { id, madeBy } of keys) {
    const others = made.get(madeBy)
    if (others === undefined) made.set(madeBy, [id])
    else others.push(id)
  }
  // The last one named is no key of the city.
  const family = new Set(makers.slice(0, -1))
  for (const id of family) for (const child of made.get(id) ?? []) family.add(child)
  return new Set([...family, ...makers])
}
