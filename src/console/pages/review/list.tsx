/** What waits for a person, grouped by what would settle most. */
import { EDITORS, READERS } from '../../../tenancy/auth.ts'
import type { Gets } from '../../answers.ts'
import { page } from '../../page.ts'
import { ChooseCity } from '../../parts/choose-city.tsx'
import { Table } from '../../parts/table.tsx'
import { count, Known } from '../../parts/words.tsx'
import { cityNames } from '../../places.ts'
import { settlingWords } from '../../review-words.ts'

type Group = Gets['/v1/reviews']['items'][number]

export const reviewPage = page({
  path: '/review',
  roles: READERS,
  place: { group: 'Register', label: 'Review' },
  title: 'Who made these?',
  load: async (api, { query, who }) => {
    const mayChange = (EDITORS as readonly string[]).includes(who.principal.role)
    if (who.principal.jurisdictionId === null && !query.has('jurisdictionId'))
      return { cities: await cityNames(api), groups: null, mayChange }
    return { cities: null, groups: await api.get('/v1/reviews', { query }), mayChange }
  },
  View: ({ data: { cities, groups, mayChange }, asked: { names, query } }) => {
    if (groups === null) return <ChooseCity cities={cities} address="/console/review" />
    const { items, nextCursor } = groups
    return (
      <>
        <p class="row no-print">
          <a href={`/console/statements${of(query)}`}>
            What people have stated, and what waits for a second person
          </a>
        </p>
        {items.length === 0 ? (
          <div class="empty">
            <p>Nothing waits here: every device has a maker, or a stated reason why not.</p>
            <p>
              <a href="/console/devices">Look at the devices</a>
            </p>
          </div>
        ) : (
          <>
            <p class="lead">
              It is not settled who made these devices, and answers depend on it. The first line settles most
              devices at once.
            </p>
            <Table
              caption="Devices alike, the most first"
              rows={items}
              rowKey={({ id }) => id}
              columns={[
                { label: 'Devices', cell: (group: Group) => <Lead group={group} mayChange={mayChange} /> },
                { label: 'How many', isNumber: true, cell: ({ devices }) => count(devices, 'device') },
                {
                  label: 'May be settled by',
                  cell: ({ missing }) =>
                    missing.length === 0 ? 'a statement of a person' : missing.map(settlingWords).join(', '),
                },
                {
                  label: 'May be made by',
                  cell: ({ candidates }) => (
                    <Known value={candidates.map(({ vendor }) => names.vendor(vendor)).join(', ')} />
                  ),
                },
              ]}
            />
          </>
        )}
        {nextCursor === null ? null : (
          <p class="pager">
            <a href={`/console/review?${new URLSearchParams([...query, ['cursor', nextCursor]])}`}>More</a>
          </p>
        )}
      </>
    )
  },
})

/** The city that is asked for goes along. */
function of(query: URLSearchParams): string {
  const city = query.get('jurisdictionId')
  return city === null ? '' : `?jurisdictionId=${encodeURIComponent(city)}`
}

function Lead({ group, mayChange }: { readonly group: Group; readonly mayChange: boolean }) {
  const { manufacturer, model, exampleDeviceId } = group
  return (
    <a href={`/console/${mayChange ? 'review' : 'devices'}/${exampleDeviceId}`}>
      {[manufacturer, model].filter(Boolean).join(' ') || 'No name and no model'}
    </a>
  )
}
