/** Commands of a document, run as a reader would run them, against a service of the test. */
import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

export interface Block {
  readonly language: string
  readonly text: string
}

/** Fenced blocks of a document or a part of it, in their order. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language, text]) => ({
    language: language!,
    text: text!,
  }))
}

/** One command a line: a line that ends with a backslash goes on. */
function commandsIn(text: string): string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

export interface Ran {
  readonly command: string
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface ReaderOptions {
  /** Where the service listens, such as `localhost:4711`. */
  readonly address: string
  readonly adminKey: string
  /** A folder of the reader's own, made anew. */
  readonly folder: string
  /** The checkout; its `build` and `examples` are seen from the folder. */
  readonly root: string
}

/**
 * A shell that remembers what was exported and defined. `<id...>` and `clk_...` stand for the id and the key that an
 * answer before has shown; the first key is the admin's.
 */
export function reader({ address, adminKey, folder, root }: ReaderOptions) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const name of ['build', 'examples']) symlinkSync(join(root, name), join(folder, name))
  const remembered: string[] = []
  let id = ''
  let key = adminKey

  async function run(line: string): Promise<Ran> {
    const command = line
      .replaceAll('localhost:8080', address)
      .replaceAll(/<id[^>]*>/g, id)
      .replaceAll('clk_...', key)
    if (/^export |^\w+\(\) \{/.test(command)) {
      remembered.push(command)
      return { command, code: 0, stdout: '', stderr: '' }
    }
    // The test runner would give each command loaders of its own.
    const script = ['unset NODE_OPTIONS', 'set -o pipefail', ...remembered, command].join('\n')
    const ran = await execute('bash', ['--norc', '-c', script], { cwd: folder, maxBuffer: 64 * 1024 * 1024 })
      .then(({ stdout, stderr }) => ({ code: 0, stdout, stderr }))
      .catch((error: { code: number; stdout: string; stderr: string }) => error)
    const { code, stdout, stderr } = ran
    id = /"id":"([0-9a-f-]{36})"/.exec(stdout)?.[1] ?? id
    key = /"key":"(clk_[^"]+)"/.exec(stdout)?.[1] ?? key
    return { command, code, stdout, stderr }
  }

  return async (block: string): Promise<Ran[]> => {
    const ran: Ran[] = []
    for (const line of commandsIn(block)) ran.push(await run(line))
    return ran
  }
}

/** What of a shown answer does not hold, or null. `"..."` stands for anything; fields may be left out. */
export function differs(shown: unknown, given: unknown, place = ''): string | null {
  if (shown === '...') return given === undefined ? `${place} is missing` : null
  if (Array.isArray(shown)) {
    if (!Array.isArray(given)) return `${place} is no list`
    return firstOf(shown.map((one, i) => differs(one, given[i], `${place}/${i}`)))
  }
  if (typeof shown === 'object' && shown !== null) {
    const fields = (given ?? {}) as Record<string, unknown>
    return firstOf(Object.entries(shown).map(([name, one]) => differs(one, fields[name], `${place}/${name}`)))
  }
  return shown === given ? null : `${place} is ${JSON.stringify(given)}, not ${JSON.stringify(shown)}`
}

const firstOf = (all: readonly (string | null)[]) => all.find((one) => one !== null) ?? null
