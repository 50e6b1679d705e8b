/** What changed on a device, newest first. */
import { FIELD_TITLES } from '../../../device/titles.ts'
import type { Gets } from '../../answers.ts'
import { titleOf, toWords } from '../../device-fields.ts'
import { Known, Moment } from '../words.tsx'

type Version = Gets['/v1/devices/{id}/history']['items'][number]

interface HistoryOf {
  readonly versions: readonly Version[]
  readonly hasMore: boolean
  readonly keyId: string
  readonly sites: ReadonlyMap<string, string>
  /** Of the record of who did what; null for a role that may not open it. */
  readonly record: string | null
}

export function History({ versions, hasMore, keyId, sites, record }: HistoryOf) {
  return (
    <section id="history">
      <h2>History</h2>
      <ol class="history">
        {versions.map((version, at) => (
          <li key={version.version}>
            <p>
              <strong>
                <Moment at={version.validFrom} />
              </strong>
              {by(versions[at + 1], keyId)}
            </p>
            <Changes
              now={version}
              before={versions[at + 1]}
              sites={sites}
              isFirst={!hasMore && at === versions.length - 1}
            />
          </li>
        ))}
      </ol>
      {record === null ? null : (
        <p class="no-print">
          <a href={record}>Who did what with this device</a>
        </p>
      )}
      {hasMore ? <p class="hint">Older changes are in the API.</p> : null}
    </section>
  )
}

/** Who ended a version made the next one. */
function by(before: Version | undefined, keyId: string): string {
  if (!before?.endedBy) return ''
  return before.endedBy === keyId ? ', with your key' : ', with another key'
}

function Changes({
  now,
  before,
  sites,
  isFirst,
}: {
  readonly now: Version
  readonly before: Version | undefined
  readonly sites: ReadonlyMap<string, string>
  readonly isFirst: boolean
}) {
  if (before === undefined)
    return isFirst ? <p>{now.importId === null ? 'Entered by hand.' : 'Came with an import.'}</p> : null
  const fields = (before.changedFields ?? []).filter(
    (field) => field === 'siteId' || Object.hasOwn(FIELD_TITLES, field),
  )
  const value = (version: Version, field: string) => {
    const stored = (version.device as Readonly<Record<string, unknown>>)[field]
    if (field === 'siteId') return typeof stored === 'string' ? (sites.get(stored) ?? 'a site') : null
    return toWords(field as keyof typeof FIELD_TITLES, stored)
  }
  if (fields.length === 0)
    return <p>{now.importId !== before.importId ? 'Came with an import again.' : 'Kept as it was.'}</p>
  return (
    <ul>
      {fields.map((field) => (
        <li key={field}>
          {field === 'siteId' ? 'Site' : titleOf(field)}: <Known value={value(before, field)} /> →{' '}
          <Known value={value(now, field)} />
        </li>
      ))}
    </ul>
  )
}
