/**
 * Reads a document of a feed in a thread of its own: parsing megabytes of JSON in one piece would hold up every other
 * request. Who a vendor's name means is known here, so the thread asks for all the names of the document at once.
 */

import type { Advisory, Imported, MakerNames } from '../../firmware-risk/advisories.ts'
import { beyond, inThread, type ThreadBounds } from '../../http/bounded-thread.ts'
import { FairQueue } from '../../http/fair-queue.ts'
import { DomainError } from '../../http/problems.ts'
import { withPauses } from '../../lib/pacing.ts'
import type { Steps } from '../../lib/steps.ts'
import { workerBeside } from '../../lib/worker-file.ts'
import type { FeedFormat } from './formats.ts'

export interface FeedTask {
  readonly path: string
  readonly format: FeedFormat
  readonly isCsv: boolean
}

export type FeedMessage =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'advisories'; readonly batch: readonly Advisory[] }
  | { readonly kind: 'end'; readonly imported: Omit<Imported, 'advisories'> }
  | {
      readonly kind: 'refused'
      readonly code: 'malformed-body' | 'unsupported-media-type'
      readonly detail: string
    }

/** What the thread waits for: the makers by name, then that a batch was taken, so that few lie in the queue. */
export type FeedReply = ReadonlyMap<string, string> | null

/** Enough for the largest body: with a document of 60 MB (115,000 records) the whole process had 833 MB resident. */
const FEED_BOUNDS: ThreadBounds = { heapMebibytes: 1024, seconds: 300 }
/** One after the other, so that the memory of one is all that is taken. */
const queue = new FairQueue({ atOnce: 1, mostWaiting: 50 })

/** Rejects with what is wrong with the document, `not-ready` when too many wait, and with the signal's reason when aborted. */
export async function readFeedFile(
  task: FeedTask,
  makers: MakerNames,
  signal?: AbortSignal,
): Promise<Imported> {
  return queue.run('', () => readNow(task, makers, signal), signal)
}

async function readNow(
  task: FeedTask,
  makers: MakerNames,
  signal: AbortSignal | undefined,
): Promise<Imported> {
  const advisories: Advisory[] = []
  return inThread<FeedMessage, Imported>({
    file: workerBeside(import.meta.url),
    task,
    what: 'The reading of a feed',
    bounds: FEED_BOUNDS,
    refusal: (exceeded) =>
      new DomainError(
        'payload-too-large',
        `Reading the document ${beyond(exceeded, FEED_BOUNDS)}. Send it in parts.`,
      ),
    signal,
    async take(message, { reply, end }) {
      switch (message.kind) {
        case 'names':
          reply(await withPauses(resolving(message.names, makers)))
          break
        case 'advisories':
          for (const one of message.batch) advisories.push(one)
          reply(null)
          break
        case 'end':
          end({ ...message.imported, advisories })
          break
        case 'refused':
          throw new DomainError(message.code, message.detail)
        default:
          message satisfies never
      }
    },
  })
}

function* resolving(names: readonly string[], makers: MakerNames): Steps<FeedReply> {
  const known = new Map<string, string>()
  for (const name of names) {
    const maker = makers.get(name)
    if (maker !== undefined) known.set(name, maker)
    yield
  }
  return known
}
