/**
 * Answers that are under way, by key: an export that takes minutes ends when its key does.
 *
 * The connection is broken, so that nobody takes what came for the whole. Other processes revoke keys too, so the
 * database is asked every few seconds while there is anything to end.
 */
import { and, inArray, isNotNull, lte, or } from 'drizzle-orm'
import type { FastifyReply } from 'fastify'
import type { Database } from '../db/database.ts'
import { apiKeys } from '../db/schema/index.ts'
import type { Principal } from './principal.ts'

export interface UnderWay {
  add(principal: Principal, reply: FastifyReply): void
  /** Break what is under way for a key, but for one answer. */
  end(keyId: string, except?: FastifyReply): void
  /** Break what is under way for keys that were revoked or have expired. Gives how many answers. */
  endWithoutKey(): Promise<number>
}

export function answersUnderWay(database: Database, now: () => Date): UnderWay {
  const answers = new Map<string, Set<FastifyReply>>()

  function remove(keyId: string, reply: FastifyReply): void {
    const own = answers.get(keyId)
    if (own?.delete(reply) && own.size === 0) answers.delete(keyId)
  }

  function end(keyId: string, except?: FastifyReply): number {
    let ended = 0
    for (const reply of [...(answers.get(keyId) ?? [])]) {
      if (reply === except) continue
      remove(keyId, reply)
      reply.raw.destroy()
      ended++
    }
    return ended
  }

  return {
    add(principal, reply) {
      const own = answers.get(principal.keyId) ?? new Set()
      answers.set(principal.keyId, own.add(reply))
      const done = () => remove(principal.keyId, reply)
      // One of the two comes, whether the answer is finished or its connection lost.
      reply.raw.once('finish', done)
      reply.raw.once('close', done)
    },
    end: (keyId, except) => void end(keyId, except),
    async endWithoutKey() {
      const keyIds = [...answers.keys()]
      if (keyIds.length === 0) return 0
      const rows = await database.readAsOperator((tx) =>
        tx
          .select({ id: apiKeys.id })
          .from(apiKeys)
          .where(
            and(
              inArray(apiKeys.id, keyIds),
              or(isNotNull(apiKeys.revokedAt), lte(apiKeys.expiresAt, now().toISOString())),
            ),
          ),
      )
      let ended = 0
      for (const { id } of rows) ended += end(id)
      return ended
    },
  }
}
