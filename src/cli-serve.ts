/** `camledger serve`: the service, until it is told to stop. */
import { readConfig } from './config.ts'
import { openConfigured } from './opening.ts'

export async function runServer(): Promise<void> {
  const config = readConfig()
  const opening = openConfigured(config)
  // Its failure is told below; loading takes longer.
  opening.catch(() => {})
  const { serve } = await import('./server.ts')
  const running = await serve(config, () => new Date(), { opening })
  const lines = [
    `camledger listens on ${running.address}`,
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
        ? `  admin key   ${running.firstKey}   (shown this once)`
        : '  admin key   as given in BOOTSTRAP_ADMIN_KEY',
    )
  }
  process.stdout.write(`${lines.join('\n')}\n`)
  await new Promise<void>((resolve) => {
    const end = () => resolve()
    process.once('SIGTERM', end)
    process.once('SIGINT', end)
  })
  await running.stop()
}
