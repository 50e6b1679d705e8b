/** How fast a cell is resolved to a vendor. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Relationship, Vendor } from '../src/catalogue/vendors.ts'
import { buildMatcher } from '../src/identification/match/matcher.ts'
import { sfc32 } from '../src/planning/estimate/model/random.ts'
import { DATA } from '../src/server/paths.ts'
import { figure, interleave, percentile, printTable, processorTime, spread, time } from './measure.ts'

const SINGLE = 30_000
const BULK = 50_000
const ROUNDS = 3

const read = <T>(file: string) => (JSON.parse(readFileSync(join(DATA, file), 'utf8')) as { items: T[] }).items

export async function names(): Promise<void> {
  const vendors = read<Vendor>('vendors.json')
  const relationships = read<Relationship>('relationships.json')
  // A copy of the catalog has no memory of the cells of the one before.
  const fresh = () => buildMatcher([...vendors], undefined, [...relationships])
  const cells = distinctCells(vendors, BULK)

  const matcher = fresh()
  for (const cell of cells.slice(-5000)) matcher.match(cell)
  const micros: number[] = []
  for (const cell of cells.slice(0, SINGLE)) {
    const start = process.hrtime.bigint()
    matcher.match(cell)
    micros.push(Number(process.hrtime.bigint() - start) / 1000)
  }
  printTable({
    title: 'Names: one cell that was never seen before',
    notes: [`${SINGLE} distinct cells: catalog names misspelt, decorated, abbreviated, and names of nobody.`],
    header: ['p50 µs', 'p90 µs', 'p99 µs', 'p99.9 µs', 'worst µs', 'aim'],
    rows: [
      [...[0.5, 0.9, 0.99, 0.999, 1].map((share) => figure(percentile(micros, share))), 'p99 under 1,000 µs'],
    ],
  })

  const draws = sfc32(7)
  // A national file: few spellings are very common, most are rare.
  const repeating = Array.from({ length: BULK }, () => {
    const rank = Math.floor(3000 ** (draws() / 2 ** 32)) - 1
    return cells[rank]!
  })
  const processor: Record<'distinct' | 'repeating', number[]> = { distinct: [], repeating: [] }
  const perSecond = (kind: 'distinct' | 'repeating', texts: readonly string[]) => async () => {
    const cold = fresh()
    let millis = 0
    const busy = await processorTime(async () => {
      millis = await time(() => cold.matchMany(texts))
    })
    processor[kind].push(texts.length / (busy / 1000))
    return texts.length / (millis / 1000)
  }
  const rates = await interleave(ROUNDS, {
    distinct: perSecond('distinct', cells),
    repeating: perSecond('repeating', repeating),
  })
  const row = (kind: 'distinct' | 'repeating', aim: string) => [
    kind,
    spread(rates[kind]),
    spread(processor[kind]),
    aim,
  ]
  printTable({
    title: 'Names: bulk, by a matcher that has seen nothing',
    notes: [
      `${BULK} cells a pass, ${ROUNDS} passes; repeating ones hold ${new Set(repeating).size} spellings.`,
    ],
    header: ['cells', 'names/s, median (least-greatest)', 'names per processor second', 'aim'],
    rows: [row('distinct', '20,000'), row('repeating', '100,000')],
  })
}

/** Cells as people type them: every name of the catalog, bent, and names that nobody has. */
function distinctCells(vendors: readonly Vendor[], count: number): string[] {
  const draws = sfc32(1)
  const one = <T>(from: readonly T[]): T => from[draws() % from.length]!
  const known = vendors.flatMap((vendor) => vendor.names.map((name) => name.text))
  const syllables = 'ka lo mi ser tek vi no ra cam sec gu bel tor ix an dor wes ply qu en'.split(' ')
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  const bends: ((text: string) => string)[] = [
    (text) => text.toUpperCase(),
    (text) => text.toLowerCase(),
    (text) => `${text} ${one(['Inc.', 'Co., Ltd', 'Technologies', 'Security', 'USA', 'Systems', 'Corp'])}`,
    (text) => `${text} ${one(['IP camera', 'PTZ', 'dome 4MP', 'NVR', 'bullet cam'])}`,
    (text) => `${text} ${one(['DS-', 'IPC-', 'P', 'QNV-', 'M'])}${draws() % 10_000}`,
    (text) => {
      const at = draws() % text.length
      return text.slice(0, at) + text.slice(at + 1)
    },
    (text) => {
      const at = draws() % text.length
      return text.slice(0, at) + one([...letters]) + text.slice(at)
    },
    (text) => {
      const at = draws() % Math.max(1, text.length - 1)
      return text.slice(0, at) + (text[at + 1] ?? '') + (text[at] ?? '') + text.slice(at + 2)
    },
    () => Array.from({ length: 2 + (draws() % 3) }, () => one(syllables)).join(''),
    () => `${one(syllables)}${one(syllables)} ${one(['Video', 'Security', 'Systems', 'Electronics', 'LLC'])}`,
  ]
  const cells = new Set<string>()
  while (cells.size < count) {
    let text = one(known)
    for (let bent = 1 + (draws() % 3); bent > 0; bent--) text = one(bends)(text)
    if (text.trim() !== '') cells.add(text)
  }
  return [...cells]
}
