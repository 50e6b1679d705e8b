// Adds the hashes of new migrations to test/golden/migrations.json.
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'

const root = new URL('../', import.meta.url)
const journal = JSON.parse(await readFile(new URL('migrations/meta/_journal.json', root), 'utf8'))
const golden = {}
for (const { tag } of journal.entries) {
  golden[tag] = createHash('sha256')
    .update(await readFile(new URL(`migrations/${tag}.sql`, root)))
    .digest('hex')
}
await writeFile(new URL('test/golden/migrations.json', root), `${JSON.stringify(golden, null, 2)}\n`)
