/** Devices of a plan, and how each is priced. */
import { type Outcome as Code, OUTCOME_WORDS } from '../../catalogue/outcomes.ts'
import { READERS } from '../../tenancy/auth.ts'
import type { Gets } from '../answers.ts'
import { page } from '../page.ts'
import { Table } from '../parts/table.tsx'
import { Known, Outcome } from '../parts/words.tsx'

type Planned = Gets['/v1/plans/{id}/devices']['items'][number]

const isOutcome = (text: string): text is Code => Object.hasOwn(OUTCOME_WORDS, text)

export const planDevicesPage = page({
  path: '/plans/:id/devices',
  roles: READERS,
  title: 'Devices of the plan',
  load: async (api, { params, query }) => {
    const id = params.id ?? ''
    const plan = await api.get('/v1/plans/{id}', { params: { id } })
    const asked = new URLSearchParams(query)
    if (!asked.has('limit')) asked.set('limit', '100')
    const listed = await api.get('/v1/plans/{id}/devices', { params: { id }, query: asked })
    const prices = await api.get('/v1/cost-catalog', { query: { jurisdictionId: plan.jurisdictionId } })
    return {
      plan,
      ...listed,
      prices: new Map(prices.items.map(({ code, description }) => [code, description])),
    }
  },
  trail: ({ plan }) => [
    ['Plans', '/console/plans'],
    [plan.name, `/console/plans/${plan.id}`],
  ],
  View: ({ data: { plan, items, nextCursor, prices }, asked: { query } }) => (
    <>
      {items.length === 0 ? (
        <p class="empty">No device. The filter hides them, or the plan has none yet.</p>
      ) : (
        <Table
          caption={`Devices to replace, ${plan.devices.toLocaleString('en-US')} in all`}
          rows={items}
          rowKey={({ deviceId }) => deviceId}
          columns={[
            {
              label: 'Device',
              cell: ({ deviceId, assetTag }: Planned) => (
                <a href={`/console/devices/${deviceId}`}>{assetTag ?? 'no asset tag'}</a>
              ),
            },
            { label: 'Made by', cell: ({ manufacturer }) => <Known value={manufacturer} /> },
            { label: 'Model', cell: ({ model }) => <Known value={model} /> },
            { label: 'Site', cell: ({ site }) => <Known value={site} /> },
            {
              label: 'Worst answer',
              cell: ({ restriction }) =>
                isOutcome(restriction) ? <Outcome outcome={restriction} /> : 'No finding',
            },
            {
              label: 'Priced as',
              cell: ({ costCode }) =>
                costCode === null
                  ? 'nothing prices it: it is in no figure'
                  : (prices.get(costCode) ?? 'its own price'),
            },
            {
              label: 'Legal hold',
              cell: ({ legalHold, legalHoldReason }) => (legalHold ? (legalHoldReason ?? 'yes') : 'no'),
            },
          ]}
        />
      )}
      <p class="pager">
        {query.has('cursor') ? <a href={`/console/plans/${plan.id}/devices`}>First page</a> : null}
        {nextCursor === null ? null : (
          <a href={`/console/plans/${plan.id}/devices?cursor=${encodeURIComponent(nextCursor)}`}>Next</a>
        )}
        <a href={`/console/plans/${plan.id}/devices?isPriced=false`}>Without a price</a>
        <a href={`/console/v1/plans/${plan.id}/devices?as=csv`} download>
          Devices (CSV)
        </a>
      </p>
    </>
  ),
})
