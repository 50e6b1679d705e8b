/** Pages of what is in memory, in the order of the ids. Pure. */
import {
  type CursorValue,
  decodeCursor,
  encodeCursor,
  type Page,
  type PageAsked,
  TEXT_PART,
} from './pages.ts'

/** Whether a filter that may name several values lets one of these through; one that names none lets all through. */
export function isAmong(wanted: readonly string[], ...values: readonly string[]): boolean {
  return wanted.length === 0 || values.some((value) => wanted.includes(value))
}

/** Reads pages of the items that are left. */
export function pagesInMemory<T extends { readonly id: string }>(
  items: readonly T[],
  isLeft: (item: T) => boolean,
): (page: PageAsked) => Promise<Page<T>> {
  const sorted = items.filter(isLeft).sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  return async ({ limit, cursor, question }) => {
    const last: CursorValue = cursor === undefined ? null : decodeCursor(cursor, question, [TEXT_PART])[0]!
    const rest = last === null ? sorted : sorted.filter((item) => item.id > String(last))
    const shown = rest.slice(0, limit)
    return {
      items: shown,
      nextCursor: rest.length > limit ? encodeCursor([shown.at(-1)!.id], question) : null,
    }
  }
}
