/**
 * A copy that shares nothing with the text it was read from. A piece that is cut out of a text keeps all of the text in
 * memory: a name of twenty letters the 64 KB in which it came. What is held until the end of a file is held so. Pure.
 */
export const detached = <T>(value: T): T =>
  value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T)
