/** Parameters with names of the caller's own, gathered into one: `custom.phase=2` is `custom` with `phase`. */
import type { FastifyInstance } from 'fastify'

/** As this API writes it, as OpenAPI calls it a deep object, and as NetBox does. */
const GROUPED = /^(?:custom\.(?<dotted>.+)|custom\[(?<bracketed>[^\]]+)\]|cf_(?<netbox>.+))$/

export function groupQueries(app: FastifyInstance): void {
  app.addHook('preValidation', async ({ query }) => {
    group(query as Record<string, unknown>)
  })
}

function group(query: Record<string, unknown>): void {
  let found: Map<string, unknown[]> | null = null
  for (const [name, value] of Object.entries(query)) {
    const { dotted, bracketed, netbox } = GROUPED.exec(name)?.groups ?? {}
    const own = dotted ?? bracketed ?? netbox
    // Objects have it as something else: it stays where it is refused as any name that is not known.
    if (own === undefined || own === '__proto__') continue
    found ??= new Map()
    found.set(own, [...(found.get(own) ?? []), value].flat())
    delete query[name]
  }
  if (found !== null) query.custom = Object.fromEntries(found)
}
