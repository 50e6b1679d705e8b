/** Commands one after another in one process, each to its end as `cli.ts` does it. Their arguments come as JSON on standard input. */
import { text } from 'node:stream/consumers'
import { explain } from '../../src/cli/errors.ts'
import { main } from '../../src/cli/main.ts'

async function outcomeOf(args: readonly string[]) {
  const said = { stdout: '', stderr: '' }
  const streams = ['stdout', 'stderr'] as const
  const own = streams.map((name) => process[name].write)
  for (const name of streams) {
    process[name].write = (chunk: string | Uint8Array) => {
      said[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
      return true
    }
  }
  let code: number
  try {
    code = await main(args)
  } catch (error) {
    const told = explain(error)
    if (told.message !== '') process.stderr.write(`${told.message}\n`)
    code = told.code
  } finally {
    for (const [i, name] of streams.entries()) process[name].write = own[i]!
  }
  return { code, signal: null, ...said }
}

const outcomes = []
for (const args of JSON.parse(await text(process.stdin)) as string[][]) outcomes.push(await outcomeOf(args))
process.stdout.write(JSON.stringify(outcomes))
