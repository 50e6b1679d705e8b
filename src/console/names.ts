/**
 * What makers and laws are called. They are the same for everybody and change with the law in force alone, so they are
 * read from the API once for each version of it.
 */
import type { Gets } from './answers.ts'
import type { Api } from './client.ts'

type Regime = Gets['/v1/regimes']['items'][number]

export interface Names {
  /** Of a maker or brand; the id when it is not known. */
  vendor(id: string): string
  regime(id: string): Regime | undefined
  readonly vendors: ReadonlyMap<string, string>
  readonly regimes: ReadonlyMap<string, Regime>
}

export interface NameBook {
  /** `version` tells one law in force from another. */
  read(api: Api, version: string): Promise<Names>
}

export function nameBook(): NameBook {
  let held: { readonly version: string; readonly names: Promise<Names> } | null = null
  return {
    read: (api, version) => {
      if (held?.version !== version) {
        const names = readNames(api)
        held = { version, names }
        // What failed is asked for again.
        names.catch(() => {
          if (held?.names === names) held = null
        })
      }
      return held.names
    },
  }
}

async function readNames(api: Api): Promise<Names> {
  const [vendors, regimes] = await Promise.all([
    every((query) => api.get('/v1/manufacturers', { query })),
    every((query) => api.get('/v1/regimes', { query })),
  ])
  const byVendor = new Map(vendors.map(({ id, name }) => [id, name]))
  const byRegime = new Map(regimes.map((regime) => [regime.id, regime]))
  return {
    vendor: (id) => byVendor.get(id) ?? id,
    regime: (id) => byRegime.get(id),
    vendors: byVendor,
    regimes: byRegime,
  }
}

interface PageOf<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}

/** All pages of a list, for lists that are known to be short. */
export async function every<Item>(
  read: (query: Record<string, string>) => Promise<PageOf<Item>>,
): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | null = null
  do {
    const query: Record<string, string> = cursor === null ? { limit: '1000' } : { limit: '1000', cursor }
    const page: PageOf<Item> = await read(query)
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return items
}
