/**
 * The environment, read once. Nothing else in the service reads `process.env`.
 */
import { z } from 'zod'

const Environment = z.object({
  PORT: z.coerce
    .number({ error: 'must be a number' })
    .int()
    .min(0)
    .max(65_535)
    .default(8080)
    .meta({ description: 'TCP port; 0 picks a free one' }),
  HOST: z.string().min(1).default('localhost').meta({ description: 'address to listen on' }),
  DATA_DIR: z
    .string()
    .min(1)
    .default('./data/db')
    .meta({ description: 'folder of the embedded database; ignored with DATABASE_URL' }),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must start with postgres:// or postgresql://')
    .optional()
    .meta({ description: 'PostgreSQL 15 or later; the embedded database is used without it' }),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(500).default(10),
  BOOTSTRAP_ADMIN_KEY: z
    .string()
    .min(8, 'must have at least 8 characters (32 random ones are better)')
    .max(200)
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
    .optional()
    .meta({ description: 'the first admin key; one is made and printed when absent' }),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  RATE_LIMIT_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(0)
    .default(6000)
    .meta({ description: 'requests a minute and key; 0 switches the limit off' }),
  CAMLEDGER_KEY: z.string().optional().meta({ description: 'API key for `camledger import --url`' }),
  TRUST_PROXY: z.stringbool().default(false).meta({ description: 'believe X-Forwarded-For' }),
})

export type Config = Readonly<z.infer<typeof Environment>>

/** The environment does not make a configuration; the message names every wrong variable. */
export class ConfigError extends Error {}

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
