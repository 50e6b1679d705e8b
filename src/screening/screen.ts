/** Identify a device and determine what each law says of it, as of one day. Pure. */
import type { PlainDate } from '../calendar.ts'
import type { Knowledge } from '../knowledge.ts'
import type { Determined, JurisdictionFacts } from '../regimes/determination.ts'
import { determine } from '../regimes/determine.ts'
import type { Identification } from '../vendors/identification.ts'
import { identify } from '../vendors/identify.ts'
import type { ScreenedDevice } from './profile.ts'

export interface Screening extends Determined {
  readonly identification: Identification
}

/** The same device, jurisdiction, knowledge and day always give the same answer. */
export function screen(
  device: ScreenedDevice,
  jurisdiction: JurisdictionFacts,
  knowledge: Knowledge,
  asOf: PlainDate,
): Screening {
  const identification = identify(device, knowledge.identify)
  const determined = determine({ identification, device, jurisdiction }, knowledge.regimes, asOf)
  return { identification, ...determined }
}
