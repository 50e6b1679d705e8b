/** The register as a table. */
import { ACTIVITIES, OUTCOME_WORDS } from '../../catalogue/outcomes.ts'
import { READERS } from '../../tenancy/auth.ts'
import type { Gets } from '../answers.ts'
import { UNSENT } from '../form.ts'
import { page } from '../page.ts'
import { Select } from '../parts/form.tsx'
import { Table } from '../parts/table.tsx'
import { activityWords, count, Known, Outcome } from '../parts/words.tsx'

type Listed = Gets['/v1/devices']['items'][number]

const OUTCOMES = [['', 'any'], ...Object.entries(OUTCOME_WORDS)] as [string, string][]

export const devicesPage = page({
  path: '/devices',
  roles: READERS,
  place: { group: 'Register', label: 'Devices' },
  title: 'Devices',
  load: async (api, { query }) => ({
    chosen: query.get('outcome'),
    ...(await api.get('/v1/devices', { query: withoutBlanks(query) })),
  }),
  View: ({ data: { items, chosen } }) => (
    <>
      <form method="get" class="row">
        <Select form={UNSENT} name="outcome" label="Answer" value={chosen} options={OUTCOMES} />
        <button type="submit">Show</button>
      </form>
      <Table
        caption={count(items.length, 'device')}
        rows={items}
        rowKey={({ id }) => id}
        columns={[
          { label: 'Asset tag', cell: ({ assetTag }: Listed) => <Known value={assetTag} /> },
          { label: 'Model', cell: ({ model }) => <Known value={model} /> },
          { label: 'Made by', cell: ({ identification }) => <Known value={identification?.maker} /> },
          ...ACTIVITIES.map((activity) => ({
            label: activityWords(activity),
            cell: ({ headline }: Listed) => (headline ? <Outcome outcome={headline[activity]} /> : null),
          })),
        ]}
      />
    </>
  ),
})

const withoutBlanks = (query: URLSearchParams) =>
  new URLSearchParams([...query].filter(([, value]) => value !== ''))
