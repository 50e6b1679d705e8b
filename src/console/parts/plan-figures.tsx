/** What a plan costs, in sentences, charts and files. */

import { dollarsOf } from '../money.ts'
import type { LoadedPlan, PlanState } from '../plan-state.ts'
import { basisWords } from '../price-words.ts'
import { Table } from './table.tsx'
import { count, Day, inDayWords, Moment } from './words.tsx'

type EstimateOf = NonNullable<LoadedPlan['estimate']>

interface Figures {
  readonly plan: LoadedPlan['plan']
  readonly state: PlanState
}

/** Rounded to dollars: cents would promise what no estimate can. */
const about = (cents: number) => dollarsOf(Math.round(cents / 100) * 100)

const moved = (cents: number) => `${cents > 0 ? '+' : ''}${about(cents)}`

const LEADING = 3

interface EstimateShown extends Figures {
  readonly estimate: EstimateOf
  readonly mayQuote: boolean
}

export function Estimate({ estimate, plan, state, mayQuote }: EstimateShown) {
  const at = (percent: number) => estimate.percentiles.find((one) => one.percent === percent)?.cents
  const median = at(50)
  const assumed = estimate.prices.filter(({ basis }) => basis === 'catalog').length
  return (
    <section>
      <h2>What it costs</h2>
      {state.estimateStale.length === 0 ? null : (
        <p class="notice">These figures are older than the plan: {state.estimateStale.join('; ')}.</p>
      )}
      <p class="lead">
        {median === undefined ? null : (
          <>
            It is as likely to cost more than <strong>{about(median)}</strong> as less.{' '}
          </>
        )}
        With a budget of <strong>{about(estimate.atConfidenceCents)}</strong> the chance is{' '}
        {estimate.confidence} in 100 that the money suffices;{' '}
        <strong>{about(estimate.contingencyCents)}</strong> of it is a reserve for the whole project.
      </p>
      <p>
        In the money of {inDayWords(estimate.moneyOf)}, for {count(estimate.devices, 'device')} at{' '}
        {count(estimate.sites, 'site')}, computed on <Moment at={estimate.createdAt} />. An estimate is not an
        appropriation.
      </p>
      <Unpriced estimate={estimate} />
      <Leading estimate={estimate} plan={plan} assumed={assumed} mayQuote={mayQuote} />
      {estimate.warnings.length === 0 ? null : (
        <details>
          <summary>{count(estimate.warnings.length, 'thing')} to know about these figures</summary>
          <ul>
            {estimate.warnings.map(({ code, message }) => (
              <li key={code + message}>{inDayWords(message)}</li>
            ))}
          </ul>
        </details>
      )}
      <details>
        <summary>Cost by site</summary>
        <Table
          caption="Cost by site"
          rows={estimate.bySite}
          rowKey={({ value }) => value || 'none'}
          columns={[
            { label: 'Site', cell: ({ label }: EstimateOf['bySite'][number]) => label },
            { label: 'Devices', isNumber: true, cell: ({ devices }) => devices.toLocaleString('en-US') },
            { label: 'Likely', isNumber: true, cell: ({ pointCents }) => about(pointCents) },
            { label: 'Share of the budget', isNumber: true, cell: ({ budgetCents }) => about(budgetCents) },
          ]}
        />
      </details>
      <p class="hint digest">
        Frozen as estimate {estimate.id}, digest {estimate.inputsDigest.slice(0, 16)}. Keep both with the
        request.
      </p>
    </section>
  )
}

function Unpriced({ estimate: { unpriced, planId } }: { readonly estimate: EstimateOf }) {
  const without = unpriced.reduce((all, { devices }) => all + devices, 0)
  if (without === 0) return null
  return (
    <p class="notice">
      {count(without, 'device')} {without === 1 ? 'has' : 'have'} no price and {without === 1 ? 'is' : 'are'}{' '}
      in no figure. <a href={`/console/plans/${planId}/devices?isPriced=false`}>Give them a price</a>, or say
      in the request that they are left out.
    </p>
  )
}

interface LeadingOf {
  readonly estimate: EstimateOf
  readonly plan: LoadedPlan['plan']
  readonly assumed: number
  readonly mayQuote: boolean
}

