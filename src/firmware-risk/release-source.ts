/** Releases as sources of the firmware of one device. */

import type { PlainDate } from '../lib/calendar.ts'
import type { AdvisoryIndex } from './advisory-index.ts'
import { assess } from './assess.ts'
import type { InstalledProduct } from './assessment.ts'
import { productOf, subjectOf } from './product.ts'
import type { FirmwareQuestion } from './question.ts'
import type { FirmwareRelease } from './release.ts'
import { type FixSource, openSource } from './sources.ts'
import { waysOf } from './ways.ts'

/** A release as a source of one product's firmware: what it needs, whether or not it closes anything. */
export function releaseAsSource(
  question: FirmwareQuestion,
  release: FirmwareRelease,
  asOf: PlainDate,
): FixSource {
  const product = productOf(question)
  const ways = waysOf(question, product, subjectOf(question, product), asOf)
  const { updateChannel } = question.device
  return openSource(release, ways.of(release, updateChannel), ways.law, asOf, updateChannel !== 'none')
}

/** Whether installing the release closes the vulnerability: a source says so of its version. */
export function closes(
  index: AdvisoryIndex,
  product: InstalledProduct,
  release: FirmwareRelease,
  advisory: string,
): boolean {
  const found = assess(index, { ...product, firmwareVersion: release.firmwareVersion }).find(
    (assessment) => assessment.advisory.id === advisory,
  )
  return found?.standing === 'verdict' && found.result === 'not-affected'
}
