/** People who register devices one by one, and remember what they were promised. */
import { setTimeout as pause } from 'node:timers/promises'
import type { City } from './cities.ts'
import { exactly, type Finding } from './scenario.ts'
import type { Answer, Service } from './service.ts'

const PAGE = 1000

export class Writers {
  readonly acknowledged: string[] = []
  /** Answers that are neither a success nor a 503 that says when to come again. */
  readonly wrong: string[] = []
  /** Answered 503 with Retry-After. */
  refused = 0
  /** Connections that broke, as they do when the process is killed. */
  broken = 0
  private readonly city: City
  private readonly tag: string
  private sent = 0

  constructor(city: City, tag = 'W') {
    this.city = city
    this.tag = tag
  }

  /** Write until the work is done. */
  async during(service: Service, writers: number, work: () => Promise<unknown>): Promise<void> {
    let isOver = false
    const write = async () => {
      while (!isOver) {
        const assetTag = `${this.tag}-${this.sent++}`
        const answer = await this.register(service, assetTag)
        if (answer === null) await pause(50)
        else this.note(assetTag, answer)
      }
    }
    const writing = Array.from({ length: writers }, write)
    try {
      await work()
    } finally {
      isOver = true
      await Promise.all(writing)
    }
  }

  private async register(service: Service, assetTag: string): Promise<Answer | null> {
    try {
      return await service.ask('POST', '/v1/devices', {
        key: this.city.key,
        body: JSON.stringify({ assetTag, manufacturer: 'Axis', model: 'P3245-V' }),
        headers: { 'content-type': 'application/json' },
      })
    } catch {
      this.broken++
      return null
    }
  }

  private note(assetTag: string, answer: Answer): void {
    if (answer.status === 201) this.acknowledged.push(assetTag)
    else if (isHonestRefusal(answer)) this.refused++
    else this.wrong.push(`${answer.status} ${answer.text.slice(0, 200)}`)
  }

  /** Nothing that was acknowledged is missing. */
  async lost(service: Service): Promise<Finding> {
    const there = await assetTags(service, this.city)
    const missing = this.acknowledged.filter((tag) => !there.has(tag))
    return exactly(
      `of ${this.acknowledged.length.toLocaleString('en-US')} acknowledged writes lost`,
      missing.length,
      0,
    )
  }
}

export function isHonestRefusal({ status, headers }: Answer): boolean {
  return status === 503 && /^[1-9]\d*$/.test(String(headers['retry-after']))
}

async function assetTags(service: Service, { key }: City): Promise<Set<string>> {
  const found = new Set<string>()
  let cursor: string | null = null
  do {
    const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page: { items: { assetTag: string }[]; nextCursor: string | null } = await service.json(
      'GET',
      `/v1/devices?fields=assetTag&limit=${PAGE}${after}`,
      { key },
    )
    for (const { assetTag } of page.items) found.add(assetTag)
    cursor = page.nextCursor
  } while (cursor !== null)
  return found
}

/** Asks until it is answered with a success; gives the seconds that took. Ends with the scenario's time. */
export async function secondsUntilAnswered(service: Service, city: City): Promise<number> {
  const began = performance.now()
  for (;;) {
    const answer = await service
      .ask('GET', '/v1/devices?limit=1', { key: city.key })
      .catch((error: Error) => {
        if (error.name === 'AbortError' || !service.isAlive) throw error
        return null
      })
    if (answer?.status === 200) return (performance.now() - began) / 1000
    await pause(50)
  }
}
