/** One official list: its versions, what differs between them, and (operator) a new file, tried first. */
import { ADMINS, READERS } from '../../../tenancy/auth.ts'
import type { Gets, Sends } from '../../answers.ts'
import { countsWords, ENTRY_CHANGE_WORDS, STANDING_WORDS } from '../../list-words.ts'
import type { Names } from '../../names.ts'
import { every } from '../../names.ts'
import { GoTo, page } from '../../page.ts'
import { FileForm, FileInput, Input, Select } from '../../parts/form.tsx'
import { Trial } from '../../parts/list-trial.tsx'
import { Table } from '../../parts/table.tsx'
import { count, Day, Known, Moment } from '../../parts/words.tsx'

type List = Gets['/v1/lists']['items'][number]
type Version = Gets['/v1/lists/{id}/versions']['items'][number]
type Change = Gets['/v1/lists/{id}/versions/{range}']['items'][number]

interface Loaded {
  readonly list: List
  readonly versions: readonly Version[]
  /** Entries that wait for a person. */
  readonly unmatched: number
  readonly mayLoad: boolean
}

const LABELS = { do: 'What to do', publishedOn: 'Published on', force: 'After a refusal', file: 'File' }

export const listPage = page<Loaded>({
  path: '/lists/:id',
  roles: READERS,
  submitRoles: ADMINS,
  title: ({ list }) => list.title,
  trail: () => [['Official lists', '/console/lists']],
  load: async (api, { params, who }) => {
    const [lists, { items: versions }, unmatched] = await Promise.all([
      every((query) => api.get('/v1/lists', { query })),
      api.get('/v1/lists/{id}/versions', { params, query: { limit: '50' } }),
      every((query) => api.get('/v1/lists/{id}/unmatched', { params, query })),
    ])
    const list = lists.find(({ id }) => id === params.id)!
    return {
      list,
      versions,
      unmatched: unmatched.length,
      mayLoad: (ADMINS as readonly string[]).includes(who.principal.role),
    }
  },
  View: ({ data: { list, versions, unmatched, mayLoad }, form, asked }) => (
    <>
      <p class="lead">
        Kept by: {list.authority}. It is published at <a href={list.address}>{list.address}</a>
      </p>
      {list.isOld ? (
        <p class="notice">This list was not read for longer than it may be. Read it again.</p>
      ) : null}
      <p>
        <a href={`/console/lists/${list.id}/unmatched`}>
          {count(unmatched, 'entry waits', 'entries wait')} for a person
        </a>{' '}
        who says which maker they name.
      </p>
      {form.result === undefined ? null : (
        <Trial load={form.result as Sends['POST /v1/lists/{id}/versions']['answer']} names={asked.names} />
      )}
      {versions.length === 0 ? (
        <p class="empty">No file of this list was read yet. The entries that come with the service count.</p>
      ) : (
        <Versions id={list.id} versions={versions} />
      )}
      {mayLoad ? (
        <>
          <h2>Read a new file</h2>
          <p>
            Save the file from the address above and choose it here, as it is. What is refused leaves the
            version in force as it is.
          </p>
          <FileForm form={form} labels={LABELS} button="Read the file">
            <Select
              form={form}
              name="do"
              label={LABELS.do}
              options={[
                ['try', 'Show first whom it would flag and clear'],
                ['load', 'Put it in force'],
              ]}
            />
            <Input
              form={form}
              name="publishedOn"
              label={LABELS.publishedOn}
              type="date"
              hint="Only for a file that does not say it."
            />
            <Select
              form={form}
              name="force"
              label={LABELS.force}
              options={[
                ['', 'refuse what looks wrong'],
                ['true', 'take it: somebody has looked at the file'],
              ]}
            />
            <FileInput
              form={form}
              name="file"
              label={LABELS.file}
              accept=".xml,.csv,.json,.txt"
              hint={`Read: ${list.formats.map(({ title }) => title).join('; ')}.`}
            />
          </FileForm>
        </>
      ) : null}
    </>
  ),
  receive: async (api, { params }, form, file) => {
    const id = params.id ?? ''
    if (file === null)
      return { sent: form, problem: NO_FILE, errors: new Map([['file', 'Choose a file first.']]) }
    const isTrial = form.get('do') !== 'load'
    const query = {
      dryRun: String(isTrial),
      ...(form.get('force') === 'true' ? { force: 'true' } : {}),
      ...(form.get('publishedOn') ? { publishedOn: form.get('publishedOn')! } : {}),
    }
    const { body } = await api.upload('POST /v1/lists/{id}/versions', file, query, { id })
    if (!isTrial)
      return new GoTo(
        `/console/lists/${encodeURIComponent(id)}`,
        body.isChanged ? 'list-loaded' : 'list-same',
      )
    return { sent: form, problem: null, errors: new Map(), result: body }
  },
})

