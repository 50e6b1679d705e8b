/** Ids that answers have shown, by what they are ids of, and whose they are. */
import type { Draw } from './draw.ts'

/** `/v1/plans/{id}/devices/{deviceId}` names plans by the path before `{id}`, devices by the name of the parameter. */
const KINDS: Readonly<Record<string, string>> = {
  jurisdictionId: '/v1/jurisdictions',
  jurisdictionIds: '/v1/jurisdictions',
  siteId: '/v1/sites',
  deviceId: '/v1/devices',
  deviceIds: '/v1/devices',
  importId: '/v1/imports',
  planId: '/v1/plans',
  fundingSourceId: '/v1/funding-sources',
  candidateId: '/v1/plans/{id}/candidates',
  approvalId: '/v1/plans/{id}/approvals',
  quoteId: '/v1/cost-catalog/quotes',
  releaseId: '/v1/firmware-releases',
  keyId: '/v1/keys',
}

export function kindOf(name: string, path: string): string | undefined {
  const place = path.indexOf(`{${name}}`)
  if (name !== 'id' && KINDS[name]) return KINDS[name]
  return place < 0 ? undefined : path.slice(0, place - 1)
}

const MOST = 60
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

export class Known {
  /** Kind -> id -> city it belongs to, null when nobody's. */
  readonly #ids = new Map<string, Map<string, string | null>>()
  readonly #owners = new Map<string, string>()
  readonly #hidden = new Set<string>()
  readonly #askedBy = new Set<string>()
  /** Whether what was learned last is drawn, so that steps that follow one another are about one thing. */
  drawsNewest = false

  /** An id that must never be drawn, such as that of a key in use. */
  hide(id: string): void {
    this.#hidden.add(id)
  }

  learn(kind: string, id: string, city: string | null): void {
    if (this.#hidden.has(id)) return
    const ids = this.#ids.get(kind) ?? new Map<string, string | null>()
    this.#ids.set(kind, ids)
    // Last in the order of the map, also when it was known.
    ids.delete(id)
    ids.set(id, city)
    if (city !== null) this.#owners.set(id, city)
    if (ids.size > MOST) ids.delete([...ids.keys()][1]!)
  }

  /** One of the city, as a rule; of another one now and then. */
  draw(kind: string, city: string | null, draw: Draw): string | undefined {
    const ids = [...(this.#ids.get(kind) ?? [])]
    const own = ids.filter(([, owner]) => owner === city || owner === null || city === null)
    if (this.drawsNewest && own.length > 0) return own.at(-1)![0]
    const from = own.length > 0 && draw.percent(92) ? own : ids
    return from.length === 0 ? undefined : draw.one(from)[0]
  }

  /** The one of the city that was learned before the newest. */
  drawEarlier(kind: string, city: string | null): string | undefined {
    return [...(this.#ids.get(kind) ?? [])].filter(([, owner]) => owner === city).at(-2)?.[0]
  }

  has(kind: string): boolean {
    return (this.#ids.get(kind)?.size ?? 0) > 0
  }

  /**
   * What an operator asks to be changed in a city is on that city's record, with the ids that were named in it; what
   * it writes for everybody, such as a license and its holder, everybody sees.
   */
  operatorAsked(target: string, asked: string): void {
    const idsIn = (text: string) => [...text.matchAll(UUID)].map(([id]) => id)
    const ids = idsIn(asked)
    const ofOne = asked.includes('jurisdictionId') || idsIn(target).some((id) => this.#owners.has(id))
    const cities = ofOne ? ids.map((id) => this.#owners.get(id)) : this.#owners.values()
    for (const city of new Set(cities)) {
      if (city !== undefined) for (const id of ids) this.#askedBy.add(`${city} ${id}`)
    }
  }

  /** Whether something of another city stands in a text, and was not part of what was asked. */
  strangerIn(text: string, city: string, asked: string): string | null {
    // The audit repeats later what the city's own keys asked for.
    for (const [id] of asked.matchAll(UUID)) this.#askedBy.add(`${city} ${id}`)
    for (const { 0: id, index } of text.matchAll(UUID)) {
      const owner = this.#owners.get(id)
      if (owner === undefined || owner === city || this.#askedBy.has(`${city} ${id}`)) continue
      return `${id}, which is of ${owner}, in ${text.slice(Math.max(0, index - 200), index + 100)}`
    }
    return null
  }

  /** What an answer to a request shows: items of a list, or the thing itself. */
  learnFrom(kind: string, body: unknown, city: string | null): void {
    const things = (body as { items?: unknown[] } | null)?.items ?? [body]
    for (const thing of things.slice(0, 20)) {
      const { id, jurisdictionId } = (thing ?? {}) as Record<string, unknown>
      if (typeof id !== 'string') continue
      // null stands for what is shared.
      const owner = jurisdictionId === undefined ? (kind === '/v1/jurisdictions' ? id : city) : jurisdictionId
      if (owner !== null && typeof owner !== 'string') continue
      this.learn(kind, id, owner)
    }
  }
}
