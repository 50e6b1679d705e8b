/**
 * What a cell says beside the name that was found. A word that is neither the maker's own, nor a legal form, nor what
 * the device is, may make it somebody else's product: "Sony OEM", "Q Nest", "for Axis". Such a name may restrict, and
 * clears nothing by itself.
 */

import type { Vendor } from '../../catalogue/vendors.ts'
import { memoryOf } from '../../lib/memory.ts'
import { readWords } from '../names.ts'
import { distance } from '../spelling.ts'
import {
  CHINESE_CITIES,
  DEMOTING_WORDS,
  IMITATING_WORDS,
  KNOWN_WORDS,
  MODEL_PIECE_WORDS,
  POINTING_WORDS,
  VAGUE_WORDS,
} from '../words.ts'
import type { Hit } from './hits.ts'
import type { Core } from './name-index.ts'
import type { Stranger } from './result.ts'
import { isTradeWord } from './score.ts'
import type { Token } from './tokens.ts'

const NOBODY: readonly Stranger[] = []
/** "Q series", "P line": the letter names a family of models. */
const FAMILY = new Set(['series', 'line', 'lines'])
/** "model unknown" says nothing of the maker. */
const OF_MODELS = new Set(['model', 'models', 'modelo', 'type', 'no', 'nr', 'num', 'number', 'serial', 'sn'])

/** Words beside `hit` that speak for somebody else or for an imitation, in the order of the cell. */
export function strangersBeside(
  tokens: readonly Token[],
  hit: Hit,
  hits: readonly Hit[],
  { kin }: Pick<Core, 'kin'>,
): readonly Stranger[] {
  if (hit.to - hit.from === tokens.length) return NOBODY
  const { vendor } = hit.alias
  const isOwn = ({ id }: Vendor) =>
    id === vendor.id || kin.has(`${id} ${vendor.id}`) || kin.has(`${vendor.id} ${id}`)
  const named = [hit, ...hits.filter((other) => other.spelled === null && isOwn(other.alias.vendor))]
  const found: Stranger[] = []
  for (const [at, token] of tokens.entries()) {
    if (named.some(({ from, to }) => at >= from && at < to)) continue
    const kind = kindOf(tokens, at, hit)
    if (kind !== null) found.push({ text: token.text, kind })
  }
  const isOnlyBefore = tokens.some(({ text }) => DEMOTING_WORDS.has(text) && text !== 'by')
  const hasLabel = named.some(({ from }) => tokens[from]?.word.demoted === false)
  if (isOnlyBefore && !hasLabel) found.push({ text: 'former', kind: 'imitation' })
  return found
}

function kindOf(tokens: readonly Token[], at: number, hit: Hit): Stranger['kind'] | null {
  const { text, class: as, word, meant } = tokens[at]!
  const { vendor, isWeak } = hit.alias
  if (IMITATING_WORDS.has(text)) return isOfModel(tokens, at) || isOfKind(tokens, at) ? null : 'imitation'
  if (POINTING_WORDS.has(text)) return at < hit.from ? 'imitation' : 'word'
  if (ownWords(vendor).has(text)) return null
  if (VAGUE_WORDS.has(text)) {
    const isPart = tokens[at - 1]?.text === 'multi'
    return isPart || isOfModel(tokens, at) ? null : 'word'
  }
  if (MODEL_PIECE_WORDS.has(text)) return 'word'
  if (word.isGlued || word.isCut || meant !== null) return null
  if (/^[a-z]$/.test(text)) return isLetterOfName(tokens, at) ? null : 'word'
  switch (as) {
    case 'legal':
    case 'model':
    case 'trade':
    case 'joiner':
      return null
    case 'place':
      return vendor.country !== 'CN' && CHINESE_CITIES.has(text) ? 'word' : null
    case 'generic':
      // "Axis Vision" may be any company; "Axis video encoder" says what the device is.
      return isWeak && !tokens.slice(at + 1).some(isProduct) ? 'word' : null
    case 'cue':
    case 'core':
      return isMisspeltOwn(text, vendor) ? null : 'word'
    default:
      return as satisfies never
  }
}

const isProduct = (token: Token) => token.class === 'model' || (token.class === 'trade' && isTradeWord(token))

/** "(unknown model)", "type 207" */
function isOfModel(tokens: readonly Token[], at: number): boolean {
  const isPlain = tokens[at]!.text === 'type' || VAGUE_WORDS.has(tokens[at]!.text)
  const beside = [tokens[at - 1], tokens[at + 1]]
  return isPlain && beside.some((token) => token && (OF_MODELS.has(token.text) || token.class === 'model'))
}

/** "dome type" */
function isOfKind(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]
  return tokens[at]!.text === 'type' && before?.class === 'trade' && isTradeWord(before)
}

/** The letters of "A/S" are a legal form, that of "Q series" is a family of models. */
function isLetterOfName(tokens: readonly Token[], at: number): boolean {
  if (FAMILY.has(tokens[at + 1]?.text ?? '')) return true
  let from = at
  let to = at + 1
  while (from > 0 && tokens[from - 1]!.text.length === 1) from--
  while (to < tokens.length && tokens[to]!.text.length === 1) to++
  const joined = tokens.slice(from, to).map(({ text }) => text)
  return to - from > 1 && KNOWN_WORDS.get(joined.join(''))?.class === 'legal'
}

/** The "Tecwin" of "Hanwha Tecwin". */
function isMisspeltOwn(text: string, vendor: Vendor): boolean {
  return [...ownWords(vendor)].some((own) => own.length >= 5 && distance(text, own, 1) <= 1)
}

/** Words of all names of a vendor. */
const ownWords = memoryOf(
  ({ name, names }: Vendor): ReadonlySet<string> =>
    new Set(
      [name, ...names.map(({ text }) => text)].flatMap((text) => readWords(text).map((one) => one.text)),
    ),
)
