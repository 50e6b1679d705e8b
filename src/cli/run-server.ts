/** The service, until it is told to stop. */
import { readConfig } from '../server/config.ts'
import { openConfigured } from '../server/open-database.ts'
import type { Running } from '../server/start.ts'

export async function runServer(): Promise<void> {
  const config = readConfig()
  const opening = openConfigured(config)
  // Its failure is told below; loading takes longer.
  opening.catch(() => {})
  const { serve } = await import('../server/start.ts')
  const { describeError } = await import('../db/log.ts')
  process.on('uncaughtException', (error) => {
    // Not Node's own report: the message of a failed query holds values of the register.
    const described = JSON.stringify(describeError(error))
    process.stderr.write(`camledger ends after an error that nothing expected: ${described}\n`)
    process.exit(1)
  })
  const running = await serve(config, () => new Date(), { opening })
  const lines = [
    `camledger listens on ${running.address}`,
    ...(config.CONSOLE ? [`  console     ${running.address}/console   (open it in a browser)`] : []),
    `  reference   ${running.address}/docs`,
    `  data        ${running.database.description}`,
  ]
  if (running.database.kind === 'embedded') {
    lines.push('              for trying and for small cities: it survives a crash of the process, not a')
    lines.push('              power failure. Set DATABASE_URL to a PostgreSQL server for production.')
  }
  if (running.auditRisks.length > 0) {
    lines.push(
      '  audit       NOT protected from the service’s own database user:',
      ...running.auditRisks.map((risk) => `              ${risk}`),
      '              See "Owner and login" in docs/operations.md.',
    )
  }
  if (running.firstKey !== null) {
    lines.push(
      config.BOOTSTRAP_ADMIN_KEY === undefined
        ? `  admin key   ${running.firstKey}   (shown this once${config.CONSOLE ? '; the console asks for it' : ''})`
        : '  admin key   as given in BOOTSTRAP_ADMIN_KEY',
    )
  }
  process.stdout.write(`${lines.join('\n')}\n`)
  const failure = await Promise.race([askedToStop(), running.failed])
  await stopInTime(running)
  if (failure !== null) throw failure
}

/** What of a stop is not done by then is cut off; the database takes back what was not committed. */
const STOP_LIMIT_MILLIS = 12_000
/** npm passes on a Ctrl-C that the terminal has sent to the service as well: one wish, two signals. */
const SAME_WISH_MILLIS = 1_000
const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const

/** Resolves at the first signal. A second one, when the stop takes too long for somebody, ends the process at once. */
function askedToStop(): Promise<null> {
  let firstAt: number | null = null
  return new Promise((resolve) => {
    for (const [name, number] of Object.entries(SIGNALS)) {
      process.on(name, () => {
        firstAt ??= performance.now()
        if (performance.now() - firstAt > SAME_WISH_MILLIS) process.exit(128 + number)
        resolve(null)
      })
    }
  })
}

async function stopInTime({ stop }: Running): Promise<void> {
  const late = setTimeout(() => {
    process.stderr.write(
      'Some work did not end in time and was cut off; what was not committed is taken back.\n',
    )
    process.exit(1)
  }, STOP_LIMIT_MILLIS)
  await stop()
  clearTimeout(late)
}
