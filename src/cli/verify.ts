/** `camledger verify`: whether the archive of a snapshot is as it was signed. Needs no service and no database. */
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { KnownKey, Verified } from '../snapshots/verify.ts'
import { UsageError } from './errors.ts'
import type { CliParts } from './parts.ts'

/** Exit code when something was changed, or it is not known who signed. */
const NOT_GOOD = 5

interface VerifyOptions {
  readonly keys: string
  readonly json?: boolean
}

export function verifyCommand(command: Command, { print, exit }: CliParts): void {
  command
    .argument('<file>', 'the archive, as GET /v1/snapshots/{id}/archive gave it')
    .requiredOption(
      '--keys <file>',
      'the keys of the service, as /.well-known/camledger-keys.json gave them, or one public key as PEM',
    )
    .option('--json', 'print the result as JSON')
    .action(async (file: string, options: VerifyOptions) => {
      const result = await verified(file, await keysOf(options.keys))
      const { findings, manifest, key } = result
      if (options.json) {
        print(
          JSON.stringify({ ok: findings.length === 0, findings, key: key?.kid ?? null, manifest }, null, 2),
        )
      } else print(inWords(file, result))
      exit(findings.length === 0 ? 0 : NOT_GOOD)
    })
}

/** Only when it is needed: other commands start faster without it. */
const loadVerifier = () => import('../snapshots/verify.ts')

async function keysOf(path: string): Promise<KnownKey[]> {
  const { readKeys } = await loadVerifier()
  try {
    return readKeys(await readFile(path, 'utf8'))
  } catch (error) {
    throw new UsageError(`The keys in ${path} cannot be used: ${(error as Error).message}`)
  }
}

async function verified(file: string, keys: readonly KnownKey[]): Promise<Verified> {
  const { verifyArchive } = await loadVerifier()
  return verifyArchive(file, keys).catch((error: NodeJS.ErrnoException) => {
    throw error.code === undefined ? error : new UsageError(`${file} cannot be read: ${error.message}`)
  })
}

function inWords(file: string, { findings, manifest, key }: Verified): string {
  if (findings.length > 0) {
    return [`${file} is NOT good:`, ...findings.map((finding) => `  ${finding}`)].join('\n')
  }
  const { name, createdAt, createdBy, counts, register, knownAt, jurisdictions, program } = manifest!
  const days = [...new Set(jurisdictions.map(({ lawAsOf }) => lawAsOf))].sort()
  const law = days.length < 2 ? (days[0] ?? '-') : `${days[0]} to ${days.at(-1)}`
  return [
    `${file} is as it was signed.`,
    `  ${name}, made ${createdAt} by ${createdBy.label} (${createdBy.role}) with camledger ${program.version}`,
    `  ${counts.devices} devices and ${counts.findings} findings of ${counts.jurisdictions} jurisdictions`,
    `  register at ${register}, law of ${law}, known at ${knownAt}`,
    `  key ${key!.kid}${keyNote(key!)}`,
  ].join('\n')
}

function keyNote({ retiredAt, expiresAt }: KnownKey): string {
  if (expiresAt === undefined) return ' (given as PEM: when it was in use was not checked)'
  return retiredAt === null
    ? ''
    : ` (another took its place on ${retiredAt}; what it signed before stays good)`
}
