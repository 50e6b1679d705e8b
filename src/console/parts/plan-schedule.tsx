/** Which site in which fiscal year, who pays, and what does not fit. */
import { isDoneInTime } from '../../planning/outputs/model/labels.ts'
import { dollarsOf } from '../money.ts'
import type { LoadedPlan, PlanState } from '../plan-state.ts'
import { Table } from './table.tsx'
import { count, Day, inDayWords } from './words.tsx'

type ScheduleOf = NonNullable<LoadedPlan['schedule']>
type Site = ScheduleOf['sites'][number]

export function Schedule({ schedule, state }: { readonly schedule: ScheduleOf; readonly state: PlanState }) {
  const inTime = isDoneInTime(schedule)
  const { outcome, funding } = schedule
  return (
    <section>
      <h2>When, and who pays</h2>
      {state.scheduleStale.length === 0 ? null : (
        <p class="notice">This schedule is older than the plan: {state.scheduleStale.join('; ')}.</p>
      )}
      <dl class="facts">
        <dt>Everything fits</dt>
        <dd>
          {schedule.isFeasible
            ? 'Yes: every site has a year, and every cent a payer.'
            : `No: ${[
                ...(outcome.unplacedSites > 0 ? [`${count(outcome.unplacedSites, 'site')} in no year`] : []),
                ...(funding.gapCents > 0 ? [`nobody pays ${dollarsOf(funding.gapCents)}`] : []),
              ].join('; ')}.`}
        </dd>
        <dt>Done in time</dt>
        <dd>{inTime === null ? 'There is no deadline.' : inTime ? 'Yes.' : 'No.'}</dd>
        <dt>Planned spending</dt>
        <dd>
          {dollarsOf(outcome.nominalCents)} over {count(outcome.yearsTouched, 'fiscal year')}. This is the
          total for the budget book.
        </dd>
      </dl>
      <SiteTable schedule={schedule} />
      <Misfits schedule={schedule} />
      <WouldFit schedule={schedule} />
      <FundTable schedule={schedule} />
    </section>
  )
}

function SiteTable({ schedule }: { readonly schedule: ScheduleOf }) {
  const { sites, outcome, funding } = schedule
  const names = new Map(funding.sources.map(({ fundingSourceId, name }) => [fundingSourceId, name]))
  return (
    <Table
      caption="Sites by fiscal year, in dollars"
      rows={sites}
      rowKey={({ siteId, site }) => siteId ?? `none-${site.length}`}
      columns={[
        { label: 'Site', cell: ({ site }: Site) => site },
        { label: 'Devices', isNumber: true, cell: ({ devices }) => devices.toLocaleString('en-US') },
        ...yearsWithWork(sites, outcome.years).map(({ fiscalYear }) => ({
          label: `Fiscal year ${fiscalYear}`,
          isNumber: true,
          cell: (site: Site) => (site.fiscalYear === fiscalYear ? dollarsOf(site.costCents) : ''),
        })),
        {
          label: 'Who pays',
          cell: ({ payers, fiscalYear }) =>
            fiscalYear === null
              ? 'not scheduled'
              : (payers ?? [])
                  .map(
                    ({ fundingSourceId, cents }) =>
                      `${fundingSourceId === null ? 'nobody' : (names.get(fundingSourceId) ?? 'a fund')} ${dollarsOf(cents)}`,
                  )
                  .join('; ') || 'not known',
        },
        { label: 'Order by', cell: ({ orderBy }) => (orderBy ? <Day day={orderBy} /> : 'no day') },
        { label: 'Done on', cell: ({ lastDay }) => (lastDay === null ? 'no day' : <Day day={lastDay} />) },
      ]}
    />
  )
}

/** Through the last year in which some site is done: the empty years after it only widen the table. */
function yearsWithWork<Year extends { readonly fiscalYear: number }>(
  sites: readonly Site[],
  years: readonly Year[],
): readonly Year[] {
  const last = Math.max(...sites.map(({ fiscalYear }) => fiscalYear ?? 0))
  return years.filter(({ fiscalYear }) => fiscalYear <= last)
}

function Misfits({ schedule: { doesNotFit } }: { readonly schedule: ScheduleOf }) {
  if (doesNotFit.length === 0) return null
  return (
    <details open={doesNotFit.length <= 3}>
      <summary>What does not fit, and why: {count(doesNotFit.length, 'site')}</summary>
      {doesNotFit.map(({ siteId, site, devices, obstacles }) => (
        <div key={siteId ?? site} class="card">
          <p>
            <strong>{site}</strong>, {count(devices, 'device')}
          </p>
          <ul>
            {obstacles.map(({ fiscalYear, because, kind }) => (
              <li key={`${fiscalYear}-${kind}`}>
                Fiscal year {fiscalYear}: {inDayWords(because)}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </details>
  )
}

function WouldFit({ schedule: { remedies } }: { readonly schedule: ScheduleOf }) {
  if (remedies === undefined) return null
  const { beyondMoney, enough } = remedies
  return (
    <div class="card">
      {enough.length === 0 ? (
        <p>No single change would make it fit: it needs several.</p>
      ) : (
        <>
          <p>
            <strong>One of these alone would make it fit:</strong>
          </p>
          <ul>
            {enough.map(({ words }) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        </>
      )}
      {beyondMoney.length === 0 ? null : (
        <p>
          No money brings these into a year, so no amount counts them:{' '}
          {beyondMoney.map(({ site }) => site).join(', ')}.
        </p>
      )}
    </div>
  )
}

function FundTable({ schedule: { funding } }: { readonly schedule: ScheduleOf }) {
  if (funding.sources.length === 0) return <p class="notice">No fund is named, so nothing has a payer.</p>
  const years = funding.years.map(({ fiscalYear }) => fiscalYear)
  return (
    <Table
      caption="Funds by fiscal year: what they pay, and their limit"
      rows={funding.sources}
      rowKey={({ fundingSourceId }) => fundingSourceId}
      columns={[
        { label: 'Fund', cell: ({ name }: ScheduleOf['funding']['sources'][number]) => name },
        ...years.map((year) => ({
          label: `Fiscal year ${year}`,
          isNumber: true,
          cell: ({ years }: ScheduleOf['funding']['sources'][number]) => {
            const one = years.find(({ fiscalYear }) => fiscalYear === year)
            if (one === undefined) return '$0'
            return `${dollarsOf(one.paidCents)}${one.capCents === null ? '' : ` of ${dollarsOf(one.capCents)}`}`
          },
        })),
        { label: 'In all', isNumber: true, cell: ({ paidCents }) => dollarsOf(paidCents) },
        {
          label: 'May not pay for',
          cell: ({ ineligible }) =>
            ineligible.length === 0
              ? 'nothing'
              : ineligible
                  .map(({ because, cents }) => `${dollarsOf(cents)}: ${inDayWords(because)}`)
                  .join('; '),
        },
      ]}
    />
  )
}