const NO_FILE = { status: 400, title: 'No file was chosen.', type: '/problems/invalid-request' }

function Versions({ id, versions }: { readonly id: string; readonly versions: readonly Version[] }) {
  return (
    <Table
      caption="Versions, newest first"
      rows={versions}
      rowKey={({ version }) => String(version)}
      columns={[
        { label: 'Version', cell: ({ version }: Version) => version },
        { label: 'Published', cell: ({ publishedOn }) => <Day day={publishedOn} /> },
        { label: 'Read here', cell: ({ loadedAt }) => <Moment at={loadedAt} /> },
        { label: 'Entries', cell: ({ counts }) => countsWords(counts) },
        {
          label: 'What changed',
          cell: ({ version }) => (
            <a href={`/console/lists/${id}/versions/${version - 1}..${version}`}>
              Since {version === 1 ? 'before any file' : `version ${version - 1}`}
            </a>
          ),
        },
        { label: 'Taken after a refusal', cell: ({ isForced }) => (isForced ? 'yes' : 'no') },
      ]}
    />
  )
}

export const listChangesPage = page({
  path: '/lists/:id/versions/:range',
  roles: READERS,
  title: 'What changed on the list',
  load: async (api, { params, query }) => ({
    id: params.id ?? '',
    range: params.range ?? '',
    ...(await api.get('/v1/lists/{id}/versions/{range}', { params, query })),
  }),
  trail: ({ id }) => [
    ['Official lists', '/console/lists'],
    [id, `/console/lists/${id}`],
  ],
  View: ({ data: { id, range, items, nextCursor }, asked: { names } }) => (
    <>
      <p class="lead">Between the versions {range.replace('..', ' and ')}.</p>
      {items.length === 0 ? (
        <p class="empty">Nothing differs between these versions.</p>
      ) : (
        <Table
          caption={`${count(items.length, 'entry', 'entries')}${nextCursor === null ? '' : ', and more'}`}
          rows={items}
          rowKey={({ key, change }) => `${change}-${key}`}
          columns={[
            { label: 'Name', cell: ({ name }: Change) => name },
            { label: 'What happened', cell: ({ change }) => ENTRY_CHANGE_WORDS[change] },
            { label: 'Maker', cell: ({ maker, standing }) => <Maker {...{ maker, standing, names }} /> },
            {
              label: 'On the list',
              cell: ({ before, after }) => <Known value={(after ?? before)?.programs.join(', ')} />,
            },
          ]}
        />
      )}
      {nextCursor === null ? null : (
        <p class="pager">
          <a href={`/console/lists/${id}/versions/${range}?cursor=${encodeURIComponent(nextCursor)}`}>More</a>
        </p>
      )}
    </>
  ),
})

interface MakerOf {
  readonly maker: string | null
  readonly standing: Change['standing']
  readonly names: Names
}

export function Maker({ maker, standing, names }: MakerOf) {
  if (maker === null) return <>none of the catalog</>
  return (
    <>
      <a href={`/console/manufacturers/${maker}`}>{names.vendor(maker)}</a>
      {standing === 'sure' ? '' : `: ${STANDING_WORDS[standing].toLowerCase()}`}
    </>
  )
}
