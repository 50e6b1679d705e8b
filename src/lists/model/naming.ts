/** Whether an entry of a list names a maker of the catalog, and how sure that is. Pure. */
import type { Vendor } from '../../catalogue/vendors.ts'
import { type BearerOfName, companyNames } from '../../identification/match/company-names.ts'
import type { Matcher } from '../../identification/match/matcher.ts'
import type { ListEntry } from './entry.ts'

/**
 * `sure`: it is listed. `likely`: it is taken as listed until a person says otherwise, and no answer is worse than
 * `review` for it. `near`: the names are alike, a person looks. `none`: nobody of the catalog.
 */
export const STANDINGS = ['sure', 'likely', 'near', 'none'] as const
export type Standing = (typeof STANDINGS)[number]

export interface Naming {
  readonly standing: Standing
  /** Vendor id; null where the standing is `none`, and for a class of products. */
  readonly vendor: string | null
  /** In words. */
  readonly why: string | null
}

/** The same market in law: an address in either says nothing against the other. */
const GREATER_CHINA = new Set(['CN', 'HK', 'MO'])
/** Names that are compared by likeness too; an entry may have dozens. */
const MOST_NAMES = 4

/** Equipment by what it is, whoever makes it: the rules have it as a class or not, which only a person can say. */
const OF_NOBODY: Naming = {
  standing: 'near',
  vendor: null,
  why: 'a class of products without a company: a person says whether the rules have it',
}
export const NOBODY: Naming = { standing: 'none', vendor: null, why: null }

export type Namer = (entry: ListEntry) => Naming

export function namer(vendors: readonly Vendor[], matcher: Pick<Matcher, 'match'>): Namer {
  const bearersOf = companyNames(vendors)
  return (entry) => {
    if (entry.kind === 'class') return OF_NOBODY
    if (entry.kind === 'vessel' || entry.kind === 'aircraft') return NOBODY
    const own = judged(bearersOf, [{ text: entry.name, isWeak: false }], entry)
    // What an entry is called says more than what it is also called.
    const best = own && own.standing !== 'near' ? own : (judged(bearersOf, entry.aliases, entry) ?? own)
    return (
      best ?? nearest([entry.name, ...entry.aliases.map(({ text }) => text)].slice(0, MOST_NAMES), matcher)
    )
  }
}

/** The best of what names say; several makers that they say it of are one too many to be sure. */
function judged(
  bearersOf: ReturnType<typeof companyNames>,
  names: ListEntry['aliases'],
  entry: ListEntry,
): Naming | null {
  const found = names
    .flatMap(({ text, isWeak }) => bearersOf(text).map((bearer) => judge(text, isWeak, bearer, entry)))
    .toSorted((a, b) => STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing))
  const [best] = found
  if (!best || best.standing === 'near') return best ?? null
  const same = found.filter(({ standing }) => standing === best.standing).map(({ vendor }) => vendor)
  const rivals = [...new Set(same)].slice(1)
  if (rivals.length === 0) return best
  return {
    ...best,
    standing: 'likely',
    why: `${best.why}; another of its names is that of ${rivals.join(', ')}`,
  }
}

function judge(
  text: string,
  isWeak: boolean,
  { vendor, kind, isShort }: BearerOfName,
  entry: ListEntry,
): Naming {
  const place = placeOf(entry.countries, vendor.country)
  const why = `"${text}" is a ${kind} name of ${vendor.name}`
  if (place === 'elsewhere')
    return {
      standing: 'near',
      vendor: vendor.id,
      why: `${why}, whose country is ${vendor.country} and not ${entry.countries.join(', ')}`,
    }
  if (isWeak || (isShort && place !== 'same')) {
    return { standing: 'likely', vendor: vendor.id, why: `${why}, and the entry says too little to be sure` }
  }
  return { standing: 'sure', vendor: vendor.id, why }
}

function placeOf(countries: readonly string[], country: string | null): 'same' | 'unknown' | 'elsewhere' {
  if (countries.length === 0 || country === null) return 'unknown'
  if (countries.includes(country)) return 'same'
  return GREATER_CHINA.has(country) && countries.some((code) => GREATER_CHINA.has(code))
    ? 'same'
    : 'elsewhere'
}

function nearest(names: readonly string[], matcher: Pick<Matcher, 'match'>): Naming {
  for (const text of names) {
    const { band, vendor } = matcher.match(text)
    if (band !== 'none' && vendor !== null)
      return {
        standing: 'near',
        vendor,
        why: `"${text}" is like a name of this maker, with other words beside it`,
      }
  }
  return NOBODY
}
