/**
 * What a designation of the maker tomorrow would cost, before there is one: levels of law are the same for all devices
 * of a maker until the day comes, and by then it is too late to sort them.
 */
import { isCutOff, type Judgment } from './judgment.ts'
import type { Risk } from './risk.ts'

/** From what needs nothing to what is lost already. */
export const OUTLOOKS = [
  /** No list of the United States names the maker or the class of the product. */
  'clear',
  /** Listed, and no list puts the supply of updates in doubt. */
  'listed',
  /** In doubt; a verified image is kept, and it closes whatever is open. */
  'saved',
  /** In doubt; nothing is open, and no image is kept for the day on which something is. */
  'current',
  /** In doubt; something is open, and whether a fix can be had is not known. */
  'unsettled',
  /** In doubt; a fix can be had today and would be lost: install or save it. */
  'patch-now',
  /** In doubt; something is open that no fix closes. */
  'unpatched',
  /** The day on which updates stop is known. */
  'ending',
  /** Updates are stopped. */
  'cut-off',
] as const

export type Outlook = (typeof OUTLOOKS)[number]

export function outlookOf(
  today: Judgment,
  { cutOffOn, vulnerabilities }: Pick<Risk, 'cutOffOn' | 'vulnerabilities'>,
  held: {
    readonly isMakerResolved: boolean
    readonly hasImage: boolean
    readonly closedByImages: ReadonlySet<string>
  },
): Outlook {
  if (isCutOff(today)) return 'cut-off'
  if (cutOffOn !== null) return 'ending'
  const isInDoubt = today.findings.some(({ level }) => level !== null && level !== 'watch')
  // Nobody knows what is listed of a maker who is not known, so it is sorted as if something were in doubt.
  if (!isInDoubt && held.isMakerResolved) return today.findings.length > 0 ? 'listed' : 'clear'
  const open = vulnerabilities.filter(({ id }) => !held.closedByImages.has(id))
  if (open.some(({ fixObtainable }) => fixObtainable === 'no')) return 'unpatched'
  if (open.some(({ fixObtainable }) => fixObtainable === 'yes')) return 'patch-now'
  if (open.length > 0) return 'unsettled'
  return held.hasImage ? 'saved' : 'current'
}
