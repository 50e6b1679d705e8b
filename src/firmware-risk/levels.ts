/** How far the law stands in the way of an update. */

/** Mildest first. */
export const LEVELS = ['unrestricted', 'watch', 'conditional', 'license-required', 'blocked'] as const

export type Level = (typeof LEVELS)[number]

/** The milder first: negative when `a` is milder than `b`. */
export function compareLevels(a: Level, b: Level): number {
  return LEVELS.indexOf(a) - LEVELS.indexOf(b)
}

/** Updates may not be had without a license, or not at all. */
export function isStopped(level: Level): boolean {
  return compareLevels(level, 'license-required') >= 0
}
