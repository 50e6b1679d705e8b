/** What to do on firmware, the most pressing first; and what to obtain before updates stop. */
import { WORK_QUEUES } from '../../../firmware-risk/risk.ts'
import { READERS } from '../../../tenancy/auth.ts'
import type { Gets } from '../../answers.ts'
import { URGENCY_WORDS } from '../../choice-words.ts'
import { actionWords, channelWords, QUEUE_WORDS } from '../../firmware-words.ts'
import { UNSENT } from '../../form.ts'
import { page } from '../../page.ts'
import { Select } from '../../parts/form.tsx'
import { Table } from '../../parts/table.tsx'
import { count, Day, Known } from '../../parts/words.tsx'

type Work = Gets['/v1/firmware-risks']['items'][number]
type Deadline = Gets['/v1/firmware-risks/deadlines']['items'][number]

export const firmwareWorkPage = page({
  path: '/firmware-risks',
  roles: READERS,
  place: { group: 'Firmware', label: 'Work list' },
  title: 'Firmware: what to do',
  load: async (api, { query }) => {
    const asked = new URLSearchParams([...query].filter(([, value]) => value !== ''))
    if (!asked.has('limit')) asked.set('limit', '100')
    return api.get('/v1/firmware-risks', { query: asked })
  },
  View: ({ data: { items, nextCursor }, asked: { query } }) => (
    <>
      <p class="lead">
        Devices whose firmware needs work, in the order of work. Printed, it is a list to take along: each
        line has a box to tick.
      </p>
      <form method="get" class="row no-print">
        <Select
          form={UNSENT}
          name="queue"
          label="What to do"
          value={query.get('queue')}
          options={[
            ['', 'Everything'],
            ...WORK_QUEUES.filter((queue) => queue !== 'none').map(
              (queue) => [queue, QUEUE_WORDS[queue]] as const,
            ),
          ]}
        />
        <Select
          form={UNSENT}
          name="urgency"
          label="How urgent"
          value={query.get('urgency')}
          options={[['', 'any'], ...Object.entries(URGENCY_WORDS)]}
        />
        <button type="submit">Show</button>
      </form>
      {items.length === 0 ? (
        <p class="empty">
          Nothing to do here. What is open is known from feeds and from who made each device;{' '}
          <a href="/console/review">makers that are not settled</a> may add to it.
        </p>
      ) : (
        <Table
          caption={`${count(items.length, 'device')}${nextCursor === null ? '' : ', and more'}`}
          rows={items}
          rowKey={({ deviceId }) => deviceId}
          columns={[
            {
              label: 'Device',
              cell: ({ deviceId, assetTag, name, manufacturer, model }: Work) => (
                <>
                  <span class="only-print" aria-hidden="true">
                    ☐{' '}
                  </span>
                  <a href={`/console/devices/${deviceId}#firmware`}>{assetTag ?? name ?? 'no tag'}</a>
                  <br />
                  <span class="hint">{[manufacturer, model].filter(Boolean).join(' ')}</span>
                </>
              ),
            },
            { label: 'Site', cell: ({ siteName }) => siteName ?? 'no site' },
            { label: 'Why', cell: ({ queue }) => (queue === undefined ? null : QUEUE_WORDS[queue]) },
            { label: 'What to do', cell: ({ action = '' }) => actionWords(action) },
            {
              label: 'Urgency',
              cell: ({ urgency }) => (urgency === undefined ? null : URGENCY_WORDS[urgency]),
            },
            {
              label: 'By',
              cell: ({ dueOn }) => (dueOn == null ? 'no day set' : <Day day={dueOn} />),
            },
            {
              label: 'Open',
              cell: ({ vulnerabilities = [] }) => (
                <Known value={vulnerabilities.map(({ id }) => id).join(', ') || 'nothing known'} />
              ),
            },
          ]}
        />
      )}
      {nextCursor === null ? null : (
        <p class="pager">
          <a class="button quiet" href={`/console/firmware-risks?${withCursor(query, nextCursor)}`}>
            Next page
          </a>
        </p>
      )}
      <p class="no-print">
        <a href={`/console/v1/firmware-risks?${asCsv(query)}`}>All of these as CSV</a>
      </p>
    </>
  ),
})

