/** What things cost: the prices that ship, with the city's own quotes over them. */

import { READERS } from '../../tenancy/auth.ts'
import type { Gets } from '../answers.ts'
import { wrongForm } from '../form.ts'
import { centsOf } from '../money.ts'
import { GoTo, page } from '../page.ts'
import { Form, Input, Select } from '../parts/form.tsx'
import { Table } from '../parts/table.tsx'
import { count, Day } from '../parts/words.tsx'
import { CITY_PLANNERS, mayPlan } from '../planners.ts'
import { BASIS_WORDS, basisWords, priceWords } from '../price-words.ts'

type Price = Gets['/v1/cost-catalog']['items'][number]

export const pricesPage = page({
  path: '/cost-catalog',
  roles: READERS,
  place: { group: 'Money', label: 'Prices' },
  title: 'Prices',
  load: (api, { query }) => api.get('/v1/cost-catalog', { query }),
  View: ({ data: { items }, asked: { who } }) => {
    const mayQuote = mayPlan(who.principal.role)
    const quoted = items.filter(({ quote }) => quote !== null).length
    return (
      <>
        <p class="lead">
          {count(items.length, 'price')}; {quoted === 0 ? 'none is' : `${quoted} of them are`} the city’s own.
          The others are planning assumptions: enter quotes for what costs most.
        </p>
        <Table
          caption="Prices that plans are computed with"
          rows={items}
          rowKey={({ code }) => code}
          columns={[
            { label: 'What', cell: ({ description }: Price) => description },
            { label: 'Low', isNumber: true, cell: ({ measure, low }) => priceWords(measure, low) },
            {
              label: 'Likely',
              isNumber: true,
              cell: ({ measure, expected }) => priceWords(measure, expected),
            },
            { label: 'High', isNumber: true, cell: ({ measure, high }) => priceWords(measure, high) },
            { label: 'For one', cell: ({ unit }) => unit },
            {
              label: 'Rests on',
              cell: ({ basis, asOf, isStale, source }) => (
                <>
                  {basisWords(basis)}, <Day day={asOf} />
                  {isStale ? ', more than two years old' : ''}
                  <details>
                    <summary>Source</summary>
                    {source}
                  </details>
                </>
              ),
            },
            ...(mayQuote
              ? [
                  {
                    label: 'Quote',
                    cell: ({ code, description }: Price) => (
                      <a href={`/console/cost-catalog/quote?code=${code}`}>
                        Enter a quote<span class="hidden"> for {description}</span>
                      </a>
                    ),
                  },
                ]
              : []),
          ]}
        />
        <p class="no-print">
          <a class="button quiet" href="/console/v1/cost-catalog?as=csv" download>
            Prices (CSV)
          </a>
        </p>
      </>
    )
  },
})

const LABELS = {
  expected: 'Likely price',
  low: 'Lowest',
  high: 'Highest',
  basis: 'It is',
  quotedOn: 'Dated',
  validUntil: 'Holds until',
  source: 'Where it can be found',
}

export const quotePage = page({
  path: '/cost-catalog/quote',
  roles: CITY_PLANNERS,
  title: 'Enter a quote',
  trail: () => [['Prices', '/console/cost-catalog']],
  load: async (api, { query, now }) => {
    const { items } = await api.get('/v1/cost-catalog')
    const price = items.find(({ code }) => code === query.get('code'))
    if (price === undefined) return new GoTo('/console/cost-catalog')
    return { price, today: now.toISOString().slice(0, 10) }
  },
  submit: async (api, { query }, form) => {
    const text = (name: string) => form.get(name)?.trim() || null
    const { items } = await api.get('/v1/cost-catalog')
    const price = items.find(({ code }) => code === query.get('code'))
    if (price === undefined) return new GoTo('/console/cost-catalog')
    const wrong: Record<string, string> = {}
    const value = (name: string, fallback?: number): number => {
      const written = text(name)
      if (written === null && fallback !== undefined) return fallback
      const number = price.measure === 'cents' ? centsOf(written ?? '') : Number(written ?? Number.NaN)
      if (number === null || Number.isNaN(number))
        wrong[name] = price.measure === 'cents' ? 'must be dollars such as 1,250' : 'must be a number'
      return number ?? 0
    }
    const expected = value('expected')
    const [low, high] = [value('low', expected), value('high', expected)]
    if (text('source') === null) wrong.source = 'say where the quote or contract can be found'
    if (!(low <= expected && expected <= high))
      wrong.expected ??= 'must lie between the lowest and the highest'
    if (Object.keys(wrong).length > 0) return wrongForm(form, wrong)
    await api.send('POST /v1/cost-catalog/quotes', {
      body: {
        ...{ code: price.code, low, expected, high },
        basis: (text('basis') ?? 'vendor-quote') as 'vendor-quote',
        quotedOn: text('quotedOn') ?? '',
        validUntil: text('validUntil'),
        source: text('source') ?? '',
      },
    })
    const plan = query.get('plan')
    const back =
      plan !== null && /^[0-9a-f-]{36}$/.test(plan) ? `/console/plans/${plan}` : '/console/cost-catalog'
    return new GoTo(back, 'quote-entered')
  },
  View: ({ data: { price, today }, form }) => (
    <>
      <p class="lead">{price.description}</p>
      <dl class="facts">
        <dt>Used now</dt>
        <dd>
          {priceWords(price.measure, price.expected)} (from {priceWords(price.measure, price.low)} to{' '}
          {priceWords(price.measure, price.high)}), for one: {price.unit}
        </dd>
        <dt>Rests on</dt>
        <dd>
          {basisWords(price.basis)}, <Day day={price.asOf} />
        </dd>
      </dl>
      <Form form={form} labels={LABELS} button="Use this price">
        <Input
          form={form}
          name="expected"
          label={
            price.measure === 'cents'
              ? `${LABELS.expected}, in dollars`
              : `${LABELS.expected}, in ${price.measure}`
          }
          required
        />
        <Input form={form} name="low" label={LABELS.low} hint="Leave it blank when the price is fixed." />
        <Input form={form} name="high" label={LABELS.high} hint="Leave it blank when the price is fixed." />
        <Select
          form={form}
          name="basis"
          label={LABELS.basis}
          value="vendor-quote"
          options={Object.entries(BASIS_WORDS).filter(([basis]) => basis !== 'catalog')}
        />
        <Input form={form} name="quotedOn" type="date" label={LABELS.quotedOn} value={today} required />
        <Input
          form={form}
          name="validUntil"
          type="date"
          label={LABELS.validUntil}
          hint="The last day. Leave it blank when nothing is said."
        />
        <Input
          form={form}
          name="source"
          label={LABELS.source}
          hint="Such as “Quote 4711 of Acme, in the purchasing folder”."
          required
        />
      </Form>
    </>
  ),
})
