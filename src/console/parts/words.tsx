/** Values as people read them. */
import { type Outcome as Code, OUTCOME_WORDS } from '../../catalogue/outcomes.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `2026-11-24` as `Nov 24, 2026`. */
export function dayWords(day: string): string {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)/.exec(day) ?? []
  return year === undefined ? day : `${MONTHS[Number(month) - 1]} ${Number(date)}, ${year}`
}

/** Sentences of the API write days as `2026-11-24`. */
export function inDayWords(sentence: string): string {
  return sentence.replaceAll(/\b\d{4}-\d\d-\d\d\b/g, dayWords)
}

export function Day({ day }: { readonly day: string }) {
  return <time dateTime={day.slice(0, 10)}>{dayWords(day)}</time>
}

/** An instant, to the minute, in Coordinated Universal Time. */
export function Moment({ at }: { readonly at: string }) {
  return (
    <time dateTime={at}>
      {dayWords(at)}, {at.slice(11, 16)} UTC
    </time>
  )
}

/** Never an empty cell, and never a dash alone. */
export function Known({ value }: { readonly value: string | number | null | undefined }) {
  const isKnown = value !== null && value !== undefined && value !== ''
  return <span class={isKnown ? undefined : 'unknown'}>{isKnown ? value : 'not known'}</span>
}

/** By how much it stops a city: each has a shape and a color of its own, beside the word. */
const WEIGHTS: Readonly<Record<Code, 'stop' | 'limit' | 'look' | 'fine' | 'none'>> = {
  prohibited: 'stop',
  'license-required': 'stop',
  unallowable: 'stop',
  'contract-bar': 'stop',
  'seller-bar': 'stop',
  'updates-unavailable': 'limit',
  conditional: 'limit',
  'vendor-risk': 'limit',
  review: 'look',
  'permitted-with-caution': 'limit',
  permitted: 'fine',
  'not-applicable': 'none',
}
const SIGNS = { stop: '■', limit: '▲', look: '?', fine: '●', none: '○' } as const

export function Outcome({ outcome, certainty }: { readonly outcome: Code; readonly certainty?: string }) {
  const weight = WEIGHTS[outcome]
  return (
    <span class={`outcome ${weight}`}>
      <span aria-hidden="true" class="sign">
        {SIGNS[weight]}
      </span>{' '}
      <span>
        {OUTCOME_WORDS[outcome]}
        {certainty === undefined || certainty === 'sure' ? null : (
          <span class="certainty"> ({certainty})</span>
        )}
      </span>
    </span>
  )
}

/** `1,240 devices`; the plural is the word with an s unless given. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`
}
