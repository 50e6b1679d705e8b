/** Remember what a pure function said, by a key of its argument. */

/**
 * The same function, remembering for each source the answers to the last `most` to `2 * most` arguments. `keyOf` must
 * tell arguments apart wherever the function does; answers are shared, so nobody may change them. What a source's
 * answers take is given back with the source.
 */
export function remembered<S extends object, A, R extends object>(
  say: (source: S, argument: A) => R,
  keyOf: (argument: A) => string,
  most: number,
): (source: S, argument: A) => R {
  const kept = new WeakMap<S, { young: Map<string, R>; old: Map<string, R> }>()
  return (source, argument) => {
    let generations = kept.get(source)
    if (!generations) {
      generations = { young: new Map(), old: new Map() }
      kept.set(source, generations)
    }
    const key = keyOf(argument)
    const young = generations.young.get(key)
    if (young) return young
    const said = generations.old.get(key) ?? say(source, argument)
    if (generations.young.size >= most) {
      generations.old = generations.young
      generations.young = new Map()
    }
    generations.young.set(key, said)
    return said
  }
}
