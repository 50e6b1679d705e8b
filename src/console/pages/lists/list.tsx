/** Official lists: which version is in force, and how old it is. */
import { READERS } from '../../../tenancy/auth.ts'
import type { Gets } from '../../answers.ts'
import { every } from '../../names.ts'
import { page } from '../../page.ts'
import { Table } from '../../parts/table.tsx'
import { count, Day } from '../../parts/words.tsx'

type List = Gets['/v1/lists']['items'][number]

const OUTCOME_WORDS: Readonly<Record<NonNullable<List['outcome']>, string>> = {
  loaded: 'taken',
  unchanged: 'the same as before',
  refused: 'refused',
  failed: 'could not be fetched',
}

export const listsPage = page({
  path: '/lists',
  roles: READERS,
  place: { group: 'Law', label: 'Official lists' },
  title: 'Official lists',
  load: (api) => every((query) => api.get('/v1/lists', { query })),
  View: ({ data: lists }) => (
    <>
      <p class="lead">
        Lists as their authorities publish them. Until a file of a list is read here, the entries that come
        with this service count.
      </p>
      <Table
        caption={count(lists.length, 'list')}
        rows={lists}
        rowKey={({ id }) => id}
        columns={[
          { label: 'List', cell: ({ id, title }: List) => <a href={`/console/lists/${id}`}>{title}</a> },
          { label: 'Authority', cell: ({ authority }) => authority },
          {
            label: 'In force',
            cell: ({ inForce }) =>
              inForce === null ? (
                'no file read yet'
              ) : (
                <>
                  version {inForce.version}, published <Day day={inForce.publishedOn} />
                </>
              ),
          },
          {
            label: 'Age',
            cell: ({ ageDays, isOld }) =>
              ageDays === null
                ? 'not known'
                : `${count(ageDays, 'day')}${isOld ? ': too old, read it again' : ''}`,
          },
          {
            label: 'Last file',
            cell: ({ outcome, detail }) =>
              outcome === null ? 'none' : `${OUTCOME_WORDS[outcome]}${detail === null ? '' : `: ${detail}`}`,
          },
        ]}
      />
    </>
  ),
})
