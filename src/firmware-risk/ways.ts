/**
 * The ways a file can reach one product, and what the law says of each: who publishes it, who signs it and over which
 * channel it comes are facts of the file. The device's own channel is one way among them.
 */

import type { ScreenedDevice } from '../device/screened-device.ts'
import type { PlainDate } from '../lib/calendar.ts'
import type { InstalledProduct } from './assessment.ts'
import { boundaries, type Law, readLaw } from './judgment.ts'
import type { Measure } from './measure.ts'
import { firmwareMeasures, publisherMeasures, type UpdateLaw } from './measures.ts'
import type { FirmwareQuestion } from './question.ts'
import type { FirmwareRelease } from './release.ts'
import type { RiskInput } from './risk.ts'
import type { LawOfWay, Way } from './sources.ts'
import type { RiskSubject } from './subject.ts'

export interface Ways {
  /** The device's own. */
  readonly own: Way
  /** Measures on it. */
  readonly measures: readonly Measure[]
  readonly held: Pick<RiskInput, 'licenses' | 'applications'>
  /** What the law says of a way, read once for each. */
  readonly law: LawOfWay
  /** The way of a release or image; `otherwise` is the channel of one that names none. */
  of(release: FirmwareRelease, otherwise?: Way['channel']): Way
  /** Days after which a way that was asked about may be judged otherwise. */
  changesAfter(day: PlainDate): readonly PlainDate[]
  /** Regimes that touch a way that was asked about. */
  regimes(): readonly string[]
  /** Vendors who publish or sign what comes by a way that was asked about. */
  parties(): readonly string[]
  /** Whether a way that was asked about has a measure that is only announced. */
  isAnnounced(): boolean
}

/** Ways to a product, under the law from a day onwards. */
export function waysOf(
  question: FirmwareQuestion,
  product: InstalledProduct,
  subject: RiskSubject,
  from: PlainDate,
): Ways {
  const { identification, device, jurisdiction, law, knowledge, holdings } = question
  const held = {
    licenses: [...knowledge.licenses, ...holdings.licenses],
    applications: holdings.applications,
  }
  const { updateChannel } = device
  const own: Way = { channel: updateChannel, publisher: publisherOf(updateChannel, product), signer: null }
  const facts = { identification, device, jurisdiction }
  const measures = measuresOfWay(facts, own, law, from)
  const laws = new Map<Way | string, Law>([[own, readLaw({ subject, measures, ...held })]])
  const lawOf = (way: Way): Law => {
    const key = way === own ? own : JSON.stringify([way.channel, way.publisher, way.signer])
    let found = laws.get(key)
    if (found) return found
    // What else is held says nothing of this file; facts are read one by one (`traced.ts`), so the others show through.
    const carried = Object.create(device, {
      updateChannel: { value: way.channel },
      firmwareObtainedOn: { value: null },
    }) as ScreenedDevice
    found = readLaw({
      ...held,
      subject: {
        ...subject,
        updateChannel: way.channel,
        parties: { ...subject.parties, publisher: way.publisher, signer: way.signer },
      },
      measures: measuresOfWay({ ...facts, device: carried }, way, law, from),
    })
    laws.set(key, found)
    return found
  }
  return {
    own,
    measures,
    held,
    law: lawOf,
    of: (release, otherwise = null) => {
      const channel = release.channel ?? otherwise
      return {
        channel,
        publisher: release.publisher ?? publisherOf(channel, product),
        signer: release.signer,
      }
    },
    changesAfter: (day) => [...laws.values()].flatMap(boundaries).filter((date) => date > day),
    regimes: () =>
      [...laws.values()].flatMap(({ standings }) => standings.map(({ measure }) => measure.regime)),
    parties: () =>
      [...laws.values()].flatMap(({ subject: { parties } }) =>
        [parties.publisher, parties.signer].filter((party) => party !== null),
      ),
    isAnnounced: () =>
      [...laws.values()].some(({ standings }) =>
        standings.some(({ measure }) => measure.announcedOn !== null),
      ),
  }
}

/** Measures on the product, and on those who publish and sign a file that comes one way. */
function measuresOfWay(
  facts: Pick<FirmwareQuestion, 'identification' | 'device' | 'jurisdiction'>,
  { publisher, signer }: Way,
  law: UpdateLaw,
  from: PlainDate,
): readonly Measure[] {
  const { maker } = facts.identification
  const others = new Set([publisher, signer].filter((party) => party !== null && party !== maker))
  return [
    ...firmwareMeasures(facts, law, from),
    ...[...others].flatMap((party) => publisherMeasures(facts, party!, law, from)),
  ]
}

/** Who publishes what comes over a channel, where the channel itself says so. */
export function publisherOf(
  channel: ScreenedDevice['updateChannel'],
  { maker, brand }: InstalledProduct,
): string | null {
  switch (channel) {
    case 'vendor-portal-us':
    case 'vendor-portal-global':
    case 'vendor-portal-cn':
    case 'vendor-cloud-push':
      return maker
    case 'oem-brand-portal':
      return brand
    default:
      return null
  }
}
