/** Clocks, medians and tables. Contenders take turns, so that a busy minute of the machine hits all of them. */

export interface Table {
  readonly title: string
  /** What a reader has to know to repeat or doubt it. */
  readonly notes?: readonly string[]
  readonly header: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** Milliseconds of one run. */
export async function time(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/**
 * Milliseconds of processor time of one run, over all threads of this process: what is left to compare when
 * others use the machine as well.
 */
export async function processorTime(work: () => unknown): Promise<number> {
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** The value below which the given share of the values lies (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN
}

/** Run every contender once a round, each round starting with another one. Gives the figures of each. */
export async function interleave<K extends string>(
  rounds: number,
  contenders: Readonly<Record<K, () => Promise<number>>>,
): Promise<Record<K, number[]>> {
  const names = Object.keys(contenders) as K[]
  const figures = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<K, number[]>
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(round + i) % names.length]!
      figures[name].push(await contenders[name]())
    }
  }
  return figures
}

/** Three significant digits, thousands grouped. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-'
  if (Math.abs(value) >= 1000) {
    const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 2)
    return (Math.round(value / unit) * unit).toLocaleString('en-US')
  }
  return String(Number(value.toPrecision(3)))
}

export function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`
}

/** `median (least-greatest)` of several passes. */
export function spread(values: readonly number[]): string {
  return `${figure(median(values))} (${figure(Math.min(...values))}-${figure(Math.max(...values))})`
}

export function printTable({ title, notes = [], header, rows }: Table): void {
  const lines = [header, ...rows].map((row) => row.map(String))
  const widths = header.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`
  console.log(`\n## ${title}`)
  for (const note of notes) console.log(note)
  console.log(`\n${line(lines[0]!)}`)
  console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  for (const cells of lines.slice(1)) console.log(line(cells))
}
