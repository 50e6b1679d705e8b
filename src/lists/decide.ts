/** A person says which maker an entry names, or that it names none of the catalog: the law changes at once. */

import { readPatches, withPatches } from '../catalogue/patches.ts'
import { readRows } from '../catalogue/tables.ts'
import { latestVersion, lockVersions } from '../catalogue/versions.ts'
import type { Tx } from '../db/database.ts'
import { listDecisions } from '../db/schema/index.ts'
import { DomainError, notFound } from '../http/problems.ts'
import { type Actor, record } from '../tenancy/audit.ts'
import { patchesOf, writeLaw } from './load.ts'
import { claimOf, type delisted, type ListingPatch, listed, withdrawn } from './model/claims.ts'
import { type Naming, NOBODY } from './model/naming.ts'
import { listingChanges } from './operation.ts'
import type { ListSource } from './sources/index.ts'
import {
  claimsOfOthers,
  firstDays,
  latestListVersion,
  type OpenEntry,
  openEntries,
  renameEntries,
} from './store.ts'

export interface DecisionTerms {
  readonly key: string
  readonly maker: string | null
  readonly evidence: string
}

/** Throws `not-found`, `invalid-request`. */
export async function decideEntry(
  tx: Tx,
  source: ListSource,
  { key, maker, evidence }: DecisionTerms,
  { actor, now }: { readonly actor: Actor; readonly now: Date },
) {
  await lockVersions(tx)
  const open = await openEntries(tx, source.id)
  const known = open.get(key)
  const version = await latestListVersion(tx, source.id)
  if (!known || !version) throw notFound('entry on this list')
  const reference = await readRows(tx)
  if (maker !== null && !reference.vendors.some(({ id }) => id === maker)) throw unknownMaker()
  const naming: Naming =
    maker === null
      ? { ...NOBODY, why: 'a person found that it is none of the catalog' }
      : { standing: 'sure', vendor: maker, why: 'a person confirmed it' }
  const regime = maker === null ? null : source.regimeOf(known.entry)
  await tx.insert(listDecisions).values({
    ...{ listId: source.id, key, evidence },
    manufacturerId: maker,
    decidedAt: now.toISOString(),
    decidedBy: actor.id,
  })
  await renameEntries(tx, source.id, [{ ...naming, entry: known.entry, regime }])
  const terms = {
    title: source.title,
    publishedOn: version.publishedOn,
    listings: reference.listings,
    vendorName: (id: string) => id,
  }
  const notBefore = (await firstDays(tx, source.id))(known.firstVersion)
  const claim = claimOf(known.entry, naming, regime, notBefore)
  const listings = [
    ...(claim ? listed([claim], terms) : []),
    ...(await takenBack(
      tx,
      source,
      { known, maker, others: [...open.values()].filter((one) => one !== known) },
      terms,
    )),
  ]
  const patches = patchesOf(source, listings)
  const knowledgeVersion =
    patches.length === 0
      ? (await latestVersion(tx))!.version
      : await writeLaw(tx, reference, patches, { actor, now, cause: { list: source.id, decidedKey: key } })
  await record(tx, null, actor, now, {
    action: 'lists.decide',
    target: source.id,
    detail: { key, maker, evidence, knowledgeVersion },
  })
  const after = withPatches(reference, patches).listings
  return { listings: listingChanges({ plan: { listings }, listings: after }), knowledgeVersion }
}

/** What the entry had begun for another maker was never a listing; rows of the data files stay. */
async function takenBack(
  tx: Tx,
  { id: list }: ListSource,
  {
    known,
    maker,
    others,
  }: { readonly known: OpenEntry; readonly maker: string | null; readonly others: readonly OpenEntry[] },
  terms: Parameters<typeof delisted>[1],
): Promise<ListingPatch[]> {
  const { vendor, regime, standing } = known
  if (vendor === null || regime === null || vendor === maker || standing === 'near') return []
  const isElsewhere =
    others.some((one) => one.vendor === vendor && one.regime === regime && one.standing !== 'near') ||
    (await claimsOfOthers(tx, list)).has(`${regime} ${vendor}`)
  if (isElsewhere) return []
  const ofLists = new Set(
    (await readPatches(tx)).flatMap(({ id, patch }) => (patch.regime === undefined ? [] : [id])),
  )
  return withdrawn([{ regime, vendor }], terms).filter(({ id }) => ofLists.has(id))
}

function unknownMaker(): DomainError {
  return new DomainError('invalid-request', 'The maker is not in the catalog.', {
    errors: [{ pointer: '/maker', code: 'unknown', message: 'is no id of GET /v1/manufacturers' }],
  })
}
