/** Knowledge from the tables, and what is kept beside each version of it. */
import type { ReferenceFiles } from '../catalogue/files.ts'
import type { ReferenceData } from '../catalogue/reference-data.ts'
import { readRows, readRowsAt, sorted } from '../catalogue/tables.ts'
import {
  type CutOfVersion,
  holds,
  isPatched,
  type LoadedVersion,
  latestVersion,
} from '../catalogue/versions.ts'
import type { Database } from '../db/database.ts'
import { boundaries, buildRegimeKnowledge } from '../determination/law.ts'
import { readFirmware } from './firmware-knowledge.ts'
import {
  buildFromReference,
  buildKnowledge,
  type Knowledge,
  mentionsVersion,
  type Registrant,
} from './knowledge.ts'

/** What profiles are cut by under these rows; each part is worked out when it is read. */
export function cutOf(reference: ReferenceData): CutOfVersion {
  return {
    get boundaries() {
      return boundaries(buildRegimeKnowledge(reference))
    },
    get mentions() {
      return mentionsVersion(reference)
    },
  }
}

/** What was built from the files already. */
export interface BuiltFromFiles {
  readonly files: Pick<ReferenceFiles, 'bytesDigest' | 'digest'>
  readonly known: ReturnType<typeof buildFromReference>
}

/** Build from the files what the tables hold too when they have the same rows. */
export function buildFromFiles(files: ReferenceFiles, registrant: Registrant): BuiltFromFiles {
  return { files, known: buildFromReference(sorted(files.reference), registrant) }
}

/** Read the tables into memory, or take what was built from files that hold the same rows. */
export async function readKnowledge(
  database: Database,
  registrant: Registrant,
  built?: BuiltFromFiles,
): Promise<Knowledge> {
  return database.asOperator(async (tx) => {
    const latest = await latestVersion(tx)
    const { version = 0, digest = '' } = latest ?? {}
    if (built && latest && !isPatched(latest) && holds(latest, built.files)) {
      return { ...built.known, version, digest, firmware: await readFirmware(tx) }
    }
    return buildKnowledge(await readRows(tx), registrant, version, digest, await readFirmware(tx))
  })
}

/** What was known of makers and law in a version before; of firmware, what is known now. Null before rows were kept. */
export async function readKnowledgeAt(
  database: Database,
  registrant: Registrant,
  { version, digest }: LoadedVersion,
  now: Pick<Knowledge, 'firmware'>,
): Promise<Knowledge | null> {
  const rows = await database.asOperator((tx) => readRowsAt(tx, version))
  if (rows.vendors.length === 0) return null
  return buildKnowledge(rows, registrant, version, digest, now.firmware)
}
