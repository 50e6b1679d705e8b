/** Writes answers down, one JSON object a line, for `tools/examples.mjs`; only where API_EXAMPLES names a file. */
import { appendFileSync } from 'node:fs'

export interface Answered {
  readonly method: string
  readonly url: string
  readonly body: unknown
  readonly status: number
  readonly type: string
  readonly text: string
}

/** Characters of an answer: a longer one is no example. */
const MOST = 60_000

export function noteAnswer(answered: Answered): void {
  const file = process.env.API_EXAMPLES
  if (file === undefined || answered.status >= 400) return
  appendFileSync(file, `${JSON.stringify({ ...answered, text: answered.text.slice(0, MOST) })}\n`)
}
