/** "Can I patch it?" for every device, and for one vulnerability. */
import { PATCH_ANSWERS } from '../../../firmware-risk/patch-answer.ts'
import { READERS } from '../../../tenancy/auth.ts'
import type { Gets } from '../../answers.ts'
import { PATCH_WHY_WORDS, PATCH_WORDS } from '../../choice-words.ts'
import { sourceWords, TREATMENT_WORDS } from '../../firmware-words.ts'
import { UNSENT } from '../../form.ts'
import { page } from '../../page.ts'
import { Input, Select } from '../../parts/form.tsx'
import { Table } from '../../parts/table.tsx'
import { count, Day, Known } from '../../parts/words.tsx'

type Item = Gets['/v1/patch-answers']['items'][number]
type Count = Gets['/v1/patch-answers/vulnerabilities']['items'][number]

/** Fields that were left alone in the form leave the question. */
function narrowed(query: URLSearchParams): URLSearchParams {
  const asked = new URLSearchParams([...query].filter(([, value]) => value.trim() !== ''))
  const vulnerability = asked.get('vulnerability')
  if (vulnerability !== null) asked.set('vulnerability', vulnerability.trim().toUpperCase())
  return asked
}

export const patchAnswersPage = page({
  path: '/patch-answers',
  roles: READERS,
  place: { group: 'Firmware', label: 'Can I patch it?' },
  title: 'Can I patch it?',
  load: async (api, { query }) => {
    const asked = narrowed(query)
    const filter = new URLSearchParams(asked)
    filter.delete('cursor')
    if (!asked.has('limit')) asked.set('limit', '100')
    const [{ items, nextCursor }, counts] = await Promise.all([
      api.get('/v1/patch-answers', { query: asked }),
      api.get('/v1/patch-answers/vulnerabilities', { query: filter }),
    ])
    return { items, nextCursor, filter, open: counts.items.length }
  },
  View: ({ data: { items, nextCursor, filter, open }, asked: { query } }) => (
    <>
      <p class="lead">
        For each device in use or stored: whether its firmware can be patched today, from where, and which
        rule decides. The most pressing come first.
      </p>
      <p class="row no-print">
        <a href={`/console/patch-answers/vulnerabilities?${filter}`}>
          {count(open, 'open vulnerability', 'open vulnerabilities')}, with the devices that have them
        </a>
      </p>
      <form method="get" class="row no-print">
        <Select
          form={UNSENT}
          name="patch"
          label="Answer"
          value={query.get('patch')}
          options={[['', 'any'], ...PATCH_ANSWERS.map((answer) => [answer, PATCH_WORDS[answer]] as const)]}
        />
        <Input
          form={UNSENT}
          name="vulnerability"
          label="With this vulnerability"
          value={query.get('vulnerability')}
        />
        <button type="submit">Show</button>
      </form>
      {items.length === 0 ? (
        <div class="empty">
          <p>
            {filter.size === 0
              ? 'No device is in use or stored yet.'
              : 'No device matches. The vulnerability may be closed on all of them, or be misspelled.'}
          </p>
          <p>
            {filter.size === 0 ? (
              <a href="/console/devices">Look at the devices</a>
            ) : (
              <a href="/console/patch-answers">Show every device</a>
            )}
          </p>
        </div>
      ) : (
        <Table
          caption={`${count(items.length, 'device')}${nextCursor === null ? '' : ', and more'}`}
          rows={items}
          rowKey={({ deviceId }) => deviceId}
          columns={COLUMNS}
        />
      )}
      {nextCursor === null ? null : (
        <p class="pager">
          <a class="button quiet" href={`/console/patch-answers?${having(filter, 'cursor', nextCursor)}`}>
            Next page
          </a>
        </p>
      )}
      <p class="no-print">
        <a href={`/console/v1/patch-answers?${having(filter, 'as', 'csv')}`}>All of these as CSV</a>
      </p>
    </>
  ),
})

const having = (query: URLSearchParams, name: string, value: string) =>
  new URLSearchParams([...query, [name, value]])

