/** Identify a device and determine what each law says of it and of its firmware, as of one day. Pure. */

import type { DeviceClass, JurisdictionFacts } from '../catalogue/facts.ts'
import type { Determined } from '../determination/determination.ts'
import { determineLocally, determineMany } from '../determination/determine-many.ts'
import { isListedSomewhere } from '../determination/listed-classes.ts'
import { withLocalLaw } from '../determination/local-law.ts'
import type { ScreenedDevice } from '../device/screened-device.ts'
import { type FirmwareRisk, firmwareRisk } from '../firmware-risk/firmware-risk.ts'
import { type FirmwareHoldings, NO_HOLDINGS } from '../firmware-risk/holdings.ts'
import { catalogueMakers } from '../firmware-risk/maker-names.ts'
import type { FirmwareQuestion } from '../firmware-risk/question.ts'
import type { RiskInput } from '../firmware-risk/risk.ts'
import type { DeclaredFacts } from '../identification/declared.ts'
import type { Identification } from '../identification/identification.ts'
import { identify } from '../identification/identify.ts'
import type { IdentifyKnowledge } from '../identification/knowledge.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { remembered } from '../lib/memory.ts'
import { heldLicenses } from './held-licenses.ts'
import type { Knowledge } from './knowledge.ts'
import { type OwnLaw, underLocalLaw } from './local-law.ts'

export interface Screening extends Determined {
  readonly identification: Identification
  readonly firmwareRisk: FirmwareRisk
  /** The kind of product that it was judged as. */
  readonly deviceClass: DeviceClass | null
}

/** What each law says of it, and nothing of its firmware. */
export interface Determining extends Determined {
  readonly identification: Identification
}

/**
 * The same device, jurisdiction, knowledge, holdings and day always give the same answer. Without `holdings` the
 * jurisdiction has no license or image of its own, which is never milder.
 */
export function screen(
  device: ScreenedDevice,
  jurisdiction: JurisdictionFacts,
  knowledge: Knowledge,
  asOf: PlainDate,
  holdings: FirmwareHoldings = NO_HOLDINGS,
  earlier: RiskInput['earlier'] = null,
): Screening {
  const question = firmwareQuestion(device, jurisdiction, knowledge, holdings, earlier)
  const determined = determineFor(question, device, knowledge, asOf)
  const risk = firmwareRisk(question, asOf)
  const dates = [determined.validUntil, risk.validUntil].filter((day) => day !== null)
  return {
    identification: question.identification,
    ...determined,
    firmwareRisk: risk,
    deviceClass: question.device.deviceClass,
    validUntil: dates.toSorted()[0] ?? null,
  }
}

function determineFor(
  { identification, device, jurisdiction, holdings }: FirmwareQuestion,
  declared: ScreenedDevice,
  knowledge: Knowledge,
  asOf: PlainDate,
): Determined {
  const subject = { identification, device, jurisdiction }
  const licenses = heldLicenses(knowledge.firmware.licenses, holdings, jurisdiction, declared.model)
  const shared = determineMany(subject, knowledge.regimes, asOf, licenses)
  if (knowledge.local === null) return shared
  const locally = identifiedLocally(declared, knowledge)
  const ofPlace = locally === null ? subject : { ...subject, identification: locally }
  return withLocalLaw(shared, determineLocally(ofPlace, knowledge.local, asOf))
}

/** Who made it as the laws of the place have it, which name others too; null where no text is read otherwise for them. */
export function identifiedLocally(
  device: ScreenedDevice,
  { identify, identifyLocally }: Knowledge,
): Identification | null {
  if (identifyLocally === identify) return null
  return identified(identifyLocally, { ...device, ...identifyLocally.mentions.standIns(device) })
}

interface Place extends OwnLaw {
  readonly facts: JurisdictionFacts
  readonly firmware: FirmwareHoldings
}

