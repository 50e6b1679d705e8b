/** How much a device weighs when sites are put in order: the one place to change it. */
import { type Activity, type Outcome, severity } from '../../catalogue/outcomes.ts'

/** Points of the worst outcome; judgment, in the bands of `docs/methodology/firmware.md`. */
const POINTS: Readonly<Record<Outcome, number>> = {
  prohibited: 80,
  'license-required': 65,
  unallowable: 60,
  'contract-bar': 60,
  'seller-bar': 50,
  'updates-unavailable': 60,
  conditional: 40,
  'vendor-risk': 20,
  review: 40,
  'permitted-with-caution': 20,
  permitted: 0,
  'not-applicable': 0,
}

/** What the risk of going on using a device depends on; its return or resale does not. */
export const BEARING: readonly Activity[] = ['procure', 'use', 'federal-funding', 'firmware-update']

/** The worst outcome that bears on keeping a device. */
export function restrictionOf(headline: Readonly<Record<string, string>>): Outcome {
  return BEARING.map((activity) => (headline[activity] ?? 'review') as Outcome).reduce((a, b) =>
    severity(a) <= severity(b) ? a : b,
  )
}

/**
 * 0 to 100: the higher of the score of its firmware risk and the points of its worst outcome. A patched device
 * that the law bars is no less barred, and one that nothing bars may still be open to attack.
 */
export function riskPoints(device: {
  readonly headline: Readonly<Record<string, string>>
  /** null until it was evaluated. */
  readonly firmwareScore?: number | null
}): number {
  return Math.max(Math.round(device.firmwareScore ?? 0), POINTS[restrictionOf(device.headline)])
}