function withCursor(query: URLSearchParams, cursor: string): URLSearchParams {
  const asked = new URLSearchParams(query)
  asked.set('cursor', cursor)
  return asked
}

function asCsv(query: URLSearchParams): URLSearchParams {
  const kept = [...query].filter(([name, value]) => name !== 'cursor' && value !== '')
  return new URLSearchParams([...kept, ['as', 'csv']])
}

export const deadlinesPage = page({
  path: '/firmware-risks/deadlines',
  roles: READERS,
  place: { group: 'Firmware', label: 'Deadlines' },
  title: 'Before updates stop',
  trail: () => [['Firmware: what to do', '/console/firmware-risks']],
  load: (api, { query }) => api.get('/v1/firmware-risks/deadlines', { query }),
  View: ({ data: { items, devices }, asked: { names } }) =>
    items.length === 0 ? (
      <p class="empty">
        No day is known on which updates for devices of this register stop.{' '}
        <a href="/console/scenarios/new">Ask what would happen</a> if a maker were listed.
      </p>
    ) : (
      <>
        <p class="lead">
          {count(devices, 'device')} will get no more updates without a license. Obtain and save the images
          before their day.
        </p>
        {[...byMonth(items)].map(([month, ofMonth]) => (
          <Table
            key={month}
            caption={`${monthWords(month)}: ${count(ofMonth.length, 'model')}`}
            rows={ofMonth}
            rowKey={({ maker, brand, model, cutOffOn, jurisdictionId }) =>
              [maker, brand, model, cutOffOn, jurisdictionId].join('-').replaceAll(/[^\w-]+/g, '-')
            }
            columns={[
              {
                label: 'Model',
                cell: ({ brand, maker, model }: Deadline) => {
                  const who = brand ?? maker
                  return `${who === null ? 'Maker not known' : names.vendor(who)} ${model ?? '(no model)'}`
                },
              },
              { label: 'Devices', isNumber: true, cell: (one) => one.devices.toLocaleString('en-US') },
              { label: 'Save by', cell: ({ saveBy }) => <Day day={saveBy} /> },
              { label: 'Updates stop on', cell: ({ cutOffOn }) => <Day day={cutOffOn} /> },
              {
                label: 'Image to get',
                cell: ({ wanted }) =>
                  wanted === null ? (
                    'none is on record'
                  ) : (
                    <>
                      {wanted.firmwareVersion}
                      {wanted.channel === null ? '' : `, ${channelWords(wanted.channel).toLowerCase()}`}
                      {wanted.isLawful ? '' : ' (may not be had today)'}
                    </>
                  ),
              },
              {
                label: 'Kept already',
                cell: ({ heldImages, isMissing }) =>
                  heldImages.length === 0
                    ? 'none'
                    : `${heldImages.map(({ firmwareVersion }) => firmwareVersion).join(', ')}${isMissing ? ' (not verified)' : ''}`,
              },
            ]}
          />
        ))}
        <p class="no-print">
          <a href="/console/v1/firmware-risks/deadlines?as=csv">All of these as CSV</a>
        </p>
      </>
    ),
})

function byMonth(items: readonly Deadline[]): ReadonlyMap<string, Deadline[]> {
  const months = new Map<string, Deadline[]>()
  for (const item of items) {
    const month = item.saveBy.slice(0, 7)
    const known = months.get(month)
    if (known === undefined) months.set(month, [item])
    else known.push(item)
  }
  return new Map([...months].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

const monthWords = (month: string) =>
  new Date(`${month}-01T00:00:00Z`).toLocaleDateString('en-US', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
