/** Streams `{"results": [{...}, {...}], ...}`: each item as it is complete, and at the end what stood around them. Pure. */
import { Unreadable } from '../model/entry.ts'

/** Of a record no list has as many letters, and a file that is one endless text must not fill the memory. */
const MOST_LETTERS = 2_000_000

export interface JsonItems {
  write(text: string): void
  /** What stood around the items, each list of items empty. Throws `Unreadable` for a file that broke off. */
  end(): unknown
}

const [QUOTE, BACKSLASH, COMMA] = [34, 92, 44]
const OPENING: ReadonlySet<number> = new Set([91, 123])
const CLOSING: ReadonlySet<number> = new Set([93, 125])
const LIST = /"results"\s*:\s*$/
/** `{` and `[` of the document; what begins inside of them is an item. */
const OUTSIDE = 2

export function jsonItems(onItem: (item: unknown, index: number) => void): JsonItems {
  let depth = 0
  let index = 0
  /** Whether what is open is the list of items. */
  let isWanted = false
  let inText = false
  let isEscaped = false
  /** Of the item that is read, in pieces as they came. */
  let item = ''
  let around = ''

  function write(text: string): void {
    let from = 0
    const keep = (to: number) => {
      if (isWanted && depth > OUTSIDE) item += text.slice(from, to)
      else around += text.slice(from, to)
      from = to
      if (Math.max(item.length, around.length) > MOST_LETTERS)
        throw new Unreadable('wrong-format', 'One record has more text than any list has.')
    }
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (inText) {
        if (isEscaped) isEscaped = false
        else if (code === BACKSLASH) isEscaped = true
        else if (code === QUOTE) inText = false
      } else if (code === QUOTE) inText = true
      else if (OPENING.has(code)) {
        if (depth <= OUTSIDE) keep(i)
        if (depth === 1) isWanted = LIST.test(around.slice(-40)) && text[i] === '['
        depth++
      } else if (CLOSING.has(code)) {
        if (isWanted && depth === OUTSIDE + 1) {
          keep(i + 1)
          onItem(parsed(item), index++)
          item = ''
        }
        depth--
      } else if (code === COMMA && isWanted && depth === OUTSIDE) {
        // Between items that are taken out of the list.
        keep(i)
        from = i + 1
      }
    }
    keep(text.length)
  }

  return {
    write,
    end: () => {
      if (depth !== 0) throw BROKEN_OFF
      return parsed(around)
    },
  }
}

const BROKEN_OFF = new Unreadable('truncated', 'The file is no well-formed JSON; it may have broken off.')

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw BROKEN_OFF
  }
}
