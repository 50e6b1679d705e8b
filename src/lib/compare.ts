/** Orders for `toSorted`. */

/** By a text of each value, in the order of its code units. */
export function byText<T>(key: (value: T) => string): (a: T, b: T) => number {
  return (a, b) => {
    const [textA, textB] = [key(a), key(b)]
    return textA < textB ? -1 : textA > textB ? 1 : 0
  }
}
