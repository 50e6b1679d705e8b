#!/usr/bin/env node
/**
 * The command line. Only what a command needs is loaded: `serve` has to be quick, and its database opens while
 * the rest is read.
 */
const argv = process.argv.slice(2)

// `camledger screen file | head` is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})
try {
  if (argv.length === 1 && argv[0] === 'serve') await (await import('./cli/run-server.ts')).runServer()
  else process.exitCode = await (await import('./cli/main.ts')).main(argv)
} catch (error) {
  const { explain } = await import('./cli/errors.ts')
  const { message, code } = explain(error)
  if (message !== '') process.stderr.write(`${message}\n`)
  process.exitCode = code
}
