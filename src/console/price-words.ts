/** What prices rest on and are measured in, in words. Pure. */
import { dollarsOf } from './money.ts'

export const BASIS_WORDS: Readonly<Record<string, string>> = {
  catalog: 'Planning assumption that ships with this service',
  'vendor-quote': 'Quote of a seller',
  'contract-price': 'Price in a contract',
  'actual-history': 'What the city paid',
}

export const basisWords = (basis: string): string => BASIS_WORDS[basis] ?? basis

/** In the measure of the price. */
export const priceWords = (measure: string, value: number): string =>
  measure === 'cents' ? dollarsOf(value) : `${value.toLocaleString('en-US')} ${measure}`
