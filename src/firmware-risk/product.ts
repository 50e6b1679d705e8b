/** A device as advisories, laws and releases know it. */

import { type MakerNames, makerNamed } from './advisories.ts'
import type { InstalledProduct } from './assessment.ts'
import { labelModel } from './model-names.ts'
import type { FirmwareQuestion } from './question.ts'
import type { RiskSubject } from './subject.ts'
import { supportOf } from './support-periods.ts'
import { parseFirmware } from './versions.ts'
import { publisherOf } from './ways.ts'

/** The model number of a product whose label a city copied. */
export function modelOf(
  { maker, brand, model }: Pick<InstalledProduct, 'maker' | 'brand' | 'model'>,
  names: MakerNames,
): string | null {
  return model === null
    ? null
    : labelModel(
        model,
        [brand, maker].filter((id) => id !== null),
        names,
      )
}

export function productOf({ identification, device, knowledge, names }: FirmwareQuestion): InstalledProduct {
  // Advisories name more vendors than the catalog does; a label that one of them means is enough to be warned.
  const named = identification.brand === null ? makerNamed(knowledge.makers, device.manufacturer) : null
  const [maker, brand] = [identification.maker ?? named, identification.brand ?? named]
  return {
    maker,
    brand,
    model: modelOf({ maker, brand, model: device.model }, names),
    firmwareVersion: device.firmwareVersion,
    deviceClass: device.deviceClass,
  }
}

/** What the device's own way brings. */
export function subjectOf(
  { device, identification, jurisdiction, knowledge, holdings }: FirmwareQuestion,
  product: InstalledProduct,
): RiskSubject {
  const { maker, firmwareVersion } = product
  const branch =
    maker !== null && firmwareVersion !== null ? parseFirmware(maker, firmwareVersion).branch : null
  return {
    jurisdiction: holdings.jurisdiction ?? '',
    timezone: holdings.timezone,
    territory: jurisdiction.state === null ? 'US' : `US-${jurisdiction.state}`,
    deviceClass: device.deviceClass,
    model: product.model,
    parties: {
      maker: identification.maker,
      brand: identification.brand,
      publisher: publisherOf(device.updateChannel, product),
      signer: null,
    },
    updateChannel: device.updateChannel,
    isMakerResolved: identification.status === 'resolved',
    support: supportOf(knowledge.periods, product, branch).support,
    networkExposure: device.networkExposure,
    hasVerifiedControl: false,
    imageProvenance: 'unknown',
  }
}
