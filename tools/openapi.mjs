// Writes openapi/openapi.yaml from the built routes.
import { readFile, writeFile } from 'node:fs/promises'
import { openApiYaml } from '../build/src/server/openapi-document.js'

const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
await writeFile(new URL('../openapi/openapi.yaml', import.meta.url), await openApiYaml(version))
