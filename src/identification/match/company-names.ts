/**
 * Which company of the catalog bears a name, letter for letter: for names that an authority wrote, where a likeness is
 * not enough to accuse anybody. Legal forms do not count, every other word does. Also finds legal entities that no
 * label of a device names.
 */
import type { NameKind, Vendor } from '../../catalogue/vendors.ts'
import { put } from '../../lib/multimap.ts'
import { readWords } from '../names.ts'
import { joinFolded, tokenize } from './tokens.ts'

export interface BearerOfName {
  readonly vendor: Vendor
  readonly kind: NameKind
  /** A single word, or one that the catalog calls weak: it may be the name of many. */
  readonly isShort: boolean
}

/** Names of goods and of shares are no names of a company. */
const NO_COMPANY_NAMES: ReadonlySet<NameKind> = new Set(['product-line', 'ticker'])

/** Equal for spellings of one name that differ in case, marks, spaces and legal forms; '' when nothing is left. */
function companyKey(text: string): string {
  return joinFolded(wordsOf(text))
}

const wordsOf = (text: string) => tokenize(readWords(text)).filter((token) => token.class !== 'legal')

/** Finds who bears a name; nobody, one, or several. */
export function companyNames(vendors: readonly Vendor[]): (name: string) => readonly BearerOfName[] {
  const bearers = new Map<string, BearerOfName[]>()
  const others = new Map<string, Set<string>>()
  for (const vendor of vendors) {
    const names = [{ text: vendor.name, kind: 'display' as const }, ...vendor.names]
    const known = new Set<string>()
    for (const name of names) {
      if (NO_COMPANY_NAMES.has(name.kind)) continue
      const words = wordsOf(name.text)
      const key = joinFolded(words)
      if (key === '' || known.has(key)) continue
      known.add(key)
      const isShort = ('weak' in name && name.weak === true) || (words.length < 2 && !isLongNative(key))
      put(bearers, key, { vendor, kind: name.kind, isShort })
    }
    others.set(vendor.id, new Set(vendor.notSameAs.map(companyKey)))
  }
  return (name) => {
    const key = companyKey(name)
    return (bearers.get(key) ?? []).filter(({ vendor }) => !others.get(vendor.id)!.has(key))
  }
}

/** A name of four Han characters is as good as several words. */
const isLongNative = (key: string) => /^\p{Script=Han}{4,}/u.test(key)
