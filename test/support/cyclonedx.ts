/** The published JSON schema of CycloneDX 1.6, which a document either follows or not. */
import { readFileSync } from 'node:fs'
import { Ajv, type ErrorObject } from 'ajv'

const schemaOf = (name: string) =>
  JSON.parse(
    readFileSync(
      new URL(
        `res/schema/${name}.SNAPSHOT.schema.json`,
        import.meta.resolve('@cyclonedx/cyclonedx-library/package.json'),
      ),
      'utf8',
    ),
  ) as object

/** What is wrong with the document; empty when nothing is. */
export function cycloneDxErrors(document: unknown): readonly ErrorObject[] {
  // The schema has words of its own (`meta:enum`) and formats that are notes more than rules.
  const ajv = new Ajv({
    ...{ strict: false, allErrors: true, logger: false },
    formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/ },
  })
  // By the names that the schema calls them by.
  for (const name of ['spdx', 'jsf-0.82'])
    ajv.addSchema(schemaOf(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`)
  const validate = ajv.compile(schemaOf('bom-1.6'))
  return validate(document) ? [] : (validate.errors ?? [])
}
