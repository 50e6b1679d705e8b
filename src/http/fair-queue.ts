/**
 * A few at a time, each owner in its turn: one city that sends twenty files delays the twenty-first of its own, not
 * the first of another. Who waits holds nothing but its place.
 */
import { DomainError } from './problems.ts'

export interface FairQueueOptions {
  /** How many run together; of one owner, one. */
  readonly atOnce: number
  readonly mostWaiting: number
}

/** How long one waits for its turn: longer than the work of those before it takes, as a rule. */
export const WAIT_LIMIT_MILLIS = 15 * 60_000

interface Waiting {
  readonly start: () => void
}

/** How soon somebody who was turned away may come again. */
const RETRY_SECONDS = '30'

export class FairQueue {
  private readonly options: FairQueueOptions
  /** In the order of their turns. */
  private readonly waiting = new Map<string, Waiting[]>()
  private readonly running = new Set<string>()
  private count = 0

  constructor(options: FairQueueOptions) {
    this.options = options
  }

  /** Run when it is this owner's turn. Throws `not-ready` when too many wait or it takes too long, or the signal's reason. */
  async run<T>(owner: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const leave = await this.enter(owner, signal)
    try {
      return await work()
    } finally {
      leave()
    }
  }

  /** Wait for this owner's turn. What it gives is called once, when the work has ended. Throws as `run`. */
  async enter(owner: string, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    if (this.isFree(owner)) this.running.add(owner)
    else await this.wait(owner, signal)
    return () => {
      this.running.delete(owner)
      this.startNext()
    }
  }

  private isFree(owner: string): boolean {
    return this.running.size < this.options.atOnce && !this.running.has(owner)
  }

  private wait(owner: string, signal: AbortSignal | undefined): Promise<void> {
    const { mostWaiting } = this.options
    if (this.count >= mostWaiting) throw busy(`${mostWaiting} others wait already`)
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.count--
        clearTimeout(limit)
        signal?.removeEventListener('abort', onAbort)
      }
      const giveUp = (reason: unknown) => {
        leave()
        const line = this.waiting.get(owner)!.filter((other) => other !== place)
        if (line.length > 0) this.waiting.set(owner, line)
        else this.waiting.delete(owner)
        reject(reason)
      }
      const onAbort = () => giveUp(signal?.reason)
      const place: Waiting = {
        start: () => {
          leave()
          resolve()
        },
      }
      const limit = setTimeout(
        () => giveUp(busy('its place in the queue did not come in time')),
        WAIT_LIMIT_MILLIS,
      )
      signal?.addEventListener('abort', onAbort, { once: true })
      this.count++
      this.waiting.set(owner, [...(this.waiting.get(owner) ?? []), place])
    })
  }

  private startNext(): void {
    for (const [owner, [first, ...rest]] of this.waiting) {
      if (!this.isFree(owner)) continue
      this.waiting.delete(owner)
      // Behind all others: the rest of its line waits until they have had their turn.
      if (rest.length > 0) this.waiting.set(owner, rest)
      this.running.add(owner)
      first!.start()
      return
    }
  }
}

function busy(why: string): DomainError {
  return new DomainError('not-ready', `The work could not be begun: ${why}; send it again later.`, {
    headers: { 'retry-after': RETRY_SECONDS },
  })
}
