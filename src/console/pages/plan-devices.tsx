/** Devices of a plan, and how each is priced. */
import { type Outcome as Code, OUTCOME_WORDS } from '../../catalogue/outcomes.ts'
import { PLANNERS } from '../../planning/context.ts'
import { READERS } from '../../tenancy/auth.ts'
import type { Gets } from '../answers.ts'
import type { Api } from '../client.ts'
import { type FormState, formOf } from '../form.ts'
import { every } from '../names.ts'
import { GoTo, page } from '../page.ts'
import { Form, Select } from '../parts/form.tsx'
import { Table } from '../parts/table.tsx'
import { Known, Outcome } from '../parts/words.tsx'

type Planned = Gets['/v1/plans/{id}/devices']['items'][number]

const isOutcome = (text: string): text is Code => Object.hasOwn(OUTCOME_WORDS, text)

interface PricesOf {
  readonly planId: string
  readonly items: readonly Planned[]
  readonly prices: ReadonlyMap<string, string>
  readonly form: FormState
}

/** What to do about devices that nothing prices: one form for each kind of them. */
function PriceThem({ planId, items, prices, form }: PricesOf) {
  const classes = [...new Set(items.map(({ deviceClass }) => deviceClass ?? ''))]
  return (
    <section class="no-print">
      <p class="notice">
        These are in no figure. Say what they are priced as, or{' '}
        <a href={`/console/plans/${planId}`}>choose what is bought instead</a>, or take them out of the plan.
      </p>
      {classes.map((one) => (
        <Form
          key={one}
          form={formOf(form, one)}
          labels={{ [`price-${one}`]: 'Priced as' }}
          button="Price all of them so"
        >
          <input type="hidden" name="class" value={one} />
          <Select
            form={formOf(form, one)}
            name={`price-${one}`}
            label={`Every ${one === '' ? 'device of no class' : one.replaceAll('-', ' ')} without a price is priced as`}
            options={[...prices].filter(([code]) => EQUIPMENT.test(code))}
          />
        </Form>
      ))}
    </section>
  )
}

/** Codes of equipment in the price list. */
const EQUIPMENT = /^(CAM|REC|INF|ACS|UAS)-/

async function priceAs(api: Api, id: string, deviceClass: string, costCode: string): Promise<GoTo> {
  const without = await every((query) =>
    api.get('/v1/plans/{id}/devices', { params: { id }, query: { ...query, isPriced: 'false' } }),
  )
  const deviceIds = without
    .filter((one) => (one.deviceClass ?? '') === deviceClass)
    .map(({ deviceId }) => deviceId)
  for (let from = 0; from < deviceIds.length; from += DEVICES_AT_ONCE)
    await api.send('POST /v1/plans/{id}/devices', {
      params: { id },
      body: { deviceIds: deviceIds.slice(from, from + DEVICES_AT_ONCE), costCode },
    })
  return new GoTo(`/console/plans/${id}/devices`, 'plan-devices-priced')
}

/** The most that one request may name. */
const DEVICES_AT_ONCE = 10_000

const TAKE_OUT = {
  label: 'Take out of the plan',
  cell: ({ deviceId, assetTag, siteId, site }: Planned) => (
    <form method="post" class="no-print inline">
      <button type="submit" name="device" value={deviceId}>
        Take out<span class="hidden"> {assetTag ?? 'this device'}</span>
      </button>
      {siteId === null ? null : (
        <button type="submit" name="site" value={siteId}>
          All of {site}
        </button>
      )}
    </form>
  ),
}

export const planDevicesPage = page({
  path: '/plans/:id/devices',
  roles: READERS,
  submitRoles: PLANNERS,
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
  // The one whose button was pressed, or every device of the plan at its site.
  submit: async (api, { params }, form) => {
    const id = params.id ?? ''
    const deviceClass = form.get('class')
    if (deviceClass !== null) return priceAs(api, id, deviceClass, form.get(`price-${deviceClass}`) ?? '')
    const site = form.get('site')
    const query = site === null ? { deviceId: form.get('device') ?? '' } : { siteId: site }
    const call = { params: { id }, query, body: undefined }
    await api.send('DELETE /v1/plans/{id}/devices', call)
    return new GoTo(`/console/plans/${id}/devices`, 'plan-devices-removed')
  },
  View: ({ data: { plan, items, nextCursor, prices }, asked: { query, who }, form }) => (
    <>
      {form.problem === null ? null : (
        <p class="wrong" role="alert">
          {form.problem.detail ?? form.problem.title}
        </p>
      )}
      {query.get('isPriced') === 'false' && items.length > 0 ? (
        <PriceThem planId={plan.id} items={items} prices={prices} form={form} />
      ) : null}
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
            ...(PLANNERS.some((role) => role === who.principal.role) ? [TAKE_OUT] : []),
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
