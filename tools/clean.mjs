// tsc leaves the outputs of deleted sources behind; a stale test would keep passing.
import { rmSync } from 'node:fs'

rmSync(new URL('../build', import.meta.url), { recursive: true, force: true })
