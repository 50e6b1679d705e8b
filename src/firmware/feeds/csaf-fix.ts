/** Whether a product of a CSAF document has a fix: which remedies are about it, and what they say. */

import { isModelNumber } from '../../firmware-risk/model-names.ts'
import type { Fix } from '../../firmware-risk/remedy.ts'
import { memoryOf } from '../../lib/memory.ts'
import { tidyVersion } from './text.ts'

export interface Remedy {
  readonly category: string
  readonly details: string
}

/** The words a product of the tree is called by. */
export type ProductWords = ReadonlySet<string>

/** Words that stand in the names of products and in advice on any of them. */
const GENERAL = new Set(
  `a access according account after all an analog and any application apply are as at available be before by can
  contact control device devices digital download edition family firmware following for from has have hardware if in
  info information install installed into ip is it its later latest line management model models network new newer
  newest no not of older on or part patch platform platforms prior product products release released s secure security
  series server site software solution station support surveillance system systems technology that the their these
  this to tool update updated updates upgrade use user users using version versions video via web website where which
  will with you your`.split(/\s+/),
)

/** What a product is called: words of its name, of its maker none, and a version that is a model number. */
export function wordsOfProduct(product: {
  readonly vendor: string
  readonly product: string
  readonly version: { readonly text: string } | null
}): ProductWords {
  const text = tidyVersion(product.version?.text ?? '')
  const maker = new Set(wordsOf(product.vendor))
  const name = `${product.product} ${isModelNumber(text) ? text : ''}`
  return new Set(wordsOf(name).filter((word) => !maker.has(word)))
}

/** Reads remedies as they bear on one product among all of a document. */
export class RemedyReader {
  private readonly others: readonly ProductWords[]
  private readonly sentences = new Map<string, readonly CalledIn[]>()

  constructor(products: Iterable<ProductWords>) {
    // A tree has hundreds of products, and many are called alike.
    this.others = [...new Map([...products].map((one) => [keyOf(one), one])).values()]
  }

  /**
   * A sentence that calls another product by more words than it has of this one's is about that one, and so is what
   * follows until a sentence calls this one again. A remedy that calls others and never this one says nothing of it.
   */
  remediesFor(product: ProductWords, remedies: readonly Remedy[]): readonly Remedy[] {
    const key = keyOf(product)
    return remedies.flatMap(({ category, details }): Remedy[] => {
      let isOurs = true
      let [isCalled, isAnother] = [false, false]
      const kept: string[] = []
      for (const sentence of this.sentencesIn(details)) {
        const called = calls(sentence, key)
        if (called !== 'nobody') isOurs = called === 'this'
        isCalled ||= called === 'this'
        isAnother ||= called === 'another'
        if (isOurs) kept.push(sentence.text)
      }
      return isAnother && !isCalled ? [] : [{ category, details: kept.join('. ') }]
    })
  }

  /** A document repeats its remedies with each vulnerability and product. */
  private sentencesIn(details: string): readonly CalledIn[] {
    let known = this.sentences.get(details)
    if (known === undefined) {
      known = sentencesOf(details).map((sentence) => this.read(sentence))
      this.sentences.set(details, known)
    }
    return known
  }

  private read(text: string): CalledIn {
    const written = writtenIn(text)
    const byProduct = new Map<string, ProductWords>()
    for (const words of this.others) {
      const called = new Set([...words].filter((word) => isWritten(word, written)))
      if (called.size > 0) byProduct.set(keyOf(words), called)
    }
    const distinct = [...new Map([...byProduct.values()].map((one) => [keyOf(one), one])).values()]
    return { text, byProduct, distinct }
  }
}

/** A sentence, which products it calls, and by which of their words. */
interface CalledIn {
  readonly text: string
  readonly byProduct: ReadonlyMap<string, ProductWords>
  readonly distinct: readonly ProductWords[]
}

function calls({ byProduct, distinct }: CalledIn, product: string): 'this' | 'another' | 'nobody' {
  const mine = byProduct.get(product)
  const isAnother = distinct.some(
    (theirs) =>
      mine === undefined || (theirs.size > mine.size && [...mine].every((word) => theirs.has(word))),
  )
  if (isAnother) return 'another'
  return mine === undefined ? 'nobody' : 'this'
}

const keyOf = memoryOf((words: ProductWords) => [...words].toSorted().join(' '))

/** CISA files a maker that never answered, and fixes too, under `mitigation`, so the text is read. */
export function fixOf(remedies: readonly Remedy[]): Fix {
  const has = (category: string) => remedies.some((remedy) => remedy.category === category)
  const isFix = ({ category, details }: Remedy) =>
    category === 'vendor_fix' && (!statesNoFix(details) || statesFix(details))
  if (remedies.some(isFix)) return 'vendor-fix'
  if (has('no_fix_planned')) return 'no-fix-planned'
  const isSilent = remedies.some(({ details }) =>
    /\b(?:not|never)\s+(?:yet\s+)?respond|\bunresponsive\b|\bno response\b|\bdid not (?:answer|reply)/i.test(
      details,
    ),
  )
  if (has('none_available') || isSilent) return 'none-available'
  if (remedies.some(({ details }) => statesFix(details))) return 'vendor-fix'
  if (has('vendor_fix')) return 'none-available'
  if (has('workaround')) return 'workaround'
  return has('mitigation') ? 'mitigation' : 'unknown'
}