/** `screen` for a device of a city: its facts, what it holds, and the laws of its place. */
export function screenIn(
  city: Place,
  device: ScreenedDevice,
  knowledge: Knowledge,
  asOf: PlainDate,
  earlier: RiskInput['earlier'] = null,
): Screening {
  return screen(device, city.facts, underLocalLaw(knowledge, city), asOf, city.firmware, earlier)
}

/** The same without its firmware, which is most of the work. */
export function determineIn(
  city: Place,
  device: ScreenedDevice,
  knowledge: Knowledge,
  asOf: PlainDate,
): Determining {
  const law = underLocalLaw(knowledge, city)
  const question = firmwareQuestion(device, city.facts, law, city.firmware)
  return {
    identification: question.identification,
    ...determineFor(question, device, law, asOf),
  }
}

/** A device identified, with all that its firmware is judged by. */
export function firmwareQuestion(
  device: ScreenedDevice,
  jurisdiction: JurisdictionFacts,
  knowledge: Knowledge,
  holdings: FirmwareHoldings,
  earlier: RiskInput['earlier'] = null,
): FirmwareQuestion {
  const { mentions } = knowledge.identify
  const identification = identified(knowledge.identify, {
    ...device,
    ...mentions.standIns(device),
  })
  return {
    device: withClass(device, identification, knowledge.identify),
    names: catalogueMakers(knowledge.firmware.makers, knowledge.matcher),
    identification,
    jurisdiction,
    law: knowledge.updates,
    knowledge: knowledge.firmware,
    holdings,
    earlier,
  }
}

/**
 * The class that the model tells, where none is declared. Where both are there and one of them is a class that some law
 * lists, neither is believed: a "camera" called Mavic may be a drone.
 */
function withClass(
  device: ScreenedDevice,
  identification: Identification,
  knowledge: IdentifyKnowledge,
): ScreenedDevice {
  const { brand, maker } = identification
  const modelClass = (knowledge.classes.classOf([brand, maker], device.model) ??
    classOfCandidates(device.model, identification, knowledge)) as DeviceClass | null
  const { deviceClass } = device
  if (modelClass === null || modelClass === deviceClass) return device
  if (deviceClass === null) return { ...device, deviceClass: modelClass }
  const isListed = [modelClass, deviceClass].some((one) => isListedSomewhere(one))
  return isListed ? { ...device, deviceClass: null } : device
}

/**
 * While the maker is not settled: the class on which the product lines of those who may have built it agree. No answer
 * is milder than `review` then, so that a maker whose lines do not hold the model need not be asked.
 */
function classOfCandidates(
  model: string | null,
  { maker, candidates }: Identification,
  { classes }: IdentifyKnowledge,
): string | null {
  if (maker !== null) return null
  const modelClass = new Set(candidates.flatMap(({ vendor }) => classes.classUnder(vendor, model) ?? []))
  return modelClass.size === 1 ? [...modelClass][0]! : null
}

/** A city's devices differ in dates and funding far more than in what they are. Each answer is some kilobytes. */
const identified = remembered(
  (knowledge: IdentifyKnowledge, device: ScreenedDevice) => identify(device, knowledge),
  (device) =>
    // A fact that is added there has to be added here: the compiler sees to it.
    JSON.stringify({
      manufacturer: device.manufacturer,
      model: device.model,
      macAddress: device.macAddress,
      fccId: device.fccId,
      firmwareVersion: device.firmwareVersion,
      producedOn: device.producedOn,
      acquiredOn: device.acquiredOn,
      installedOn: device.installedOn,
      name: device.name,
      notes: device.notes,
      assetTag: device.assetTag,
      serialNumber: device.serialNumber,
      hostName: device.hostName,
      externalId: device.externalId,
      supplier: device.supplier,
      purchaseOrder: device.purchaseOrder,
      invoice: device.invoice,
      room: device.room,
      rack: device.rack,
      recorder: device.recorder,
      department: device.department,
      custom: device.custom ?? null,
      coveredComponent: device.coveredComponent,
      socMaker: device.socMaker,
      statements: device.statements ?? null,
    } satisfies DeclaredFacts),
  2_000,
)
