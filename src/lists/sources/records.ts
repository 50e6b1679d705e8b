/** Streams XML as records: each element of a wanted name becomes a small tree, and nothing else is kept. Pure. */
import { SaxesParser } from 'saxes'
import { Unreadable } from '../model/entry.ts'

/** An element with what is in it. */
export interface Node {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Node[]
  text: string
}

interface RecordOptions {
  /** The outermost element, and where it has to come from; null for none. */
  readonly root: string | readonly string[]
  readonly namespaces: readonly string[] | null
  /** Names of the elements that are read as a whole. */
  readonly records: ReadonlySet<string>
  readonly onRecord: (node: Node) => void
  /** Cells of prose: what stands inside of one is its text, in the order in which it is read, a line for each break. */
  readonly prose?: ReadonlySet<string>
  /** Elements on the way to a record. */
  readonly onOpen?: (node: Omit<Node, 'children' | 'text'>) => void
}

/** Of a record no list has as many letters, and a file that is one endless element must not fill the memory. */
const MOST_LETTERS = 2_000_000
/** No list is as deep, and to find the namespace of an element takes longer the deeper it is. */
const MOST_DEPTH = 100

/** Begin a line of their own. */
const BREAKS: ReadonlySet<string> = new Set(['br', 'p', 'fp'])

export function xmlRecords({ root, namespaces, records, prose, onRecord, onOpen }: RecordOptions) {
  const parser = new SaxesParser({ xmlns: true })
  const open: Node[] = []
  let letters = 0
  let depth = 0
  /** How deep inside a cell of prose. */
  let inProse = 0
  let hasRoot = false
  parser.on('error', (error) => {
    throw new Unreadable(
      /unclosed|unexpected end/i.test(error.message) ? 'truncated' : 'wrong-format',
      `The file is no well-formed XML: ${error.message}`,
    )
  })
  parser.on('opentag', ({ local, uri, attributes: given }) => {
    if (!hasRoot) {
      hasRoot = true
      assertRoot({ local, uri }, [root].flat(), namespaces)
    }
    if (++depth > MOST_DEPTH)
      throw new Unreadable('wrong-format', 'Elements stand deeper in one another than in any list.')
    const cell = open.at(-1)
    if (cell && prose?.has(cell.name)) {
      inProse++
      if (BREAKS.has(local.toLowerCase())) cell.text += '\n'
      return
    }
    const attributes = Object.fromEntries(Object.values(given).map((one) => [one.local, one.value]))
    const node: Node = { name: local, attributes, children: [], text: '' }
    const parent = open.at(-1)
    if (parent) parent.children.push(node)
    if (parent || records.has(local)) open.push(node)
    else onOpen?.(node)
  })
  parser.on('text', (text) => {
    const node = open.at(-1)
    if (!node) return
    letters += text.length
    if (letters > MOST_LETTERS)
      throw new Unreadable('wrong-format', 'One record has more text than any list has.')
    node.text += text
  })
  parser.on('closetag', () => {
    depth--
    if (inProse > 0) {
      inProse--
      return
    }
    const node = open.pop()
    if (!node || open.length > 0) return
    letters = 0
    onRecord(node)
  })
  return {
    write: (text: string) => void parser.write(text),
    end: () => {
      if (!hasRoot) throw new Unreadable('wrong-format', 'The file has no XML in it.')
      parser.close()
    },
  }
}

function assertRoot(
  { local, uri }: { readonly local: string; readonly uri: string },
  roots: readonly string[],
  namespaces: readonly string[] | null,
): void {
  if (!roots.includes(local))
    throw new Unreadable('wrong-format', `The file is a "${local}" and not a "${roots.join('" or "')}".`)
  if (namespaces !== null && !namespaces.includes(uri))
    throw new Unreadable(
      'wrong-namespace',
      `The namespace of the file is "${uri}"; this list comes as ${namespaces.join(' or ')}.`,
    )
}

export const childrenOf = (node: Node | undefined, name: string): Node[] =>
  node?.children.filter((child) => child.name === name) ?? []

export const childOf = (node: Node | undefined, name: string): Node | undefined =>
  node?.children.find((child) => child.name === name)

/** The text of a child, without blanks around it; null when there is none. */
export function textIn(node: Node | undefined, name: string): string | null {
  const text = childOf(node, name)?.text.trim() ?? ''
  return text === '' ? null : text
}
