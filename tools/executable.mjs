// npx marks the command as executable when it first meets the package; every later build writes it anew.
import { chmodSync } from 'node:fs'

chmodSync(new URL('../build/src/cli.js', import.meta.url), 0o755)
