/** Firmware files: published by a maker, or kept by a city. */

import type { ScreenedDevice } from '../device/screened-device.ts'
import type { PlainDate } from '../lib/calendar.ts'

/** A firmware file that a maker published, or an image of one that a jurisdiction keeps. */
export interface FirmwareRelease {
  readonly id: string
  /** Vendor id of who made it. */
  readonly maker: string
  /** Model patterns (`models.ts`). */
  readonly models: readonly string[]
  readonly firmwareVersion: string
  readonly releasedOn: PlainDate | null
  /** Where it can be had. */
  readonly channel: ScreenedDevice['updateChannel']
  /** Vendor ids. */
  readonly publisher: string | null
  readonly signer: string | null
  readonly sha256: string | null
  readonly source: string
  /** The day the image was obtained; null for a release that nobody here keeps. */
  readonly obtainedOn: PlainDate | null
  /** Its hash and signature were checked. */
  readonly isVerified: boolean
}

/** What a release or image of a maker can touch. */
export function subjectsOfRelease({ maker }: Pick<FirmwareRelease, 'maker'>): readonly string[] {
  return [`vendor:${maker}`]
}
