/**
 * The cell of an entity in the Entity List, which is prose:
 * `Name (Short), a.k.a., the following two aliases: —One; and —Two. No. 555 Qianmo Road, ...`. Pure.
 */
import type { ListEntry } from '../../model/entry.ts'
import { namesInText, unique } from '../company-text.ts'

const ALIASES = /,?\s*[afn]\.k\.a\.,?\s*(?:the following\s+[a-z0-9-]+\s+(?:alias(?:es)?|names?))?\s*:?\s*/i
/** The end of an abbreviation and not of a name. */
const ABBREVIATION = /\b(?:Co|Ltd|Inc|Corp|St|No|Pte|Pvt|Pty|Bros|Intl|Mfg|Tech|Dr|[A-Z])$/

export function namesInCell(prose: string): Pick<ListEntry, 'name' | 'aliases'> {
  const [before, after = ''] = splitOnce(prose, ALIASES)
  const { name, aliases } = namesInText(nameBeforeAddress(before))
  const dashed = after.split(/(?:^|\s*)[—–]\s*/).slice(1)
  const others = dashed.flatMap((piece) => {
    const alias = namesInText(endOfAlias(piece))
    return [{ text: alias.name, isWeak: false }, ...alias.aliases]
  })
  return { name, aliases: unique([...aliases, ...others]) }
}

function splitOnce(text: string, separator: RegExp): [string, string?] {
  const found = separator.exec(text)
  if (!found) return [text]
  return [text.slice(0, found.index), text.slice(found.index + found[0].length)]
}

/** An alias ends at a semicolon, at the end of its line, or at a full stop behind which its address begins. */
function endOfAlias(piece: string): string {
  const line = piece.split(/[;\n]/)[0]!.trim()
  for (const { index } of line.matchAll(/\.(?=\s+[A-Z0-9(])/g)) {
    if (!ABBREVIATION.test(line.slice(0, index)) || ADDRESS_START.test(line.slice(index)))
      return line.slice(0, index)
  }
  return line.replace(/(?<!\b(?:Co|Ltd|Inc|Corp))\.$/, '')
}

const LEGAL_FORM =
  /\b(?:Co\.,? ?Ltd|Ltd|Inc|LLC|L\.L\.C|Corp|Corporation|Company|GmbH|Limited|University|Institute|Bureau)\b\.?(?: \([^()]{2,40}\))?(?=[,;]|$)/gi
/** A unit of the company before it, which is not the company. */
const UNIT =
  /^\s*(?:[afn]\.k\.a\.|limited|ltd|llc|inc|(?:[\w.' -]+ )?(?:institute|academy|factory|branch|division|department|laborator(?:y|ies)|subsidiary|bureau|group|center|centre|plant)\b)/i
const ADDRESS_START = /^\.\s+(?:No\.|Room|Rm\.|Building|Bldg|Floor|Unit|Block|Suite|\d)/
const ADDRESS =
  /,\s*(?=(?:No\.|Room|Rm\.|Building|Bldg|Floor|Unit|Block|Suite|P\.?O\.?|[A-Z]?\d|[\w' ]+ (?:Road|Rd\.|Street|St\.|Avenue|Ave\.|Park|District|Base|Zone)\b))/i

/** The name ends where its address begins, which is prose too: behind a legal form, or at a number, a road or a building. */
export function nameBeforeAddress(text: string): string {
  const line = text.split('\n').find((one) => one.trim() !== '') ?? ''
  for (const { index, 0: form } of line.matchAll(LEGAL_FORM)) {
    const end = index + form.length
    const [, next = ''] = line.slice(end).split(/[,;]/)
    if (!UNIT.test(next)) return line.slice(0, end)
  }
  return line.split(ADDRESS)[0]!.replace(/[,.;]\s*$/, '')
}