const COLUMNS = [
  {
    label: 'Device',
    cell: ({ deviceId, assetTag, name }: Item) => (
      <a href={`/console/devices/${deviceId}#firmware`}>{assetTag ?? name ?? 'no tag'}</a>
    ),
  },
  {
    label: 'Label and firmware',
    cell: ({ manufacturer, model, firmwareVersion, siteName }: Item) => (
      <>
        <Known value={[manufacturer, model].filter(Boolean).join(' ')} />
        <br />
        <span class="hint">
          {firmwareVersion ?? 'version not known'}, {siteName ?? 'no site'}
        </span>
      </>
    ),
  },
  {
    label: 'Can it be patched?',
    cell: ({ patch, treatments }: Item) => (
      <>
        <strong>{PATCH_WORDS[patch.answer]}.</strong> {PATCH_WHY_WORDS[patch.why]}
        {treatments.map(({ id, kind, title }) => (
          <p key={id} class="hint">
            <a href={`/console/risk-treatments/${id}`}>{title}</a> ({TREATMENT_WORDS[kind].toLowerCase()})
          </p>
        ))}
      </>
    ),
  },
  { label: 'From', cell: ({ patch }: Item) => <Known value={sourceWords(patch)} /> },
  {
    label: 'Lawful until',
    // Only of what may be done today: beside any other answer "no end" would read as leave.
    cell: ({ patch: { answer, lastLawfulDay } }: Item) =>
      answer === 'yes' ? (
        lastLawfulDay === null ? (
          'no end known'
        ) : (
          <Day day={lastLawfulDay} />
        )
      ) : (
        <Known value={null} />
      ),
  },
  {
    label: 'Stays open',
    cell: ({ patch: { leavesOpen } }: Item) =>
      leavesOpen.length === 0 ? 'nothing known' : leavesOpen.join(', '),
  },
  {
    label: 'Rule',
    cell: ({ patch: { rule } }: Item) =>
      rule === null ? (
        'none names the maker'
      ) : (
        <a href={`/console/regimes/${rule.regime}`}>{rule.citation}</a>
      ),
  },
]

export const vulnerabilitiesPage = page({
  path: '/patch-answers/vulnerabilities',
  roles: READERS,
  title: 'Open vulnerabilities',
  trail: () => [['Can I patch it?', '/console/patch-answers']],
  load: async (api, { query }) => ({
    ...(await api.get('/v1/patch-answers/vulnerabilities', { query: narrowed(query) })),
    filter: narrowed(query),
  }),
  View: ({ data: { items, filter } }) =>
    items.length === 0 ? (
      <p class="empty">
        No open vulnerability is known on these devices. What is known comes from the feeds that this service
        has read.
      </p>
    ) : (
      <>
        <p class="lead">Those used in attacks come first. Each leads to its devices.</p>
        <Table
          caption={count(items.length, 'open vulnerability', 'open vulnerabilities')}
          rows={items}
          rowKey={({ id }) => id}
          columns={[
            {
              label: 'Vulnerability',
              cell: ({ id }: Count) => <a href={`/console/patch-answers?${leadingTo(filter, id)}`}>{id}</a>,
            },
            {
              label: 'Used in attacks',
              cell: ({ isKnownExploited, ssvc }) =>
                isKnownExploited ? 'yes' : ssvc === null ? 'not known' : (SSVC_WORDS[ssvc] ?? ssvc),
            },
            {
              label: 'Chance in 30 days',
              isNumber: true,
              cell: ({ epss }) => (epss === null ? 'not known' : `${(epss * 100).toFixed(1)}%`),
            },
            { label: 'Devices', isNumber: true, cell: ({ devices }) => devices.toLocaleString('en-US') },
            { label: 'Can be fixed', isNumber: true, cell: ({ fix }) => fix.yes.toLocaleString('en-US') },
            { label: 'Cannot', isNumber: true, cell: ({ fix }) => fix.no.toLocaleString('en-US') },
            { label: 'Not known', isNumber: true, cell: ({ fix }) => fix.unknown.toLocaleString('en-US') },
            {
              label: 'Only under a license',
              isNumber: true,
              cell: ({ underLicense }) => underLicense.toLocaleString('en-US'),
            },
          ]}
        />
        <p class="no-print">
          <a href={`/console/v1/patch-answers/vulnerabilities?${having(filter, 'as', 'csv')}`}>
            All of these as CSV
          </a>
        </p>
      </>
    ),
})

const SSVC_WORDS: Readonly<Record<string, string>> = {
  none: 'no sign of it',
  poc: 'a way is public',
  active: 'yes',
}

function leadingTo(filter: URLSearchParams, id: string): URLSearchParams {
  const asked = new URLSearchParams(filter)
  asked.set('vulnerability', id)
  return asked
}
