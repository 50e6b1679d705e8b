/** The record: who did what, and who read. */
import type { Role } from '../../tenancy/principal.ts'
import type { Gets } from '../answers.ts'
import { deedWords, LOOKED_FOR } from '../audit-words.ts'
import { UNSENT } from '../form.ts'
import { page } from '../page.ts'
import { AuditDetail } from '../parts/audit-detail.tsx'
import { Select } from '../parts/form.tsx'
import { Table } from '../parts/table.tsx'
import { count, Moment } from '../parts/words.tsx'
import { ROLE_WORDS } from '../words.ts'

type Event = Gets['/v1/audit-events']['items'][number]

/** Beside it `?target=` asks for one record: other pages lead here with its id. */
const OPTIONS = [
  ['', 'Everything'] as const,
  ...LOOKED_FOR.map((action) => [action, deedWords(action)] as const),
]

export const auditPage = page({
  path: '/audit-events',
  roles: ['admin', 'city-admin', 'city-editor', 'city-budget', 'city-viewer'],
  place: { group: 'Register', label: 'Who did what' },
  load: async (api, { query }) => {
    const asked = new URLSearchParams([...query].filter(([, value]) => value !== ''))
    if (!asked.has('limit')) asked.set('limit', '100')
    return api.get('/v1/audit-events', { query: asked })
  },
  title: 'Who did what',
  View: ({ data: { items, nextCursor }, asked: { query } }) => (
    <>
      <p class="lead">
        Each change, and each time that somebody from outside read this register. Entries cannot be changed or
        taken away unnoticed.
      </p>
      <form method="get" class="row no-print">
        <Select
          form={UNSENT}
          name="action"
          label="What was done"
          value={query.get('action')}
          options={optionsWith(query.get('action'))}
        />
        {query.has('target') ? <input type="hidden" name="target" value={query.get('target') ?? ''} /> : null}
        <button type="submit">Show</button>
      </form>
      {query.has('target') ? (
        <p>
          Only what was done to one record is shown. <a href="/console/audit-events">Show everything</a>
        </p>
      ) : null}
      {items.length === 0 ? (
        <p class="empty">Nothing of this kind is on record.</p>
      ) : (
        <Table
          caption={`${count(items.length, 'entry', 'entries')}, newest first`}
          rows={items}
          rowKey={({ id }) => id}
          columns={[
            { label: 'When', cell: ({ at }: Event) => <Moment at={at} /> },
            {
              label: 'Who',
              cell: ({ actorLabel, actor }) =>
                actorLabel ?? (actor === 'operator' ? 'the operator' : 'a key whose name was not kept then'),
            },
            { label: 'Kind of key', cell: ({ actorRole }) => ROLE_WORDS[actorRole as Role] ?? actorRole },
            {
              label: 'What',
              cell: ({ action, detail }) => (
                <>
                  {deedWords(action)}
                  <details>
                    <summary>
                      Details<span class="hidden"> of {action}</span>
                    </summary>
                    <AuditDetail action={action} detail={detail} />
                  </details>
                </>
              ),
            },
            { label: 'From address', cell: ({ remoteAddress }) => remoteAddress ?? 'none' },
          ]}
        />
      )}
      {nextCursor === null ? null : (
        <p class="pager">
          <a href={`/console/audit-events?${next(query, nextCursor)}`}>Older entries</a>
        </p>
      )}
    </>
  ),
})

/** With the one that was asked for, if it is none of the usual. */
function optionsWith(asked: string | null) {
  const isUsual = asked === null || OPTIONS.some(([action]) => action === asked)
  return isUsual ? OPTIONS : [...OPTIONS, [asked, deedWords(asked)] as const]
}

function next(query: URLSearchParams, cursor: string): URLSearchParams {
  const asked = new URLSearchParams(query)
  asked.set('cursor', cursor)
  return asked
}
