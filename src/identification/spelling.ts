/**
 * How far a word is from a name, in letters, and how to find the names that are near at all.
 *
 * Optimal string alignment with weights: what fingers and ears confuse costs less than one letter. Candidates
 * come from a deletion index in the manner of SymSpell, taken of a prefix so that long names stay cheap.
 */

/** One repaired letter; `to` is what the catalog writes. Empty `from` was missing, empty `to` was too much. */
export interface Edit {
  readonly op: 'substitute' | 'insert' | 'delete' | 'transpose' | 'word'
  readonly from: string
  readonly to: string
  readonly cost: number
}

/** Deletions are taken of this many first letters only. */
const PREFIX_LETTERS = 7

/** The prefix with up to one letter left out, two for names of ten letters and more. */
export function deletionsOf(text: string, letters: number): Set<string> {
  const prefix = text.slice(0, PREFIX_LETTERS)
  const out = new Set([prefix])
  for (let at = 1; at < prefix.length; at++) {
    const once = prefix.slice(0, at) + prefix.slice(at + 1)
    out.add(once)
    if (letters < 10) continue
    for (let next = at; next < once.length; next++) out.add(once.slice(0, next) + once.slice(next + 1))
  }
  return out
}

/** How much misspelling a name of so many letters bears. */
export function budget(letters: number): number {
  if (letters <= 3) return 0
  if (letters === 4) return 0.5
  if (letters === 5) return 0.7
  if (letters <= 9) return 1
  return letters <= 12 ? 1.7 : 2.2
}

const CONFUSED = new Set(
  'ae ea ei ie iy yi ou uo ao oa ck kc sz zs vw wv mn nm il li bp pb dt td gj jg kq qk cs sc ui iu ey ye'.split(
    ' ',
  ),
)
const SWAPPED = 0.7
export const DOUBLED = 0.5
const CONFUSABLE = 0.6

const rows = [new Float64Array(64), new Float64Array(64), new Float64Array(64)] as const

/** Weighted optimal string alignment distance; infinity when above `limit`. */
export function distance(a: string, b: string, limit: number): number {
  if (a.length > 60 || b.length > 60) return Number.POSITIVE_INFINITY
  let [before, last, row] = rows as unknown as [Float64Array, Float64Array, Float64Array]
  let lastLeast = 0
  last[0] = 0
  for (let j = 1; j <= b.length; j++) last[j] = (last[j - 1] as number) + insertCost(b, j - 1)
  for (let i = 1; i <= a.length; i++) {
    row[0] = (last[0] as number) + insertCost(a, i - 1)
    let least = row[0]
    for (let j = 1; j <= b.length; j++) {
      let cost = (last[j - 1] as number) + substituteCost(a, i - 1, b, j - 1)
      cost = Math.min(
        cost,
        (last[j] as number) + insertCost(a, i - 1),
        (row[j - 1] as number) + insertCost(b, j - 1),
      )
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] && a[i - 1] !== a[i - 2]) {
        cost = Math.min(cost, (before[j - 2] as number) + SWAPPED)
      }
      row[j] = cost
      if (cost < least) least = cost
    }
    // A swap reaches over one row, so both rows must be out of reach.
    if (Math.min(least, lastLeast + SWAPPED) > limit + 1e-9) return Number.POSITIVE_INFINITY
    lastLeast = least
    const spare = before
    before = last
    last = row
    row = spare
  }
  const total = last[b.length] as number
  return total > limit + 1e-9 ? Number.POSITIVE_INFINITY : total
}

/** A letter too many or too few; cheaper when it doubles its neighbor. */
function insertCost(text: string, at: number): number {
  return at > 0 && text[at] === text[at - 1] ? DOUBLED : 1
}

function substituteCost(a: string, i: number, b: string, j: number): number {
  if (a[i] === b[j]) return 0
  return CONFUSED.has(`${a[i]}${b[j]}`) ? CONFUSABLE : 1
}

/** The repairs behind `distance`, first letter first. */
export function editsBetween(from: string, to: string): Edit[] {
  const table = Array.from({ length: from.length + 1 }, () => new Float64Array(to.length + 1))
  const at = (i: number, j: number) => (table[i] as Float64Array)[j] as number
  const set = (i: number, j: number, value: number) => {
    ;(table[i] as Float64Array)[j] = value
  }
  const isSwap = (i: number, j: number) =>
    i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1] && from[i - 1] !== from[i - 2]
  for (let i = 1; i <= from.length; i++) set(i, 0, at(i - 1, 0) + insertCost(from, i - 1))
  for (let j = 1; j <= to.length; j++) set(0, j, at(0, j - 1) + insertCost(to, j - 1))
  for (let i = 1; i <= from.length; i++) {
    for (let j = 1; j <= to.length; j++) {
      const swapped = isSwap(i, j) ? at(i - 2, j - 2) + SWAPPED : Number.POSITIVE_INFINITY
      const substituted = at(i - 1, j - 1) + substituteCost(from, i - 1, to, j - 1)
      const deleted = at(i - 1, j) + insertCost(from, i - 1)
      const inserted = at(i, j - 1) + insertCost(to, j - 1)
      set(i, j, Math.min(swapped, substituted, deleted, inserted))
    }
  }
  const edits: Edit[] = []
  const near = (x: number, y: number) => Math.abs(x - y) < 1e-9
  let i = from.length
  let j = to.length
  while (i > 0 || j > 0) {
    const cost = at(i, j)
    if (isSwap(i, j) && near(cost, at(i - 2, j - 2) + SWAPPED)) {
      edits.push({ op: 'transpose', from: from.slice(i - 2, i), to: to.slice(j - 2, j), cost: SWAPPED })
      i -= 2
      j -= 2
    } else if (i > 0 && j > 0 && near(cost, at(i - 1, j - 1) + substituteCost(from, i - 1, to, j - 1))) {
      const step = substituteCost(from, i - 1, to, j - 1)
      if (step > 0)
        edits.push({ op: 'substitute', from: from[i - 1] as string, to: to[j - 1] as string, cost: step })
      i--
      j--
    } else if (i > 0 && near(cost, at(i - 1, j) + insertCost(from, i - 1))) {
      edits.push({ op: 'delete', from: from[i - 1] as string, to: '', cost: insertCost(from, i - 1) })
      i--
    } else {
      edits.push({ op: 'insert', from: '', to: to[j - 1] as string, cost: insertCost(to, j - 1) })
      j--
    }
  }
  return edits.reverse()
}
