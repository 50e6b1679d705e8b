/**
 * The environment, read once. Nothing else in the service reads `process.env`.
 */
import { z } from 'zod'
import { FETCHED_LISTS } from '../lists/sync/addresses.ts'

const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//, { error: 'must start with postgres:// or postgresql://', abort: true })
  .refine((url) => URL.canParse(url), {
    error: 'must be a URL; write special characters of the password as %XX',
  })

/** Digits only: a number parser would also take `1e3`, `0x1F` and a blank. */
const whole = (min: number, max: number, fallback: number, description: string) => {
  const error = `must be a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,9}$/, { error, abort: true })
    .transform(Number)
    .pipe(z.number().min(min, error).max(max, error))
    .default(fallback)
    .meta({ description: `${description} (${fallback})` })
}

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const Environment = z.object({
  PORT: whole(0, 65_535, 8080, 'TCP port; 0 picks a free one'),
  HOST: z.string().min(1).default('localhost').meta({ description: 'address to listen on (localhost)' }),
  DATA_DIR: z
    .string()
    .min(1)
    .default('./data/db')
    .meta({ description: 'folder of the embedded database; ignored with DATABASE_URL (./data/db)' }),
  DATABASE_URL: postgresUrl
    .optional()
    .meta({ description: 'PostgreSQL 15 or later; the embedded database is used without it' }),
  MIGRATION_DATABASE_URL: postgresUrl.optional().meta({
    description: 'the same database as the owner of its tables, when the user of DATABASE_URL is not',
  }),
  DATABASE_POOL_SIZE: whole(1, 500, 10, 'connections to PostgreSQL'),
  BOOTSTRAP_ADMIN_KEY: z
    .string()
    .min(32, 'must have at least 32 characters; make one with: openssl rand -hex 24')
    .max(200, 'must have at most 200 characters')
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
    .optional()
    .meta({ description: 'the first admin key; one is made and printed when absent' }),
  LOG_LEVEL: z
    .enum(LEVELS, `must be one of ${LEVELS.join(', ')}`)
    .default('info')
    .meta({ description: `${LEVELS.join(', ')} (info)` }),
  RATE_LIMIT_PER_MINUTE: whole(0, 999_999_999, 6000, 'requests a minute and key; 0 switches all limits off'),
  CAMLEDGER_KEY: z.string().optional().meta({ description: 'API key for commands with `--url`' }),
  NO_COLOR: z.string().optional().meta({ description: 'anything: no colors in the terminal' }),
  MAX_CONNECTIONS: whole(4, 1_000_000, 4096, 'connections of clients; one address may have a quarter'),
  SPOOL_DIR: z.string().min(1).optional().meta({
    description:
      'folder in which files that are sent wait (spool in DATA_DIR; a folder of the user’s own with PostgreSQL)',
  }),
  SPOOL_LIMIT_MIB: whole(1, 1_048_576, 4096, 'what the files that wait may hold together, in MiB'),
  DOCUMENT_LIMIT_MIB: whole(0, 1_048_576, 1024, 'what the documents of one city may hold together, in MiB'),
  SNAPSHOT_LIMIT_MIB: whole(
    0,
    1_048_576,
    4096,
    'what the snapshots of one city or reviewer may hold together, in MiB',
  ),
  SIGNING_KEY_FILE: z.string().min(1).optional().meta({
    description: 'private key (Ed25519, PEM) that signs snapshots; one in the database is used without it',
  }),
  METRICS_TOKEN: z
    .string()
    .min(32, 'must have at least 32 characters; make one with: openssl rand -hex 24')
    .max(200, 'must have at most 200 characters')
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
    .optional()
    .meta({ description: 'what Prometheus sends to GET /metrics; an admin key opens it too' }),
  LISTS_SYNC: z
    .string()
    .default('off')
    .transform((text) => (text === 'off' ? [] : text === 'all' ? FETCHED_LISTS : text.split(/[\s,]+/)))
    .refine((lists) => lists.every((list) => FETCHED_LISTS.includes(list)), {
      error: `must be off, all, or some of ${FETCHED_LISTS.join(', ')}`,
    })
    .meta({
      description:
        'official lists that the service fetches by itself once a day: off, all, or their names (off)',
    }),
  LISTS_MIRROR: z
    .url({ protocol: /^https?$/ })
    .refine((text) => !/^https?:\/\/[^/]*@/.test(text), 'must have no user name or password in it')
    .optional()
    .meta({
      description: 'a server of your own that has the files of the lists, each by the name of its list',
    }),
  CONSOLE: z
    .stringbool({ error: 'must be on or off' })
    .default(true)
    .meta({ description: 'the pages for browsers under /console (true)' }),
  CONSOLE_PLAIN_HTTP: z
    .stringbool({ error: 'must be true or false' })
    .default(false)
    .meta({ description: 'sign in to the console without https from other machines (false)' }),
  TRUST_PROXY: z
    .union(
      [
        z
          .string()
          .regex(/^[1-9]$/)
          .transform(Number),
        z.stringbool(),
      ],
      'must be true, false or the number of proxies, 1 to 9',
    )
    .default(false)
    .meta({ description: 'believe X-Forwarded-For of one proxy, or of so many (false)' }),
})

export type Config = Readonly<z.infer<typeof Environment>>

/** Name and meaning of each variable, with the default in parentheses. */
export const ENVIRONMENT: readonly (readonly [name: string, meaning: string])[] = Object.entries(
  Environment.shape,
).map(([name, shape]) => [name, shape.meta()?.description ?? ''])

/** The environment does not make a configuration; the message names every wrong variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Read and check the environment.
 *
 * An empty variable counts as absent, as shells and compose files write it.
 * Throws ConfigError naming every wrong variable; values are not repeated, since one may be a secret.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given: Record<string, string> = {}
  for (const name of Object.keys(Environment.shape)) {
    const value = environment[name]
    if (value !== undefined && value !== '') given[name] = value
  }
  const result = Environment.safeParse(given)
  if (result.success) return Object.freeze(result.data)
  const lines = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`)
  throw new ConfigError(`The environment is not usable:\n${lines.join('\n')}`)
}
