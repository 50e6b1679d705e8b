/**
 * The map of states as equal squares, so that Rhode Island is as easy to hit as Texas and the territories are there too.
 * Pure.
 */

/** Each row from west to east; the territories stand below. */
const GRID = [
  'AK .. .. .. .. .. .. .. .. .. ME',
  '.. .. .. .. .. .. .. .. .. VT NH',
  'WA ID MT ND MN IL WI MI NY RI MA',
  'OR NV WY SD IA IN OH PA NJ CT ..',
  'CA UT CO NE MO KY WV VA MD DE ..',
  '.. AZ NM KS AR TN NC SC DC .. ..',
  '.. .. .. OK LA MS AL GA .. .. ..',
  'HI .. .. TX .. .. .. .. FL .. ..',
  'AS GU MP .. .. .. .. .. PR VI ..',
]

export interface Tile {
  readonly code: string
  /** From 0, from the left and from the top. */
  readonly column: number
  readonly row: number
}

export const TILES: readonly Tile[] = GRID.flatMap((line, row) =>
  line.split(' ').flatMap((code, column) => (code === '..' ? [] : [{ code, column, row }])),
)
export const TILE_COLUMNS = 11
export const TILE_ROWS = GRID.length

export const STATE_NAMES: Readonly<Record<string, string>> = {
  AL: 'Alabama',
  AK: 'Alaska',
  AZ: 'Arizona',
  AR: 'Arkansas',
  CA: 'California',
  CO: 'Colorado',
  CT: 'Connecticut',
  DE: 'Delaware',
  FL: 'Florida',
  GA: 'Georgia',
  HI: 'Hawaii',
  ID: 'Idaho',
  IL: 'Illinois',
  IN: 'Indiana',
  IA: 'Iowa',
  KS: 'Kansas',
  KY: 'Kentucky',
  LA: 'Louisiana',
  ME: 'Maine',
  MD: 'Maryland',
  MA: 'Massachusetts',
  MI: 'Michigan',
  MN: 'Minnesota',
  MS: 'Mississippi',
  MO: 'Missouri',
  MT: 'Montana',
  NE: 'Nebraska',
  NV: 'Nevada',
  NH: 'New Hampshire',
  NJ: 'New Jersey',
  NM: 'New Mexico',
  NY: 'New York',
  NC: 'North Carolina',
  ND: 'North Dakota',
  OH: 'Ohio',
  OK: 'Oklahoma',
  OR: 'Oregon',
  PA: 'Pennsylvania',
  RI: 'Rhode Island',
  SC: 'South Carolina',
  SD: 'South Dakota',
  TN: 'Tennessee',
  TX: 'Texas',
  UT: 'Utah',
  VT: 'Vermont',
  VA: 'Virginia',
  WA: 'Washington',
  WV: 'West Virginia',
  WI: 'Wisconsin',
  WY: 'Wyoming',
  DC: 'District of Columbia',
  AS: 'American Samoa',
  GU: 'Guam',
  MP: 'Northern Mariana Islands',
  PR: 'Puerto Rico',
  VI: 'U.S. Virgin Islands',
}

/** A step of color: what is counted from `least` to `most`. */
export interface Step {
  readonly least: number
  readonly most: number
}

const STEPS = 5

/**
 * Up to five steps over the counts that are not zero, each with about as many states, so that one large state does not
 * make all others look alike. Equal counts have the same color.
 */
export function stepsOf(counts: readonly number[]): Step[] {
  const sorted = counts.filter((count) => count > 0).toSorted((a, b) => a - b)
  const distinct = [...new Set(sorted)]
  const steps: Step[] = []
  const wanted = Math.min(STEPS, distinct.length)
  let at = 0
  for (let step = 1; step <= wanted; step++) {
    const left = distinct.slice(at)
    if (left.length === 0) break
    // As many as there are still steps to come are left over for them.
    const room = left.slice(0, left.length - (wanted - step))
    const bound = sorted[Math.ceil((sorted.length * step) / wanted) - 1]!
    const chosen = step === wanted ? room : room.filter((count, i) => i === 0 || count <= bound)
    steps.push({ least: chosen[0]!, most: chosen.at(-1)! })
    at += chosen.length
  }
  return steps
}

/** 0 for none, then 1 for the lowest step. */
export function stepOf(steps: readonly Step[], count: number): number {
  return steps.findIndex(({ least, most }) => count >= least && count <= most) + 1
}

/** What fits into a tile; the exact number is in its label and in the table. */
export function shortCount(count: number): string {
  if (count < 100_000) return count.toLocaleString('en-US')
  return count < 1_000_000 ? `${Math.floor(count / 1000)}k` : `${Math.floor(count / 100_000) / 10}m`
}
