/**
 * Calls that were refused, counted by minute, key and address: one audit entry for each such group, not for each call.
 * Between two writes they are counted in memory of bounded size; what there is no room for is counted together.
 */
import type { FastifyRequest } from 'fastify'
import type { Database } from '../db/database.ts'
import { callerOf } from '../http/addresses.ts'
import { type Actor, actorFor } from './actor.ts'
import { record } from './audit.ts'

const GROUPS_MOST = 200
const STATUSES = [401, 403, 404, 429]
/** Keys that are made here look like this. Of anything else that was sent as a key nothing is written down. */
const OURS = /^clk_[A-Za-z0-9_-]{43}$/

/** What is known of a key that was not accepted. */
export interface Presented {
  /** null when no key was sent. */
  readonly prefix: string | null
  /** Of a key that is expired or revoked. */
  readonly keyId: string | null
}

declare module 'fastify' {
  interface FastifyRequest {
    presented: Presented | null
  }
}

export function presentedAs(key: string | undefined, keyId: string | null = null): Presented {
  return { prefix: key === undefined ? null : OURS.test(key) ? key.slice(0, 8) : 'other', keyId }
}

interface Group {
  readonly actor: Actor
  readonly prefix: string | null
  /** The first minute, `2026-11-24T12:00Z`. */
  readonly minute: string
  readonly statuses: Map<number, number>
}

export interface Refusals {
  note(request: FastifyRequest, status: number): void
  /** Write what was counted. Gives how many entries. */
  write(): Promise<number>
}

export function countRefusals(database: Database, now: () => Date): Refusals {
  let groups = new Map<string, Group>()

  function add(id: string, group: Omit<Group, 'statuses'>, status: number, count: number): void {
    let known = groups.get(id)
    if (!known && groups.size >= GROUPS_MOST) {
      known = groups.get('others')
      id = 'others'
      group = { ...group, actor: { ...UNKNOWN, label: 'several callers' }, prefix: null }
    }
    known ??= { ...group, statuses: new Map() }
    groups.set(id, known)
    known.statuses.set(status, (known.statuses.get(status) ?? 0) + count)
  }

  return {
    note(request, status) {
      if (!STATUSES.includes(status) || !request.routeOptions.config.roles) return
      const minute = `${now().toISOString().slice(0, 16)}Z`
      const actor = actorOfRefused(request)
      const prefix = request.presented?.prefix ?? null
      add([minute, actor.id, prefix, actor.remoteAddress].join(' '), { actor, prefix, minute }, status, 1)
    },
    async write() {
      if (groups.size === 0) return 0
      const counted = groups
      groups = new Map()
      try {
        await database.asOperator(async (tx) => {
          for (const group of counted.values()) await record(tx, null, group.actor, now(), entryOf(group))
        })
      } catch (error) {
        for (const [id, group] of counted) {
          for (const [status, count] of group.statuses) add(id, group, status, count)
        }
        throw error
      }
      return counted.size
    },
  }
}

const UNKNOWN: Actor = {
  id: 'unknown',
  label: 'no known key',
  keyLabel: 'no known key',
  role: 'none',
  requestId: null,
  remoteAddress: null,
}

function actorOfRefused(request: FastifyRequest): Actor {
  const remoteAddress = callerOf(request.ip)
  const { principal, presented } = request
  if (principal) {
    return actorFor(principal, { requestId: null, remoteAddress })
  }
  if (presented?.keyId) return { ...UNKNOWN, id: presented.keyId, label: 'an ended key', remoteAddress }
  return { ...UNKNOWN, remoteAddress }
}

function entryOf({ minute, prefix, statuses }: Group) {
  const counts = [...statuses].sort(([a], [b]) => a - b)
  return {
    action: 'calls.refused',
    target: null,
    detail: {
      minute,
      count: counts.reduce((sum, [, count]) => sum + count, 0),
      statuses: Object.fromEntries(counts),
      ...(prefix === null ? {} : { keyPrefix: prefix }),
    },
  }
}
