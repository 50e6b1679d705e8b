/** What is remembered belongs to a value, such as a version of the law, and is given back with it; or it is bounded. */

import { LRUCache } from 'lru-cache'

/** The same function, run once for each value it is asked about. What it gave goes when the value goes. */
export function memoryOf<S extends object, M extends NonNullable<unknown>>(
  make: (source: S) => M,
): (source: S) => M {
  const made = new WeakMap<S, M>()
  return (source) => {
    let memory = made.get(source)
    if (memory === undefined) {
      memory = make(source)
      made.set(source, memory)
    }
    return memory
  }
}

/**
 * The same function, remembering for each source the answers to the last arguments: as many as are together no larger
 * than `most`, each of the size that `sizeOf` gives (1, unless said). `keyOf` must tell arguments apart wherever the
 * function does; answers are shared, so nobody may change them.
 */
export function remembered<S extends object, A, R extends object>(
  compute: (source: S, argument: A) => R,
  keyOf: (argument: A) => string,
  most: number,
  sizeOf: (answer: R) => number = () => 1,
): (source: S, argument: A) => R {
  const answersOf = memoryOf((_: S) => new LRUCache<string, R>({ maxSize: most, sizeCalculation: sizeOf }))
  return (source, argument) => getOrMake(answersOf(source), keyOf(argument), () => compute(source, argument))
}

/** What is kept under the key, or what `make` gives, kept from now on. */
export function getOrMake<V extends object>(kept: LRUCache<string, V>, key: string, make: () => V): V {
  const known = kept.get(key)
  if (known !== undefined) return known
  const value = make()
  kept.set(key, value)
  return value
}
