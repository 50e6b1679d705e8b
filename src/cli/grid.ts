/** Tables for a terminal. */
import { onOneLine } from './text.ts'

/** A table in columns as wide as they need to be, at most 34 characters each but for the last. */
export function grid(rows: readonly (readonly string[])[]): string {
  const most = Math.max(...rows.map((row) => row.length))
  const widths = Array.from({ length: most }, (_, i) =>
    Math.min(34, Math.max(...rows.map((row) => (row.length === most ? (row[i]?.length ?? 0) : 0)))),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => {
        const plain = onOneLine(cell)
        if (i === row.length - 1) return plain
        return (plain.length > widths[i]! ? `${plain.slice(0, widths[i]! - 1)}…` : plain).padEnd(widths[i]!)
      })
      .join('  ')
      .trimEnd()
  const [head, ...body] = rows
  return [line(head!), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(line)].join('\n')
}
