/** Entries whose maker a person has to say. */
import { ADMINS, READERS } from '../../../tenancy/auth.ts'
import type { Gets } from '../../answers.ts'
import { wrongForm } from '../../form.ts'
import { STANDING_WORDS } from '../../list-words.ts'
import { GoTo, page } from '../../page.ts'
import { Form, Select, TextArea } from '../../parts/form.tsx'
import { Table } from '../../parts/table.tsx'
import { count, Known } from '../../parts/words.tsx'
import { Maker } from './one.tsx'

type Entry = Gets['/v1/lists/{id}/unmatched']['items'][number]

const LABELS = { maker: 'Which maker it names', evidence: 'What it was found out by' }
const NOBODY = '-'

export const listUnmatchedPage = page({
  path: '/lists/:id/unmatched',
  roles: READERS,
  submitRoles: ADMINS,
  title: 'Entries that wait for a person',
  load: async (api, { params, query, who }) => {
    const asked = new URLSearchParams([...query].filter(([name]) => name !== 'key'))
    const found = await api.get('/v1/lists/{id}/unmatched', { params, query: asked })
    return {
      id: params.id ?? '',
      ...found,
      chosen: found.items.find(({ key }) => key === query.get('key')) ?? null,
      mayDecide: (ADMINS as readonly string[]).includes(who.principal.role),
    }
  },
  trail: ({ id }) => [
    ['Official lists', '/console/lists'],
    [id, `/console/lists/${id}`],
  ],
  View: ({ data: { id, items, nextCursor, chosen, mayDecide }, form, asked: { names } }) => (
    <>
      <p class="lead">
        Names that are near a maker of the catalog, and those that are taken as listed until a person has
        looked. A decision holds for this version and those to come.
      </p>
      {chosen === null || !mayDecide ? null : (
        <>
          <h2>Whom does “{chosen.name}” name?</h2>
          <p>{chosen.why}</p>
          <Known value={chosen.entry.aliases.map(({ text }) => text).join('; ') || 'No other names.'} />
          <Form form={form} labels={LABELS} button="Decide it">
            <input type="hidden" name="key" value={chosen.key} />
            <Select
              form={form}
              name="maker"
              label={LABELS.maker}
              options={[
                ['', 'choose'],
                [NOBODY, 'None of them'],
                ...(chosen.maker === null ? [] : [[chosen.maker, names.vendor(chosen.maker)] as const]),
                ...[...names.vendors]
                  .filter(([one]) => one !== chosen.maker)
                  .sort(([, a], [, b]) => a.localeCompare(b)),
              ]}
            />
            <TextArea form={form} name="evidence" label={LABELS.evidence} />
          </Form>
        </>
      )}
      {items.length === 0 ? (
        <p class="empty">No entry waits: each names a maker for sure, or none.</p>
      ) : (
        <Table
          caption={`${count(items.length, 'entry', 'entries')}${nextCursor === null ? '' : ', and more'}`}
          rows={items}
          rowKey={({ key }) => key.replaceAll(/[^\w-]+/g, '-')}
          columns={[
            {
              label: 'Name on the list',
              cell: ({ key, name }: Entry) =>
                mayDecide ? (
                  <a href={`/console/lists/${id}/unmatched?${new URLSearchParams({ key })}`}>{name}</a>
                ) : (
                  name
                ),
            },
            { label: 'May name', cell: ({ maker, standing }) => <Maker {...{ maker, standing, names }} /> },
            { label: 'Why', cell: ({ why }) => <Known value={why} /> },
            { label: 'Countries', cell: ({ entry }) => <Known value={entry.countries.join(', ')} /> },
            { label: 'How it stands', cell: ({ standing }) => STANDING_WORDS[standing] },
          ]}
        />
      )}
      {nextCursor === null ? null : (
        <p class="pager">
          <a href={`/console/lists/${id}/unmatched?${new URLSearchParams({ cursor: nextCursor })}`}>More</a>
        </p>
      )}
    </>
  ),
  submit: async (api, { params }, form) => {
    const maker = form.get('maker') ?? ''
    if (maker === '') return wrongForm(form, { maker: 'Choose a maker, or none of them.' })
    const { body } = await api.send('POST /v1/lists/{id}/decisions', {
      params,
      body: {
        key: form.get('key') ?? '',
        maker: maker === NOBODY ? null : maker,
        evidence: form.get('evidence')?.trim() ?? '',
      },
    })
    return new GoTo(
      `/console/lists/${encodeURIComponent(params.id ?? '')}/unmatched`,
      body.listings.length > 0 ? 'entry-decided-listing' : 'entry-decided',
    )
  },
})
