/** Files that were imported. */
import { EDITORS, READERS } from '../../../tenancy/auth.ts'
import type { Gets } from '../../answers.ts'
import { page } from '../../page.ts'
import { Table } from '../../parts/table.tsx'
import { count, Moment } from '../../parts/words.tsx'

type Listed = Gets['/v1/imports']['items'][number]

export const importsPage = page({
  path: '/imports',
  roles: READERS,
  place: { group: 'Register', label: 'Imports' },
  title: 'Imports',
  load: (api, { query }) => api.get('/v1/imports', { query }),
  View: ({ data: { items, nextCursor }, asked: { who, query } }) => {
    const mayImport = EDITORS.some((role) => role === who.principal.role)
    if (items.length === 0) return <Nothing mayImport={mayImport} isCut={query.size > 0} />
    return (
      <>
        <p class="lead">Each file that was taken into the register, newest first.</p>
        {mayImport ? <Begin label="Import a spreadsheet" /> : null}
        <Table
          caption={count(items.length, 'import')}
          rows={items}
          rowKey={({ id }) => id ?? ''}
          columns={[
            {
              label: 'File',
              cell: ({ id, fileName }: Listed) => (
                <a href={`/console/imports/${id}`}>{fileName ?? 'no name'}</a>
              ),
            },
            { label: 'When', cell: ({ createdAt }) => <Moment at={createdAt} /> },
            { label: 'New', isNumber: true, cell: ({ counts }) => counts.created },
            { label: 'Changed', isNumber: true, cell: ({ counts }) => counts.updated },
            { label: 'As before', isNumber: true, cell: ({ counts }) => counts.unchanged },
            { label: 'Not taken', isNumber: true, cell: ({ counts }) => counts.rejected },
            {
              label: 'State',
              cell: ({ undoneAt }) => (undoneAt === null ? 'stands' : 'undone'),
            },
          ]}
        />
        {nextCursor === null ? null : (
          <p class="pager">
            <a href={`/console/imports?${next(query, nextCursor)}`}>Older imports</a>
          </p>
        )}
      </>
    )
  },
})

function next(query: URLSearchParams, cursor: string): URLSearchParams {
  const following = new URLSearchParams(query)
  following.set('cursor', cursor)
  return following
}

function Begin({ label }: { readonly label: string }) {
  return (
    <p>
      <a class="button" href="/console/imports/new">
        {label}
      </a>
    </p>
  )
}

function Nothing({ mayImport, isCut }: { readonly mayImport: boolean; readonly isCut: boolean }) {
  if (isCut)
    return (
      <div class="empty">
        <p>Nothing here. There may be imports that this address leaves out.</p>
        <p>
          <a href="/console/imports">All imports</a>
        </p>
      </div>
    )
  return (
    <div class="empty">
      <p>No file has been imported yet. A spreadsheet of your cameras fills the register in a few minutes.</p>
      {mayImport ? (
        <Begin label="Import a spreadsheet" />
      ) : (
        <p>Your key reads. Someone with a key that changes the register can import a spreadsheet.</p>
      )}
    </div>
  )
}