/** The prices that move the total most, each with the way to a quote. */
function Leading({ estimate, plan, assumed, mayQuote }: LeadingOf) {
  const used = new Map(estimate.prices.map((price) => [price.code, price]))
  return (
    <>
      <h3>Prices that matter most</h3>
      <p>
        {assumed} of {count(estimate.prices.length, 'price')} {assumed === 1 ? 'is a' : 'are'} planning{' '}
        {assumed === 1 ? 'assumption' : 'assumptions'}. Quotes for these move the total more than all the
        others:
      </p>
      <Table
        caption="Prices that matter most"
        rows={estimate.tornado.slice(0, LEADING)}
        rowKey={({ code }) => code}
        columns={[
          { label: 'Price', cell: ({ label }: EstimateOf['tornado'][number]) => label },
          { label: 'Moves the total, if low', isNumber: true, cell: ({ lowCents }) => moved(lowCents) },
          { label: 'Moves the total, if high', isNumber: true, cell: ({ highCents }) => moved(highCents) },
          {
            label: 'Rests on',
            cell: ({ code }) => {
              const price = used.get(code)
              return price === undefined ? 'several prices' : basisWords(price.basis)
            },
          },
          ...(mayQuote
            ? [
                {
                  label: 'Quote',
                  cell: ({ code, label }: EstimateOf['tornado'][number]) =>
                    used.has(code) ? (
                      <a
                        href={`/console/cost-catalog/quote?code=${encodeURIComponent(code)}&plan=${plan.id}`}
                      >
                        Enter a quote<span class="hidden"> for {label}</span>
                      </a>
                    ) : (
                      'none can be entered'
                    ),
                },
              ]
            : []),
        ]}
      />
      <p>
        <a href="/console/cost-catalog">All prices</a>
      </p>
    </>
  )
}

export function Charts({ plan, charts }: Pick<LoadedPlan, 'plan' | 'charts'>) {
  if (charts.length === 0) return null
  return (
    <section>
      <h2>Charts</h2>
      {charts.map(({ name, title, description, columns, rows }) => (
        <figure key={name} class="chart">
          <h3>{title}</h3>
          <figcaption>{inDayWords(description)}</figcaption>
          <img
            src={`/console/v1/plans/${plan.id}/charts/${name}.svg`}
            alt={`Chart: ${title}. The numbers are in the table below it.`}
          />
          <details>
            <summary>The numbers of “{title}”</summary>
            <Table
              caption={title}
              rows={rows.map((cells, i) => ({ cells, i }))}
              rowKey={({ i }) => `${name}-${i}`}
              columns={columns.map((label, at) => ({
                label,
                isNumber: at > 0,
                cell: ({
                  cells,
                }: {
                  readonly cells: readonly (string | number | null)[]
                  readonly i: number
                }) => (cells[at] === null ? 'none' : inDayWords(String(cells[at]))),
              }))}
            />
            <a href={`/console/v1/plans/${plan.id}/charts/${name}.csv`} download>
              Download the numbers of “{title}” (CSV)
            </a>
          </details>
        </figure>
      ))}
    </section>
  )
}

export function Papers({ plan, state }: Figures) {
  const files = `/console/v1/plans/${plan.id}`
  const isStale = state.estimateStale.length + state.scheduleStale.length > 0
  return (
    <section class="no-print">
      <h2>Papers</h2>
      {isStale ? <p class="notice">They hold the figures above, which are older than the plan.</p> : null}
      <ul>
        <li>
          <a href={`${files}/workbook`} download>
            Workbook for the budget office (Excel)
          </a>
        </li>
        <li>
          <a href={`${files}/summary.html`}>One page for the council, to print</a>
        </li>
        <li>
          <a href={`${files}/lines?as=csv`} download>
            Every line, fund and year (CSV)
          </a>
        </li>
      </ul>
      <Checklist deadline={plan.settings.deadline} />
    </section>
  )
}

function Checklist({ deadline }: { readonly deadline: string | null }) {
  return (
    <details>
      <summary>Before it goes into the budget book</summary>
      <ul>
        <li>No device is left without a price, or the request says that it is left out.</li>
        <li>Quotes are entered for the prices that matter most.</li>
        <li>Everything fits, and every cent has a payer.</li>
        <li>
          {deadline === null ? (
            'There is no deadline; say why.'
          ) : (
            <>
              The last site is done by <Day day={deadline} />, and you can order in time.
            </>
          )}
        </li>
        <li>The rise of prices and the discount are the city’s own.</li>
        <li>Counsel has seen which answers put a device on the list.</li>
      </ul>
    </details>
  )
}
