/**
 * Model numbers as feeds, licenses and releases write them, against what is on the label.
 *
 * A pattern comes from a client or a feed, so it is walked together with the model number and never becomes a regular
 * expression: the work is at most the length of the one times the length of the other.
 */

/** What a pattern, a list of patterns and a model number may have at most; lengths in characters. */
export const MODEL_LIMITS = {
  pattern: 100,
  optionalGroups: 16,
  nesting: 3,
  /** Patterns of one release, one license, or one statement of an advisory. */
  patterns: 200,
  /** A longer model number is compared with nothing. */
  model: 120,
} as const

/**
 * A pattern ready for comparing. A small `x` is one letter or digit, `@` one letter, `(…)` may be absent, a final `*` is any ending;
 * every other letter means itself in either case (write a literal X as a capital). `/` and spaces are the same. Where
 * the parentheses do not pair, the pattern means only itself.
 */
export interface ModelPattern {
  /** What every match begins with, in capitals. */
  readonly beginning: string
  /** One code unit in capitals each, or `LETTER_OR_DIGIT` or `LETTER`. */
  readonly steps: readonly number[]
  /** Steps `from` to before `to` may be absent. Sorted by `from`. */
  readonly groups: readonly { readonly from: number; readonly to: number }[]
  readonly isOpenEnded: boolean
}

const LETTER_OR_DIGIT = -1
const LETTER = -2

/** Why a pattern cannot be used, as a demand on it; null when it can. */
export function patternProblem(pattern: string): string | null {
  const length = pattern.trim().length
  if (length > MODEL_LIMITS.pattern) {
    return `must have at most ${MODEL_LIMITS.pattern} characters, not ${length}`
  }
  return groupProblem(pattern)
}

/** The same without the length. */
export function groupProblem(pattern: string): string | null {
  const groups = countGroups(pattern)
  if (groups === null) return null
  if (groups.count > MODEL_LIMITS.optionalGroups) {
    return `must have at most ${MODEL_LIMITS.optionalGroups} optional groups, not ${groups.count}`
  }
  if (groups.depth > MODEL_LIMITS.nesting) {
    return `must nest optional groups at most ${MODEL_LIMITS.nesting} deep, not ${groups.depth}`
  }
  return null
}

/** Why a list of patterns cannot be used; null when it can. */
export function patternsProblem(patterns: readonly string[]): string | null {
  if (patterns.length > MODEL_LIMITS.patterns) {
    return `must have at most ${MODEL_LIMITS.patterns} model patterns, not ${patterns.length}`
  }
  for (const pattern of patterns) {
    const problem = patternProblem(pattern)
    if (problem !== null) return `the model pattern ${clip(pattern)} ${problem}`
  }
  return null
}

/** Null when the pattern is beyond the limits: rows from before them may still hold such. */
export function compilePattern(pattern: string): ModelPattern | null {
  if (patternProblem(pattern) !== null) return null
  if (countGroups(pattern) === null) return literally(pattern.trim())
  const text = pattern.trim().replace(/[\s/]+/g, ' ')
  const isOpenEnded = text.endsWith('*')
  const steps: number[] = []
  const open: { from: number; to: number }[] = []
  const groups: { from: number; to: number }[] = []
  for (const character of isOpenEnded ? text.slice(0, -1) : text) {
    if (character === 'x') steps.push(LETTER_OR_DIGIT)
    else if (character === '@') steps.push(LETTER)
    else if (character === '(') {
      const group = { from: steps.length, to: steps.length }
      open.push(group)
      groups.push(group)
    } else if (character === ')') open.pop()!.to = steps.length
    else steps.push(...codeUnits(character.toUpperCase()))
  }
  return { beginning: beginningOf(steps, groups), steps, groups, isOpenEnded }
}

/**
 * What a model number on a label can mean: text in parentheses may be a suffix or a remark, so it is kept and left
 * out; lens sizes are dropped. In capitals. Null when the model number is longer than the limit.
 */
export function modelReadings(model: string): readonly string[] | null {
  if (model.length > MODEL_LIMITS.model) return null
  const upper = model.toUpperCase().replace(/[\s/]+/g, ' ')
  const tidy = (text: string) =>
    text
      .replace(/\s*\d+(?:\.\d+)?(?:\s*[-~]\s*\d+(?:\.\d+)?)?\s*MM$/, '')
      .replace(/ +/g, ' ')
      .trim()
  return [...new Set([tidy(upper.replace(/[()]/g, '')), tidy(upper.replace(/\([^)]*\)/g, ''))])]
}

/** Whether a pattern means one of the readings of a model number. */
export function matchesReading(pattern: ModelPattern, reading: string): boolean {
  const { steps, groups, isOpenEnded } = pattern
  const last = steps.length
  // reached[n]: the first n steps are done, or skipped, by what was read so far.
  const reached = new Uint8Array(last + 1)
  reached[0] = 1
  skip(reached, groups)
  for (let i = 0; i < reading.length; i++) {
    if (isOpenEnded && reached[last] === 1) return true
    if (!advance(reached, steps, reading.charCodeAt(i))) return false
    skip(reached, groups)
  }
  return reached[last] === 1
}

/** Read one more code unit. False when nothing can match any more. */
function advance(reached: Uint8Array, steps: readonly number[], code: number): boolean {
  let isAlive = false
  for (let n = steps.length; n > 0; n--) {
    const isDone = reached[n - 1] === 1 && accepts(steps[n - 1]!, code)
    reached[n] = isDone ? 1 : 0
    isAlive ||= isDone
  }
  reached[0] = 0
  return isAlive
}

/** What is reached is also reached behind a group that begins there. */
function skip(reached: Uint8Array, groups: ModelPattern['groups']): void {
  for (const { from, to } of groups) if (reached[from] === 1) reached[to] = 1
}

function accepts(step: number, code: number): boolean {
  if (step >= 0) return step === code
  const isLetter = code >= 0x41 && code <= 0x5a
  return isLetter || (step === LETTER_OR_DIGIT && code >= 0x30 && code <= 0x39)
}

/** Groups and how deep they nest; null when the parentheses do not pair. */
function countGroups(pattern: string): { readonly count: number; readonly depth: number } | null {
  let [count, depth, open] = [0, 0, 0]
  for (const character of pattern) {
    if (character === '(') {
      count++
      depth = Math.max(depth, ++open)
    } else if (character === ')' && --open < 0) return null
  }
  return open === 0 ? { count, depth } : null
}

function literally(text: string): ModelPattern {
  const steps = codeUnits(text.toUpperCase())
  return { beginning: beginningOf(steps, []), steps, groups: [], isOpenEnded: false }
}

function beginningOf(steps: readonly number[], groups: ModelPattern['groups']): string {
  const wildcard = steps.findIndex((step) => step < 0)
  const end = Math.min(wildcard === -1 ? steps.length : wildcard, groups[0]?.from ?? steps.length)
  return String.fromCharCode(...steps.slice(0, end))
}

function codeUnits(text: string): number[] {
  return Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
}

/** A pattern for a message: a long one is cut there, never where it is used. */
function clip(pattern: string): string {
  return JSON.stringify(pattern.length > 40 ? `${pattern.slice(0, 40)}…` : pattern)
}
