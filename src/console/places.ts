/** Names of sites and cities, by id. */
import { type Api, ApiRefusal } from './client.ts'
import { every } from './names.ts'

/** Those of one city, or of all that the key reads. */
export async function siteNames(api: Api, city?: string): Promise<ReadonlyMap<string, string>> {
  const own: Record<string, string> = city === undefined ? {} : { jurisdictionId: city }
  const sites = await every((query) => api.get('/v1/sites', { query: { ...query, ...own } }))
  return new Map(sites.map(({ id, name }) => [id, name]))
}

export async function cityNames(api: Api): Promise<ReadonlyMap<string, string>> {
  const cities = await every((query) => api.get('/v1/jurisdictions', { query }))
  return new Map(cities.map(({ id, name }) => [id, name]))
}

/** The file of each import that an address names; without those that are not there. */
export async function importNames(api: Api, query: URLSearchParams): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const id of query.getAll('importId')) {
    try {
      const { fileName } = await api.get('/v1/imports/{id}', { params: { id } })
      if (fileName !== null) files.set(id, fileName)
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error
    }
  }
  return files
}
