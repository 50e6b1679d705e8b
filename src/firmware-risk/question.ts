/** What is asked of the firmware of a device. */

import type { JurisdictionFacts } from '../catalogue/facts.ts'
import type { ScreenedDevice } from '../device/screened-device.ts'
import type { Identification } from '../identification/identification.ts'
import type { MakerNames } from './advisories.ts'
import type { FirmwareHoldings } from './holdings.ts'
import type { FirmwareKnowledge } from './knowledge.ts'
import type { UpdateLaw } from './measures.ts'
import type { RiskInput } from './risk.ts'

export interface FirmwareQuestion {
  readonly device: ScreenedDevice
  /** Names of makers as they stand on labels. */
  readonly names: MakerNames
  readonly identification: Identification
  readonly jurisdiction: JurisdictionFacts
  readonly law: UpdateLaw
  readonly knowledge: FirmwareKnowledge
  readonly holdings: FirmwareHoldings
  readonly earlier: RiskInput['earlier']
}
