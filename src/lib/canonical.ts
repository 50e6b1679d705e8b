/**
 * The same text for the same data, whatever the order of its keys: RFC 8785, but for halves of characters that a feed may
 * hold, which are written as JSON writes them.
 */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
