/** The firmware part of the knowledge in force: read again when the database has a newer version. */
import type { Database } from '../db/database.ts'
import type { Knowledge } from '../knowledge.ts'
import type { FirmwareKnowledge } from './profile.ts'
import { firmwareVersion, readFirmware } from './store.ts'

export interface FreshKnowledge {
  readonly knowledge: () => Knowledge
  /** Read again when the database has another version. Gives 1 when it had, else 0. */
  readonly refresh: () => Promise<number>
}

export function freshKnowledge(base: () => Knowledge, database: Database): FreshKnowledge {
  let firmware: FirmwareKnowledge | null = null
  let joined: Knowledge | null = null
  const knowledge = () => {
    const known = base()
    if (firmware === null || known.firmware.version >= firmware.version) return known
    if (joined?.firmware !== firmware || joined.reference !== known.reference) joined = { ...known, firmware }
    return joined
  }
  return {
    knowledge,
    refresh: async () => {
      if ((await database.asOperator(firmwareVersion)) === knowledge().firmware.version) return 0
      firmware = await database.asOperator(readFirmware)
      return 1
    },
  }
}
