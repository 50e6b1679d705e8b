/** What is known of firmware everywhere. */

import { atOnce, type Steps } from '../lib/steps.ts'
import type { Advisory, MakerNames } from './advisories.ts'
import { type AdvisoryIndex, indexingAdvisories, type ModelPrefixes } from './advisory-index.ts'
import type { License } from './licenses/license.ts'
import type { FirmwareRelease } from './release.ts'
import { unreadPatterns } from './release-models.ts'
import type { SupportPeriod } from './support-periods.ts'
import type { Weights } from './weights.ts'

/** What is known of firmware everywhere, in one immutable value. */
export interface FirmwareKnowledge {
  /** Counts up by one with each change. */
  readonly version: number
  readonly index: AdvisoryIndex
  /** Vendor names of the feeds, for imports. */
  readonly makers: MakerNames
  readonly periods: readonly SupportPeriod[]
  readonly weights: Weights
  /** Licenses anybody may rely on, entered by the operator. */
  readonly licenses: readonly License[]
  readonly releases: readonly FirmwareRelease[]
  /** Records with model patterns that are beyond the limits and mean no model. */
  readonly unread: readonly string[]
}

export function buildFirmwareKnowledge(parts: {
  readonly version: number
  /** One per id. */
  readonly advisories: readonly Advisory[]
  readonly makers: MakerNames
  readonly modelPrefixes: ModelPrefixes
  readonly periods: readonly SupportPeriod[]
  readonly weights: Weights
  readonly licenses: readonly License[]
  readonly releases: readonly FirmwareRelease[]
}): FirmwareKnowledge {
  return atOnce(buildingFirmwareKnowledge(parts))
}

/** The same in steps: tens of thousands of advisories take seconds. */
export function* buildingFirmwareKnowledge(
  parts: Parameters<typeof buildFirmwareKnowledge>[0],
): Steps<FirmwareKnowledge> {
  const { advisories, modelPrefixes, ...rest } = parts
  const index = yield* indexingAdvisories(advisories, modelPrefixes)
  return { ...rest, index, unread: unreadIn(index, parts.licenses, parts.releases) }
}

/** What has patterns that are beyond the limits, such as `advisory CVE-2021-33044`: stored before there were any. */
function unreadIn(
  index: AdvisoryIndex,
  licenses: readonly License[],
  releases: readonly FirmwareRelease[],
): readonly string[] {
  const has = ({ models }: Pick<License, 'models'>) => unreadPatterns(models).length > 0
  const advisories = [...index.byVendor.values()].flatMap((vendor) =>
    [...vendor.advisories.values()].flatMap(({ advisory, claims }) =>
      claims.some((claim) => vendor.unread.has(claim)) ? [`advisory ${advisory.id}`] : [],
    ),
  )
  return [
    ...new Set(advisories),
    ...licenses.filter(has).map(({ id }) => `license ${id}`),
    ...releases.filter(has).map(({ id }) => `firmware release ${id}`),
  ]
}
