/**
 * What a maker's statement on the parts of a model makes of a suspected part.
 *
 * Section 889(f)(2) and FAR 52.204-25(a) reach equipment that holds a covered component which is necessary for its
 * proper function or performance. Only the maker can say what is inside; a statement settles what records of other
 * models suggest, and not what the device itself shows.
 */
import type { Component } from './identification.ts'
import type { IdentifyKnowledge } from './knowledge.ts'

/** What the chip maker's name was read as. */
export interface Chip {
  readonly text: string
  /** A maker whose parts are in question; null for another one and for a name that was not read. */
  readonly vendor: string | null
  readonly name: string
  /** `covered`: literally a maker in question; `near`: a repaired spelling of one; `other`: known, another; or unread. */
  readonly reading: 'covered' | 'near' | 'other' | 'unread'
  readonly note: string
}

/** Makers of camera chips that nobody in question owns. A name that is not here clears nothing. */
const OTHER_CHIPS =
  /\b(ambarella|novatek|sigmastar|mstar|ingenic|rockchip|fullhan|texas instruments|ti davinci|qualcomm|nvidia|nxp|socionext|realtek|mediatek|intel|amd|xilinx|analog devices|artpec|wisenet ?\d|augentix|renesas|stmicroelectronics|nextchip|icatch|broadcom|marvell)\b/i

/** "not HiSilicon", "no covered chip": a sentence and no name. */
const DENIES = /\b(no|not|non|none|without|free|never|isn'?t|nicht)\b/i

const LITERAL: readonly string[] = ['exact', 'joined', 'native']

/** Who made the main chip, as stated; null when nothing is. */
export function readChip(socMaker: string | null, knowledge: IdentifyKnowledge): Chip | null {
  const text = socMaker?.trim() ?? ''
  if (text === '' || /^(n\/?a|unknown|tbd|none|-|\?)+$/i.test(text)) return null
  const unread = (why: string): Chip => ({ text, vendor: null, name: text, reading: 'unread', note: why })
  if (DENIES.test(text))
    return unread('This is no name of a chip maker, so it settles nothing; name who made the chip.')
  const hint = knowledge.firmwareHints.find((one) => one.component === true && one.pattern.test(text))
  const read = knowledge.names.match(text)
  const named = hint?.vendor ?? (read.band === 'none' ? null : read.vendor)
  const isInQuestion =
    named !== null && (knowledge.componentMakers.has(named) || knowledge.restricted.has(named))
  if (named !== null && isInQuestion) {
    const name = knowledge.vendors.get(named)?.name ?? named
    const isLiteral = hint !== undefined || (read.band === 'match' && LITERAL.includes(read.method))
    const note = isLiteral
      ? `The main chip is stated to be made by ${name}.`
      : `The stated maker of the main chip is one spelling away from ${name}.`
    return { text, vendor: named, name, reading: isLiteral ? 'covered' : 'near', note }
  }
  const isOther = OTHER_CHIPS.test(text) || (read.band === 'match' && LITERAL.includes(read.method))
  if (!isOther)
    return unread('The stated maker of the main chip is not one that is known here, so it settles nothing.')
  const note = `The main chip is stated to be made by ${text}, which no list in question covers.`
  return { text, vendor: null, name: text, reading: 'other', note }
}

/** The parts after the statement; equal to `suspected` where nothing is stated. */
export function settleParts(
  suspected: readonly Component[],
  signed: ReadonlySet<string>,
  chip: Chip | null,
  isCovered: boolean | null,
): readonly Component[] {
  const parts = suspected.map((part) => settled(part, signed, chip, isCovered))
  const isNew = chip?.vendor != null && !parts.some(({ vendor }) => vendor === chip.vendor)
  if (isNew) parts.push(stated(chip, isCovered))
  const hasOne = parts.some(({ standing }) => standing === 'stated')
  if (isCovered !== true || hasOne) return parts
  const because =
    'The maker states that the model holds a component of a covered maker, and not of which one.'
  return [...parts, { vendor: null, name: 'a covered maker', standing: 'stated', because }]
}

function settled(
  part: Component,
  signed: ReadonlySet<string>,
  chip: Chip | null,
  isCovered: boolean | null,
): Component {
  if (chip !== null && chip.vendor === part.vendor) return stated(chip, isCovered)
  const isDenied = isCovered === false || (chip?.reading === 'other' && isCovered !== true)
  if (isDenied) {
    const statement =
      isCovered === false ? 'that the model holds no covered component' : `the chip of ${chip!.name}`
    if (part.vendor !== null && signed.has(part.vendor)) {
      const because = `${part.because} The maker states ${statement}; the two contradict each other.`
      return { ...part, because }
    }
    const because = `The maker states ${statement}, which settles that it holds no part of ${part.name}. (${part.because})`
    return { ...part, standing: 'excluded', because }
  }
  if (isCovered === true && chip?.reading !== 'other') {
    const because = `The maker states that the model holds a covered component. ${part.because}`
    return { ...part, standing: 'stated', because }
  }
  return part
}

/** A chip of a maker in question; doubted when its spelling was repaired or the maker states the contrary. */
function stated(chip: Chip, isCovered: boolean | null): Component {
  const part = { vendor: chip.vendor, name: chip.name }
  if (isCovered === false) {
    const because = `${chip.note} The maker also states that the model holds no covered component; the two contradict each other.`
    return { ...part, standing: 'likely', because }
  }
  return { ...part, standing: chip.reading === 'covered' ? 'stated' : 'likely', because: chip.note }
}
