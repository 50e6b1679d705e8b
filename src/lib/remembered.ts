/** Remember what a pure function said, by a key of its argument. */

/** Values by key. */
export interface Recent<V extends object> {
  /** undefined when it was never there or is forgotten. */
  get(key: string): V | undefined
  set(key: string, value: V): void
}

/** Keeps the last `most` to `2 * most` values that were set or asked for. */
export function recent<V extends object>(most: number): Recent<V> {
  let young = new Map<string, V>()
  let old = new Map<string, V>()
  const set = (key: string, value: V) => {
    if (young.size >= most) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }
  return {
    get(key) {
      const found = young.get(key)
      if (found) return found
      const aged = old.get(key)
      if (aged) set(key, aged)
      return aged
    },
    set,
  }
}

/**
 * The same function, remembering for each source the answers to the last `most` to `2 * most` arguments. `keyOf` must
 * tell arguments apart wherever the function does; answers are shared, so nobody may change them. What a source's
 * answers take is given back with the source.
 */
export function remembered<S extends object, A, R extends object>(
  compute: (source: S, argument: A) => R,
  keyOf: (argument: A) => string,
  most: number,
): (source: S, argument: A) => R {
  const kept = new WeakMap<S, Recent<R>>()
  return (source, argument) => {
    let answers = kept.get(source)
    if (!answers) {
      answers = recent(most)
      kept.set(source, answers)
    }
    const key = keyOf(argument)
    const known = answers.get(key)
    if (known) return known
    const result = compute(source, argument)
    answers.set(key, result)
    return result
  }
}
