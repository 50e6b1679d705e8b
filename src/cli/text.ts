import { basename, relative } from 'node:path'

/** How this program was called, so that a command that it prints can be run: `camledger`, or node with the file. */
export function ownCommand(script = process.argv[1] ?? 'camledger', folder = process.cwd()): string {
  if (!script.endsWith('.js')) return basename(script)
  const inside = relative(folder, script)
  const path = inside.startsWith('..') ? script : inside
  return `node ${path.includes(' ') ? JSON.stringify(path) : path}`
}

/** Text of a file as a terminal may show it: without control characters, which could move the cursor or worse. */
export function onOneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ')
}
