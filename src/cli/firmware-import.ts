/** A document of a feed straight into the database, with what it changes for the devices. */

import type { FeedFormat } from '../firmware/feeds/formats.ts'
import { importFeed } from '../firmware/feeds/import.ts'
import { readFeed } from '../firmware/feeds/read.ts'
import { countTouched } from '../firmware/store.ts'
import { catalogueMakers } from '../firmware-risk/maker-names.ts'
import { readFirmware } from '../screening/firmware-knowledge.ts'
import { rescreen } from '../screening/rescreen.ts'
import { OPERATOR, record } from '../tenancy/audit.ts'
import type { OpenRegister } from './local-service.ts'

export interface GivenFeed {
  readonly format: FeedFormat
  readonly text: string
  readonly isCsv: boolean
  readonly isForced: boolean
}

export async function importGiven(
  { database, knowledge }: OpenRegister,
  { format, text, isCsv, isForced }: GivenFeed,
  instant: Date,
) {
  const imported = readFeed(
    format,
    text,
    isCsv,
    catalogueMakers(knowledge.firmware.makers, knowledge.matcher),
  )
  const result = await database.asOperator(
    async (tx) => {
      const done = await importFeed(tx, {
        feed: format,
        imported,
        isForced,
        by: OPERATOR.id,
        now: instant,
      })
      await record(tx, null, OPERATOR, instant, {
        action: 'advisories.import',
        target: format,
        detail: { isChanged: done.isChanged, version: done.version, counts: done.counts },
      })
      return done
    },
    { timeLimitMillis: 0 },
  )
  const makers = result.subjects.map((subject) => subject.replace(/^vendor:/, ''))
  const { devices } =
    makers.length === 0
      ? { devices: 0 }
      : await database.acrossJurisdictions('all', (tx) => countTouched(tx, result.subjects))
  const touched = { makers, devices }
  if (!result.isChanged) return { ...result, touched, evaluated: 0 }
  const next = { ...knowledge, firmware: await database.asOperator(readFirmware) }
  return { ...result, touched, evaluated: await rescreen(database, next, instant) }
}
