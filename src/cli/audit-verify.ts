/** Whether the audit trail in the database is as it was written. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { DirectoryInUseError } from '../db/embedded/lock.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { readConfig } from '../server/config.ts'
import { openExisting } from '../server/open-database.ts'
import { readAnchors } from '../tenancy/audit-anchors.ts'
import type { Finding } from '../tenancy/audit-chain.ts'
import { verifyAudit } from '../tenancy/audit-verify.ts'
import type { VerifyOptions } from './audit.ts'
import { UsageError } from './errors.ts'

/** Findings that `--json` lists; all are counted. */
const LISTED = 1_000

/** Exit code when something was changed, removed, moved, inserted or rewritten. */
const TAMPERED = 5

export async function runVerify(options: VerifyOptions, print: (text: string) => void): Promise<number> {
  const database = await openExisting(readConfig()).catch((error: unknown) => {
    if (error instanceof DirectoryInUseError) error.message += '\nVerify while the service is stopped.'
    throw error
  })
  try {
    const listed: Finding[] = []
    const result = await verifyAudit(database, anchorsOf(options.anchors), (finding) => {
      if (!options.json) print(describe(finding))
      else if (listed.length < LISTED) listed.push(finding)
    })
    if (options.anchors !== undefined && result.anchors === 0) {
      throw new UsageError(
        `${options.anchors} holds no heads: is it the log of the service, one JSON object a line?`,
      )
    }
    const { chains, entries, anchors, findings } = result
    if (options.json)
      print(JSON.stringify({ ok: findings === 0, ...result, listed: listed.map(written) }, null, 2))
    else {
      const compared = options.anchors === undefined ? '' : `, compared with ${anchors} heads of the log`
      print(
        `${entries} entries in ${chains} chains${compared}: ${findings === 0 ? 'all as they were written.' : `${findings} findings.`}`,
      )
      if (options.anchors === undefined)
        print('Whoever owns the database can work a chain out anew; compare with the log: --anchors <file>.')
    }
    return findings === 0 ? 0 : TAMPERED
  } finally {
    await database.close()
  }
}

async function* anchorsOf(file: string | undefined) {
  if (file === undefined) return
  const input = file === '-' ? process.stdin : createReadStream(file)
  // readline swallows the error of its input.
  const failed = new Promise<never>((_, reject) => {
    input.once('error', reject)
  })
  failed.catch(() => {})
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]()
  const read = readAnchors({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.race([lines.next(), failed]) }),
  })
  yield* read
}

function written({ jurisdictionId, ...finding }: Finding) {
  return { ...finding, jurisdictionId: jurisdictionId === OPERATOR_ID ? null : jurisdictionId }
}

function describe({ kind, jurisdictionId, sequence, entryId, message }: Finding): string {
  const chain =
    jurisdictionId === OPERATOR_ID ? 'the operator’s chain' : `the chain of jurisdiction ${jurisdictionId}`
  const place = sequence === null ? '' : `, entry ${sequence}`
  return `${kind.toUpperCase()}  ${chain}${place}${entryId === null ? '' : `, id ${entryId}`}: ${message}`
}
