/** Which moment of the register a snapshot reads. Pure. */

export type Register = 'asOf' | 'knownAt'

/**
 * As it stood on the day of the law where that day is over and nothing else was said; else as it was on record, since
 * what the rest of a day brings is not known.
 */
export function registerOf(
  asked: {
    readonly register?: Register | undefined
    readonly asOf?: string | undefined
    readonly knownAt?: string | undefined
  },
  isOver: boolean,
): Register {
  if (asked.register !== undefined) return asked.register
  return asked.asOf !== undefined && asked.knownAt === undefined && isOver ? 'asOf' : 'knownAt'
}