/** What holds for a whole advisory: the fix of all its products, where they agree. */
export function commonFix(fixes: readonly Fix[]): Fix {
  const [first = 'unknown'] = fixes
  return fixes.every((fix) => fix === first) ? first : 'unknown'
}

interface Written {
  readonly words: ReadonlySet<string>
  /** Beginnings of the words that end with an x for what follows. */
  readonly stems: readonly string[]
}

/** Words of a sentence, and each two in a row as one if that is a number: `TopFD 2125` is `TopFD-2125`. */
function writtenIn(sentence: string): Written {
  const plainWords = sentence.split(SPACES).map(plain)
  const words = new Set<string>()
  plainWords.forEach((word, i) => {
    const joined = `${word}${plainWords[i + 1] ?? ''}`
    words.add(word).add(singular(word))
    if (/\d/.test(joined)) words.add(joined)
  })
  return { words, stems: [...words].map(stemOf).filter((stem) => stem !== null) }
}

/** Whether a word of a name is written; an x at the end of a number stands for what follows. */
function isWritten(word: string, { words, stems }: Written): boolean {
  if (words.has(word)) return true
  if (!/\d/.test(word)) return false
  const stem = stemOf(word)
  if (stem !== null && [...words].some((one) => one.startsWith(stem))) return true
  return stems.some((one) => word.startsWith(one))
}

/** The number before its row of x; null when it has none. */
function stemOf(word: string): string | null {
  let end = word.length
  while (end > 0 && word[end - 1] === 'x') end--
  return word.length - end >= 2 && end >= 3 ? word.slice(0, end) : null
}

const SPACES = /[\s/,:()[\]"“”]+/

function wordsOf(text: string): string[] {
  return text
    .split(SPACES)
    .map((word) => singular(plain(word)))
    .filter((word) => word.length >= 2 && !GENERAL.has(word) && !/^\d{1,3}$/.test(word))
}

const plain = (word: string) => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
const singular = (word: string) => (/^[a-z]{3,}s$/.test(word) ? word.slice(0, -1) : word)

function sentencesOf(text: string): string[] {
  return text
    .slice(0, 20_000)
    .split(/[.!?;](?=\s|$)|[\r\n]+|,\s*(?=(?:while|whereas|but)\b)/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '')
}

const NONE = [
  String.raw`\b(?:not|never|no|without)\b(?:(?!\b(?:should|must)\b)[^.]){0,40}\b(?:releas|provid|develop|fix|patch|updat|upgrad)`,
  String.raw`\bwill (?:be|become) (?:\w+ )?(?:available|released|published|provided|fixed)\b`,
  String.raw`\b(?:plan(?:s|ned|ning)?|expect(?:s|ed)?|schedul(?:es|ed)|intends?) (?:to|for)\b`,
  String.raw`\b(?:when|once|if|as soon as|until) [^.]{0,40}\b(?:available|released|published)\b`,
  String.raw`\b(?:working on|developing|in development)\b`,
  String.raw`\bend[- ]of[- ](?:life|service|support)\b|\bno longer (?:supported|maintained)`,
].map((pattern) => new RegExp(pattern, 'i'))

/** Whether a text says that there is no fixed firmware, or not yet. */
function statesNoFix(text: string): boolean {
  return NONE.some((pattern) => pattern.test(text))
}

const THING = String.raw`(?:firmware|patch(?:es)?|version|software|updates?|fix(?:es)?|release)\b`
const FIXED = [
  String.raw`\bha(?:s|ve)\s+(?:\w+\s+)?(?:released|developed|published|issued|provided|produced)\b[^.]{0,60}\b${THING}`,
  String.raw`\b(?:updat(?:ed?|ing)|upgrad(?:ed?|ing)|patch(?:ing)?)\b[^.]{0,60}\b(?:to|with|from)\b[^.]{0,40}\b(?:newest|latest|${THING}|v?\d)`,
  String.raw`\bfixed (?:in|by|the reported)\b`,
  String.raw`\bapply(?:ing)?\s+(?:the\s+)?(?:\w+\s+){0,2}(?:updates?|patch(?:es)?)\b(?! (?:as|when|if|once))`,
  String.raw`(?:\bv|\bver\.?\s?|\bversion )\d[\w.]*,? (?:and|or) (?:later|newer|above|higher)\b`,
].map((pattern) => new RegExp(pattern, 'i'))

/** Whether a text says that fixed firmware exists: released, or to be updated to. */
function statesFix(details: string): boolean {
  return sentencesOf(details).some(
    (sentence) => !statesNoFix(sentence) && FIXED.some((pattern) => pattern.test(sentence)),
  )
}
