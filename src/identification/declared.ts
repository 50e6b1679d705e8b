/** What a city says about one device, and the texts in it that say nothing. */

import type { MakerStatement } from '../device/statement.ts'
import type { PlainDate } from '../lib/calendar.ts'
import type { FreeTexts } from './mentions.ts'

/** What a city says about one device; null when it does not say. Free texts are read only for names of restricted makers. */
export interface DeclaredFacts extends FreeTexts {
  readonly manufacturer: string | null
  readonly model: string | null
  readonly macAddress: string | null
  readonly fccId: string | null
  /** Version, file name, banner or paths read from the device. */
  readonly firmwareVersion: string | null
  readonly producedOn: PlainDate | null
  readonly acquiredOn: PlainDate | null
  readonly installedOn: PlainDate | null
  /** What the maker states on the components of the model. */
  readonly coveredComponent: boolean | null
  readonly socMaker: string | null
  /** What people state on who made it. */
  readonly statements: readonly MakerStatement[] | null
}

/** Words that people write when they do not know. */
export const MEANINGLESS =
  /^[\s\-_.?/#*]*(n\/?a|none|null|nil|unknown|unk|tbd|to be determined|various|misc|other)?[\s\-_.?/#*!]*$/i

/** One kind of hyphen, single spaces; empty when the text says nothing. */
export function tidy(text: string | null): string {
  if (text === null) return ''
  const plain = text
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\s_]+/g, ' ')
    .trim()
  return MEANINGLESS.test(plain) ? '' : plain
}

/** `2MP`, `1080p`, `2.8mm`, `30x`, `16ch`: what data sheets say of a device, in the shape of a model number. */
const SPECIFICATION = /^[\d./-]+(mp|k|mm|cm|m|x|p|tb|gb|ch|fps|v|w|vdc|vac|in|ft)?$/i

/** Four letters and digits at least, both kinds, and no specification. Only such a text can exclude anything. */
export function isModelNumber(text: string): boolean {
  return (
    /\d/.test(text) &&
    /[a-z]/i.test(text) &&
    text.replace(/[^a-z0-9]/gi, '').length >= 4 &&
    !SPECIFICATION.test(text)
  )
}
