/** The knowledge in force in this process. The one place where another takes its place. */
import { LRUCache } from 'lru-cache'
import { latestVersion, versionAt } from '../catalogue/versions.ts'
import type { Database } from '../db/database.ts'
import type { Logger } from '../db/log.ts'
import type { FirmwareKnowledge } from '../firmware-risk/knowledge.ts'
import { DomainError } from '../http/problems.ts'
import { firmwareVersion, readFirmware } from './firmware-knowledge.ts'
import type { Knowledge, Registrant } from './knowledge.ts'
import { readKnowledge, readKnowledgeAt } from './stored-knowledge.ts'

/** Versions of the past that are kept in memory; each has some tens of megabytes. */
const PAST_MOST = 2

export interface KnowledgeSource {
  readonly database: Database
  readonly registrant: Registrant
  readonly log: Logger
}

export class KnowledgeHolder {
  private readonly source: KnowledgeSource
  private held: Knowledge | null
  private reading: Promise<unknown> = Promise.resolve()
  private readonly past = new LRUCache<string, Promise<Knowledge | null>>({ max: PAST_MOST })

  /** Without `knowledge` it has to be given before anybody asks. */
  constructor(source: KnowledgeSource, knowledge: Knowledge | null = null) {
    this.source = source
    this.held = knowledge
  }

  /** Ask once at the start of a piece of work. */
  current(): Knowledge {
    if (this.held === null) throw new Error('asked for knowledge before it was loaded')
    return this.held
  }

  put(knowledge: Knowledge): void {
    this.held = knowledge
    logUnread(this.source.log, knowledge.firmware)
  }

  /**
   * Read again what the database has in a newer version. Gives 1 when it had, else 0. Those who ask wait for each
   * other: what was read first cannot take the place of what was read later.
   */
  refresh(): Promise<number> {
    const next = this.reading.then(() => this.readNewer())
    this.reading = next.catch(() => {})
    return next
  }

  /** What was in force at an instant; a few versions are kept in memory. Throws `invalid-request`. */
  async at(knownAt: string | undefined): Promise<Knowledge> {
    const current = this.current()
    if (knownAt === undefined) return current
    const { database, registrant } = this.source
    const loaded = await database.readAsOperator((tx) => versionAt(tx, knownAt))
    if (loaded?.version === current.version) return current
    const key = `${loaded?.version} ${current.firmware.version}`
    const reading =
      this.past.get(key) ??
      (loaded ? readKnowledgeAt(database, registrant, loaded, current) : Promise.resolve(null))
    this.past.set(key, reading)
    reading.catch(() => this.past.delete(key))
    const known = await reading
    if (known !== null) return known
    throw new DomainError('invalid-request', 'What was known of the law then is not on record.', {
      errors: [
        { pointer: '?knownAt', code: 'before-record', message: 'is before versions of the law were kept' },
      ],
    })
  }

  private async readNewer(): Promise<number> {
    const { database, registrant } = this.source
    const { law, firmware } = await database.readAsOperator(async (tx) => ({
      law: (await latestVersion(tx))?.version ?? 0,
      firmware: await firmwareVersion(tx),
    }))
    const known = this.current()
    if (law > known.version) this.put(await readKnowledge(database, registrant))
    else if (firmware > known.firmware.version) {
      this.put({ ...known, firmware: await database.asOperator(readFirmware) })
    } else return 0
    return 1
  }
}

/** How many records a line of the log names. */
const NAMED = 20

/** Say which records have model patterns that are beyond the limits, so that somebody can write them anew. */
function logUnread(log: Logger, { unread }: FirmwareKnowledge): void {
  if (unread.length === 0) return
  log.warn(
    { records: unread.slice(0, NAMED), count: unread.length },
    'model patterns are beyond the limits and match no device; see docs/operations.md',
  )
}
