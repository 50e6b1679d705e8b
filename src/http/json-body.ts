/** Bodies that are JSON: UTF-8, well-formed, and each name once in an object (RFC 8259). Pure. */
import { DomainError, type FieldProblem } from './problems.ts'

/** How many names that are given twice an answer lists. */
const LISTED_MOST = 20

/**
 * The text of a JSON body. Throws `unsupported-media-type` for another charset than UTF-8, and `malformed-body` for
 * bytes that are not UTF-8: what cannot be read must not come in as something else.
 */
export function jsonText(body: Buffer, contentType: string | undefined): string {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase()
  if (charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset)) {
    throw new DomainError(
      'unsupported-media-type',
      'JSON is read as UTF-8; send it so, or leave charset out.',
    )
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new DomainError('malformed-body', 'The body is not UTF-8.')
  }
}

/** The refusal of a body that the parser does not take. */
export function unreadable(cause: Error): DomainError {
  return new DomainError(
    'malformed-body',
    'The body is not well-formed JSON, or has a field "__proto__", which no body may have.',
    { cause },
  )
}

/** Throws `malformed-body` when an object names a field twice: one of the two would be lost. `text` is JSON. */
export function assertNamesOnce(text: string): void {
  const { errors, count } = duplicates(text)
  if (count === 0) return
  throw new DomainError('malformed-body', 'A field is given twice; give it once.', {
    errors,
    errorsOmitted: count - errors.length,
  })
}

interface Level {
  /** Names so far; null in an array. */
  readonly names: string[] | null
  name: string | number
}

/** Objects with more names than this are looked through with a set. */
const SMALL = 16

function duplicates(text: string): { readonly errors: readonly FieldProblem[]; readonly count: number } {
  const errors: FieldProblem[] = []
  let count = 0
  const levels: Level[] = []
  const sets = new Map<Level, Set<string>>()
  let top: Level | undefined
  let isName = false
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x7b: // {
        top = { names: [], name: '' }
        levels.push(top)
        isName = true
        break
      case 0x5b: // [
        top = { names: null, name: 0 }
        levels.push(top)
        isName = false
        break
      case 0x7d: // }
      case 0x5d: // ]
        if (top) sets.delete(top)
        levels.pop()
        top = levels.at(-1)
        isName = false
        break
      case 0x2c: // ,
        if (typeof top?.name === 'number') top.name++
        else isName = true
        break
      case 0x22: {
        const end = endOfString(text, i)
        if (isName && top?.names) {
          const raw = text.slice(i + 1, end)
          const name = raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw
          top.name = name
          if (isKnown(top, name, sets) && ++count <= LISTED_MOST) {
            errors.push({ pointer: pointerTo(levels), code: 'duplicate-name', message: 'is given twice' })
          }
          isName = false
        }
        i = end
        break
      }
    }
  }
  return { errors, count }
}

function isKnown(level: Level, name: string, sets: Map<Level, Set<string>>): boolean {
  const names = level.names!
  if (names.length < SMALL) {
    if (names.includes(name)) return true
    names.push(name)
    return false
  }
  let set = sets.get(level)
  if (!set) {
    set = new Set(names)
    sets.set(level, set)
  }
  if (set.has(name)) return true
  set.add(name)
  return false
}

/** The place of the closing quote; `start` is the opening one. */
function endOfString(text: string, start: number): number {
  for (let end = start + 1; ; end++) {
    end = text.indexOf('"', end)
    if (end === -1) return text.length
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++
    if (backslashes % 2 === 0) return end
  }
}

function pointerTo(levels: readonly Level[]): string {
  return levels.map(({ name }) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
