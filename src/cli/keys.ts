/** `camledger keys`: API keys, straight in the database. */
import { type Command, Option } from 'commander'
import { OPERATOR } from '../tenancy/actor.ts'
import { ROLES } from '../tenancy/principal.ts'
import { UsageError } from './errors.ts'
import { type CliParts, uuid } from './parts.ts'

const loadKeys = () => import('../tenancy/keys.ts')

const WHILE_SERVING = 'While the service runs, make and revoke keys through it: /v1/keys.'

interface KeyOptions {
  readonly label: string
  readonly role: (typeof ROLES)[number]
  readonly jurisdiction?: string
  readonly jurisdictions?: string
  readonly expires?: string
}

export function keysCommands(command: Command, parts: CliParts): void {
  const { now, print, withDatabase } = parts
  command
    .command('create')
    .description('make a key and print it once')
    .requiredOption('--label <text>', 'who or what uses it')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .option('--jurisdiction <id>', 'city roles: the one jurisdiction', uuid)
    .option('--jurisdictions <ids>', 'federal-reviewer: ids separated by commas, or all')
    .option('--expires <instant>', 'RFC 3339, such as 2027-06-30T00:00:00Z')
    .action(async (options: KeyOptions) => {
      await runCreateKey(options, parts)
    })
  command
    .command('list')
    .description('list keys, without the keys themselves')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      await withDatabase(WHILE_SERVING, async ({ database }) => {
        const all = await database.asOperator((await loadKeys()).listKeys)
        if (json) return print(JSON.stringify(all, null, 2))
        print(['id', 'prefix', 'role', 'label', 'last used', 'state'].join('\t'))
        for (const key of all) {
          const ended = key.revokedAt
            ? 'revoked'
            : key.expiresAt && key.expiresAt <= now().toISOString()
              ? 'expired'
              : 'valid'
          print([key.id, key.prefix, key.role, key.label, key.lastUsedAt ?? 'never', ended].join('\t'))
        }
      })
    })
  command
    .command('revoke')
    .description('revoke a key')
    .argument('<id>', 'id of the key, as keys list shows it', uuid)
    .action(async (id: string) => {
      await withDatabase(WHILE_SERVING, async ({ database }) => {
        const { revokeKey } = await loadKeys()
        const key = await database.asOperator((tx) => revokeKey(tx, id, OPERATOR, now()))
        print(`revoked ${key.id} (${key.label})`)
      })
    })
}

/** What a wish's field is called on the command line. */
const KEY_OPTIONS: Readonly<Record<string, string>> = {
  label: '--label',
  role: '--role',
  jurisdictionId: '--jurisdiction',
  jurisdictionIds: '--jurisdictions',
  expiresAt: '--expires',
}

async function runCreateKey(options: KeyOptions, { now, print, withDatabase }: CliParts): Promise<void> {
  const { createKey, KeyWrite } = await loadKeys()
  const wish = KeyWrite.safeParse({
    label: options.label,
    role: options.role,
    jurisdictionId: options.jurisdiction ?? null,
    jurisdictionIds:
      options.jurisdictions === undefined || options.jurisdictions === 'all'
        ? (options.jurisdictions ?? null)
        : options.jurisdictions.split(',').map((id) => id.trim()),
    expiresAt: options.expires ?? null,
  })
  if (!wish.success) {
    throw new UsageError(
      wish.error.issues.map(({ path, message }) => `${KEY_OPTIONS[String(path[0])]}: ${message}`).join('\n'),
    )
  }
  await withDatabase(WHILE_SERVING, async ({ database }) => {
    const { key, secret } = await database.asOperator((tx) => createKey(tx, wish.data, OPERATOR, now()))
    print(`${secret}\n  id ${key.id}, role ${key.role}; the key is shown this once`)
  })
}
