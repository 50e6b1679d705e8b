/** Other rows of the law put in force, as a release of the data does it: a version of its own, with whom it reaches. */
import { digestOf } from '../../src/catalogue/files.ts'
import type { ReferenceData } from '../../src/catalogue/reference-data.ts'
import { readRows } from '../../src/catalogue/tables.ts'
import { filesOf, latestVersion, lockVersions, writeVersion } from '../../src/catalogue/versions.ts'
import { registrantOf } from '../../src/identification/oui.ts'
import type { Knowledge } from '../../src/screening/knowledge.ts'
import { earliestDay, reachOf } from '../../src/screening/reach.ts'
import { cutOf, readKnowledge } from '../../src/screening/stored-knowledge.ts'
import type { Harness } from './harness.ts'

/** Stored profiles are as they were until `rescreen` comes by. */
export async function putInForce(h: Harness, reference: ReferenceData): Promise<Knowledge> {
  await h.database.asOperator(async (tx) => {
    await lockVersions(tx)
    const before = (await latestVersion(tx))!
    await writeVersion(
      tx,
      {
        ...{ before, reference, isPatched: false, cut: cutOf(reference), cause: { test: true } },
        files: { ...filesOf(before), bytesDigest: '', filesDigest: digestOf(reference) },
        reaches: reachOf(await readRows(tx), reference, earliestDay(h.now())),
      },
      h.now(),
    )
  })
  const knowledge = await readKnowledge(h.database, registrantOf)
  h.setKnowledge(knowledge)
  return knowledge
}
