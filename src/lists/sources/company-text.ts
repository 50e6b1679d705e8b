/** Names as BIS and State write them: with other names, places and abbreviations in the same cell. Pure. */

import type { ListEntry } from '../model/entry.ts'

type NamesInText = Pick<ListEntry, 'name' | 'aliases'>

/** Whatever the entry covers beside the party: `and its sub-units and successors`. */
const SUCCESSORS =
  /[;,]? and (?:any|its) (?:successors?,? )?sub-?units?,?(?: (?:or|and) (?:subsidiar(?:y|ies)|successors?))?(?: thereof)?\.?\s*$/i
/** `(f.k.a. X)`; brackets may stand inside of it. */
const IN_BRACKETS = /\(\s*[afn]\.k\.a\.?,?\s+((?:[^()]|\([^()]*\))+)\)/gi
/** `X, a.k.a. Y`, without brackets. */
const AFTER_COMMA = /,?\s+[afn]\.k\.a\.?,?\s+/i
/** `X (ABC)`: the last brackets hold an abbreviation or a trade name. */
const LAST_BRACKETS = /^(.*\S)\s*\(([^()]{2,40})\)$/
/** A unit of its own and no other name: the name goes on in the brackets. */
const UNIT = /\b(?:parent|formerly|institute|academy|factory|branch|division|company|co|ltd|unit)\b/i

/** A list of files that lost their apostrophes and quotation marks: `People?s Republic`, `OOO ?Gazprom Telekom?`. */
const mended = (text: string) =>
  text.replaceAll(/([A-Za-z])\?s\b/g, "$1's").replaceAll(/(?<=[\s\p{L}])\?(?=\S)|(?<=\S)\?(?=\s|$)/gu, ' ')

const squeezed = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

/** What a cell calls a party: its name first, and every other name inside of it. */
export function namesInText(text: string): NamesInText {
  const whole = squeezed(mended(text)).replace(SUCCESSORS, '')
  const bracketed = [...whole.matchAll(IN_BRACKETS)].map(([, alias]) => alias!)
  const [first, ...others] = squeezed(whole.replaceAll(IN_BRACKETS, ' ')).split(AFTER_COMMA)
  const name = withoutPlaces(trimmed(first ?? ''))
  const short = LAST_BRACKETS.exec(name)
  const hasShort = short !== null && !UNIT.test(short[2]!)
  const aliases = [...bracketed, ...others, ...(hasShort ? [short[1]!] : [])].map(full)
  // What stands in brackets behind a name may be short for the group that it belongs to.
  return { name, aliases: unique([...aliases, ...(hasShort ? [{ text: short[2]!, isWeak: true }] : [])]) }
}

const full = (text: string) => ({ text: trimmed(text), isWeak: false })

/** Each spelling once, as its strongest. */
export function unique(aliases: ListEntry['aliases']): ListEntry['aliases'] {
  const found = new Map<string, ListEntry['aliases'][number]>()
  for (const alias of aliases) {
    if (alias.text === '') continue
    const known = found.get(alias.text)
    if (known === undefined || (known.isWeak && !alias.isWeak)) found.set(alias.text, alias)
  }
  return [...found.values()]
}

const trimmed = (text: string) => squeezed(text).replace(/[,;]$/, '').trim()

/**
 * Provinces and large cities of China, Hong Kong and Taiwan, which follow a name after a comma. A place of another
 * country leaves the name as it is: a person is asked then.
 */
const PLACES =
  /^(?:(?:p\.?r\.? ?)?china|people's republic of china|hong kong|macau|taiwan|beijing|shanghai|tianjin|chongqing|shenzhen|guangzhou|hangzhou|nanjing|suzhou|wuhan|chengdu|xi'?an|xiamen|jinan|dalian|dongguan|zhuhai|foshan|urumqi|zhejiang|guangdong|jiangsu|sichuan|shandong|fujian|hubei|hunan|henan|hebei|shaanxi|shanxi|anhui|jiangxi|liaoning|jilin|heilongjiang|yunnan|guizhou|guangxi|hainan|gansu|qinghai|xinjiang|inner mongolia)(?: (?:city|province))?$/i

function withoutPlaces(name: string): string {
  const parts = name.split(/,\s*/)
  while (parts.length > 1 && PLACES.test(parts.at(-1)!)) parts.pop()
  return parts.join(', ')
}
