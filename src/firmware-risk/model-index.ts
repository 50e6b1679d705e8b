/** Which of many patterns mean a model number, without trying each. */
import { atOnce, type Steps } from '../lib/steps.ts'
import { compilePattern, type ModelPattern, matchesReading, modelReadings, patternProblem } from './models.ts'

export interface UnreadPattern<T> {
  readonly value: T
  readonly pattern: string
  /** A demand that the pattern does not meet. */
  readonly problem: string
}

interface Entry<T> {
  readonly position: number
  readonly pattern: ModelPattern
  readonly value: T
}

/**
 * Values by patterns of their models. Every match begins with what its pattern begins with, so a model number is held
 * against the patterns that begin as it does. Make it once per list: reading a pattern costs more than using it.
 */
export class ModelIndex<T> {
  /** Beyond the limits, from before there were any. They mean no model. */
  readonly unread: readonly UnreadPattern<T>[]
  private readonly byBeginning: ReadonlyMap<string, readonly Entry<T>[]>
  private readonly lengths: readonly number[]

  private constructor(
    unread: readonly UnreadPattern<T>[],
    byBeginning: ReadonlyMap<string, readonly Entry<T>[]>,
  ) {
    this.unread = unread
    this.byBeginning = byBeginning
    this.lengths = [...new Set([...byBeginning.keys()].map(({ length }) => length))]
  }

  static of<T>(patterns: Iterable<readonly [pattern: string, value: T]>): ModelIndex<T> {
    return atOnce(ModelIndex.making(patterns))
  }

  /** The same in steps, for tens of thousands of patterns. */
  static *making<T>(patterns: Iterable<readonly [pattern: string, value: T]>): Steps<ModelIndex<T>> {
    const unread: UnreadPattern<T>[] = []
    const byBeginning = new Map<string, Entry<T>[]>()
    let position = 0
    for (const [text, value] of patterns) {
      yield
      const pattern = compilePattern(text)
      if (pattern === null) {
        unread.push({ value, pattern: text, problem: patternProblem(text)! })
        continue
      }
      const entry = { position: position++, pattern, value }
      const alike = byBeginning.get(pattern.beginning)
      if (alike) alike.push(entry)
      else byBeginning.set(pattern.beginning, [entry])
    }
    return new ModelIndex(unread, byBeginning)
  }

  /** Values of the patterns that mean the model number, each once, in the order they were given. */
  find(model: string): readonly T[] {
    const found: Entry<T>[] = []
    for (const reading of modelReadings(model) ?? []) {
      for (const length of this.lengths) {
        if (length > reading.length) continue
        for (const entry of this.byBeginning.get(reading.slice(0, length)) ?? []) {
          if (matchesReading(entry.pattern, reading)) found.push(entry)
        }
      }
    }
    return [...new Set(found.sort((a, b) => a.position - b.position).map(({ value }) => value))]
  }
}

/** A function whose result is kept as long as the list it was made from; lists are never changed. */
export function oncePerList<L extends object, R>(make: (list: L) => R): (list: L) => R {
  const made = new WeakMap<L, { readonly result: R }>()
  return (list) => {
    let known = made.get(list)
    if (!known) {
      known = { result: make(list) }
      made.set(list, known)
    }
    return known.result
  }
}

/** The patterns of one list by themselves. */
export const indexOfModels: (models: readonly string[]) => ModelIndex<string> = oncePerList(
  (models: readonly string[]) => ModelIndex.of(models.map((pattern) => [pattern, pattern] as const)),
)
