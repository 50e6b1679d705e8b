/** The firmware part of the knowledge in force: read again when the database has a newer version. */
import type { Database } from '../db/database.ts'
import type { Logger } from '../db/log.ts'
import type { FirmwareKnowledge } from '../firmware-risk/profile.ts'
import { firmwareVersion, readFirmware } from './firmware-knowledge.ts'
import type { Knowledge } from './knowledge.ts'

export interface FreshKnowledge {
  readonly knowledge: () => Knowledge
  /** Read again when the database has another version. Gives 1 when it had, else 0. */
  readonly refresh: () => Promise<number>
}

export function freshKnowledge(base: () => Knowledge, database: Database, log: Logger): FreshKnowledge {
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
      logUnread(log, firmware)
      return 1
    },
  }
}

/** How many records a line of the log names. */
const NAMED = 20

/** Say which records have model patterns that are beyond the limits, so that somebody can write them anew. */
export function logUnread(log: Logger, { unread }: FirmwareKnowledge): void {
  if (unread.length === 0) return
  log.warn(
    { records: unread.slice(0, NAMED), count: unread.length },
    'model patterns are beyond the limits and match no device; see docs/operations.md',
  )
}
