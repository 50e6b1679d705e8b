/**
 * Remember what a pure function said by the facts it read.
 *
 * A rule reads few of a device's facts, and which ones depends on the answers so far: who asks about a maker that is
 * on no list never looks at the funding. So the reads of a run make a path in a tree, and a later call that has the
 * same values along a path gets the same answer without a run. Two calls that differ in a fact the function did
 * not read share their answer; that is the point, and is safe because nothing reaches the function but through it.
 */

type Facts = object
type Groups = Readonly<Record<string, Facts>>

interface Read {
  readonly group: string
  readonly field: string
}

interface Branching extends Read {
  readonly next: Map<unknown, Node<unknown>>
}

type Node<R> = Branching | { readonly result: R }

/**
 * The same function, remembering. Its argument is a record of plain objects; it may read their fields one by
 * one and may not list, test or change them (TypeError). A value that is an object counts by its JSON text.
 * When more than `most` answers are kept, all are forgotten.
 */
export function traced<G extends Groups, R>(compute: (groups: G) => R, most: number): (groups: G) => R {
  let root: Node<R> | undefined
  let kept = 0
  return (groups) => {
    let node = root
    while (node && 'next' in node) node = node.next.get(keyAt(groups, node)) as Node<R> | undefined
    if (node) return node.result
    const reads: (Read & { readonly value: unknown })[] = []
    const result = compute(watched(groups, reads))
    if (++kept > most) {
      root = undefined
      kept = 1
    }
    root = grafted(root, reads, result)
    return result
  }
}

function watched<G extends Groups>(groups: G, reads: (Read & { readonly value: unknown })[]): G {
  const refuse = () => {
    throw new TypeError('A traced function reads its facts one by one.')
  }
  const watch = (group: string, facts: Facts) => {
    const seen = new Set<string>()
    return new Proxy(facts, {
      get: (target, field) => {
        const name = String(field)
        if (!seen.has(name)) {
          seen.add(name)
          reads.push({ group, field: name, value: keyAt(groups, { group, field: name }) })
        }
        return target[field as keyof typeof target]
      },
      has: refuse,
      ownKeys: refuse,
      getOwnPropertyDescriptor: refuse,
      set: refuse,
      deleteProperty: refuse,
    })
  }
  return Object.fromEntries(Object.entries(groups).map(([group, facts]) => [group, watch(group, facts)])) as G
}

function keyAt(groups: Groups, { group, field }: Read): unknown {
  const value = (groups[group] as Record<string, unknown>)[field]
  // The mark keeps the text of an object apart from a string that reads the same.
  return typeof value === 'object' && value !== null ? `\0${JSON.stringify(value)}` : value
}

function grafted<R>(
  root: Node<R> | undefined,
  reads: readonly (Read & { readonly value: unknown })[],
  result: R,
): Node<R> {
  let grown: Node<R> = { result }
  // The path that is there already; below it a new branch hangs.
  let at = root
  let depth = 0
  let parent: Branching | undefined
  while (at && depth < reads.length) {
    const read = reads[depth]!
    if (!('next' in at) || at.group !== read.group || at.field !== read.field) {
      throw new Error('A traced function read other facts when it saw the same.')
    }
    parent = at
    at = at.next.get(read.value) as Node<R> | undefined
    depth++
  }
  for (let i = reads.length - 1; i >= depth; i--) {
    const { group, field, value } = reads[i]!
    grown = { group, field, next: new Map([[value, grown as Node<unknown>]]) }
  }
  if (!parent) return grown
  parent.next.set(reads[depth - 1]!.value, grown as Node<unknown>)
  return root!
}
