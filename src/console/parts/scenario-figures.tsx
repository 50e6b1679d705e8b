/** What a scenario answers, section by section. */
import { ACTIVITY_WORDS } from '../../catalogue/outcomes.ts'
import type { Gets } from '../answers.ts'
import { dollarsOf } from '../money.ts'
import { settlingWords } from '../review-words.ts'
import { Table } from './table.tsx'
import { count, Day, dayWords, inDayWords, Known, Outcome } from './words.tsx'

type Scenario = Gets['/v1/scenarios/{id}']
interface Of {
  readonly scenario: Scenario
}

/** On the page and on paper, before any figure. */
export function Hypothetical() {
  return <p class="hypothetical">Hypothetical. No list says this.</p>
}

export function Hit({ scenario: { supposed, totals, paths, asOf } }: Of) {
  const makers = supposed.makers.map(({ name }) => name).join(', ')
  return (
    <>
      <p class="lead">
        If {makers} {supposed.makers.length === 1 ? 'were' : 'were all'} on “{supposed.regimeTitle}” from{' '}
        <Day day={supposed.effectiveOn} />,{' '}
        {totals.hit === 0
          ? `none of ${count(totals.devices, 'device')} would be hit.`
          : `${totals.hit.toLocaleString('en-US')} of ${count(totals.devices, 'device')} would be hit.`}{' '}
        {totals.open > 0
          ? `For ${totals.open.toLocaleString('en-US')} of them a person has to look first.`
          : ''}
      </p>
      <p>
        Seen from <Day day={asOf} />.{' '}
        {supposed.windDownLastDay === null ? (
          'There is no time to wind down.'
        ) : (
          <>
            Last day to wind down: <Day day={supposed.windDownLastDay} />.
          </>
        )}{' '}
        {totals.unknownMakers > 0
          ? `${count(totals.unknownMakers, 'device')} ${totals.unknownMakers === 1 ? 'has' : 'have'} no known maker: neither hit nor spared.`
          : ''}
      </p>
      {paths.length === 0 ? null : (
        <ul>
          {paths.map(({ path, meaning, certain, open }) => (
            <li key={path}>
              {(certain + open).toLocaleString('en-US')}: {meaning}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

export function ByCity({ scenario: { cities } }: Of) {
  if (cities.length < 2) return null
  return (
    <>
      <h2>By city</h2>
      <Table
        caption="What is hit, by city"
        rows={cities.toSorted((a, b) => b.hit - a.hit)}
        rowKey={({ jurisdictionId }) => jurisdictionId}
        columns={[
          { label: 'City', cell: ({ name }: Scenario['cities'][number]) => name },
          { label: 'State', cell: ({ state }) => <Known value={state} /> },
          { label: 'Devices', isNumber: true, cell: ({ devices }) => devices.toLocaleString('en-US') },
          { label: 'Hit', isNumber: true, cell: ({ hit }) => hit.toLocaleString('en-US') },
          { label: 'Updates cut off', isNumber: true, cell: ({ cutOff }) => cutOff.toLocaleString('en-US') },
          {
            label: 'Lose a fix',
            isNumber: true,
            cell: ({ losesPatches }) => losesPatches.toLocaleString('en-US'),
          },
          {
            label: 'Crews done on',
            cell: ({ rollout }) =>
              rollout === null
                ? 'nothing to replace'
                : rollout.completeOn === null
                  ? 'not for decades'
                  : dayWords(rollout.completeOn),
          },
          { label: 'In time', cell: ({ canFinish }) => (canFinish ? 'yes' : 'no') },
        ]}
      />
    </>
  )
}

export function Activities({ scenario: { activities } }: Of) {
  const changed = activities.filter(
    ({ before, after, ended }) => before !== after || (ended !== null && ended !== before),
  )
  if (changed.length === 0) return null
  return (
    <>
      <h2>What may still be done</h2>
      <Table
        caption="Activities before and after"
        rows={changed.map((one, i) => ({ ...one, i }))}
        rowKey={({ i }) => `activity-${i}`}
        columns={[
          {
            label: 'Activity',
            cell: ({ activity }: Scenario['activities'][number] & { readonly i: number }) =>
              ACTIVITY_WORDS[activity],
          },
          { label: 'Without it', cell: ({ before }) => <Outcome outcome={before} /> },
          { label: 'From its day', cell: ({ after }) => <Outcome outcome={after} /> },
          {
            label: 'After the licenses end',
            cell: ({ ended }) => (ended === null ? 'no license ends' : <Outcome outcome={ended} />),
          },
          { label: 'Devices', isNumber: true, cell: ({ devices }) => devices.toLocaleString('en-US') },
        ]}
      />
    </>
  )
}

export function Updates({ scenario: { firmware } }: Of) {
  const { cutOffs, images, unpatchable, devicesLosingPatches } = firmware
  if (cutOffs.length === 0 && images.length === 0) return null
  return (
    <>
      <h2>Firmware updates</h2>
      <ul>
        {cutOffs.map(({ saveBy, devices, withoutImage }) => (
          <li key={saveBy}>
            {count(devices, 'device')}: no updates after <Day day={saveBy} /> without a license. Save the
            firmware files by then;{' '}
            {withoutImage === 0 ? 'all are kept already' : `none is kept for ${withoutImage}`}.
          </li>
        ))}
        {devicesLosingPatches === 0 ? null : (
          <li>
            {count(devicesLosingPatches, 'device')} could then no longer be fixed against{' '}
            {unpatchable
              .slice(0, 5)
              .map(({ id, isKnownExploited }) => `${id}${isKnownExploited ? ' (attackers use it)' : ''}`)
              .join(', ')}
            .
          </li>
        )}
      </ul>
      {images.length === 0 ? null : (
        <Table
          caption="Firmware files to save, and by when"
          rows={images.map((image, i) => ({ ...image, i }))}
          rowKey={({ i }) => `image-${i}`}
          columns={[
            {
              label: 'Model',
              cell: ({ model }: Scenario['firmware']['images'][number] & { readonly i: number }) => (
                <Known value={model} />
              ),
            },
            { label: 'Installed version', cell: ({ firmwareVersion }) => <Known value={firmwareVersion} /> },
            { label: 'Save by', cell: ({ saveBy }) => <Day day={saveBy} /> },
            { label: 'Devices', isNumber: true, cell: ({ devices }) => devices.toLocaleString('en-US') },
            { label: 'Kept already', cell: ({ isKept }) => (isKept ? 'yes' : 'no') },
          ]}
        />
      )}
    </>
  )
}

export function Licenses({ scenario: { applications } }: Of) {
  if (applications.length === 0) return null
  return (
    <>
      <h2>Licenses that would be needed</h2>
      {applications.map(({ jurisdictionId, city, authority, from, activities, devices, facts, regime }) => (
        <div key={`${jurisdictionId} ${regime} ${from}`} class="card">
          <p>
            <strong>{city}</strong>: from <Day day={from} />, of {authority}, for{' '}
            {activities.map((activity) => ACTIVITY_WORDS[activity].toLowerCase()).join(', ')};{' '}
            {count(devices, 'device')}.
          </p>
          <details>
            <summary>Draft of the facts for {city}</summary>
            <ul>
              {facts.map((fact) => (
                <li key={fact}>{inDayWords(fact)}</li>
              ))}
            </ul>
          </details>
        </div>
      ))}
    </>
  )
}

export function Dates({ scenario: { cities, reviewer, totals } }: Of) {
  if (totals.hit === 0) return null
  const rollout = cities.length === 1 ? cities[0]!.rollout : null
  return (
    <>
      <h2>Dates</h2>
      {rollout === null ? (
        <p>
          {reviewer.citiesThatCannotFinish.length === 0
            ? 'By crews alone every city would be done in time.'
            : `By crews alone these would not be done in time: ${reviewer.citiesThatCannotFinish.join(', ')}.`}{' '}
          In all {reviewer.unpatchableDeviceDays.toLocaleString('en-US')} days of devices without updates.
        </p>
      ) : (
        <dl class="facts">
          <dt>Crews done on</dt>
          <dd>{rollout.completeOn === null ? 'not for decades' : dayWords(rollout.completeOn)}</dd>
          <dt>Last day</dt>
          <dd>{dayWords(rollout.deadline)}</dd>
          <dt>Late</dt>
          <dd>{rollout.shortfall === 0 ? 'none' : count(rollout.shortfall, 'device')}</dd>
          <dt>Order by</dt>
          <dd>
            {rollout.latestOrderOn === null ? 'no day is early enough' : dayWords(rollout.latestOrderOn)}
          </dd>
        </dl>
      )}
    </>
  )
}

const about = (cents: number) => dollarsOf(Math.round(cents / 100) * 100)

export function Money({ scenario: { budget } }: Of) {
  if (budget === null) return null
  return (
    <>
      <h2>Money</h2>
      <ul>
        {budget.percentiles
          .filter(({ percent }) => percent === 50 || percent === 80)
          .map(({ percent, cents }) => (
            <li key={percent}>
              {percent} in 100 chance that {about(cents)} suffices.
            </li>
          ))}
        <li>Without a payer: {about(budget.gapCents)}.</li>
        <li>
          {budget.finishOn === null
            ? 'Some sites fit in no year.'
            : `Done with money and crews on ${dayWords(budget.finishOn)}.`}
        </li>
        <li>Written off in the books, which is no cash: {about(budget.writeOffCents)}.</li>
        {budget.warnings.map(({ code, message }) => (
          <li key={code + message}>{inDayWords(message)}</li>
        ))}
      </ul>
      <Table
        caption="Money by fiscal year"
        rows={budget.years}
        rowKey={({ fiscalYear }) => String(fiscalYear)}
        columns={[
          { label: 'Fiscal year', cell: ({ fiscalYear }: (typeof budget.years)[number]) => fiscalYear },
          { label: 'Needed', isNumber: true, cell: ({ needCents }) => about(needCents) },
          { label: 'Has a payer', isNumber: true, cell: ({ paidCents }) => about(paidCents) },
          { label: 'Has none', isNumber: true, cell: ({ gapCents }) => about(gapCents) },
        ]}
      />
    </>
  )
}

/** Sentences of the API name facts as its fields: `receivesFccSupport`. */
const factsInWords = (sentence: string) =>
  sentence
    .replace(
      /^`(\w+)` is not recorded of/,
      (_, fact: string) => `${capital(settlingWords(fact))} is not on record of`,
    )
    .replaceAll(/`(\w+)`/g, (_, fact: string) => settlingWords(fact))

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

export function NotKnown({ scenario: { notKnown } }: Of) {
  if (notKnown.length === 0) return null
  return (
    <>
      <h2>What this does not know</h2>
      <ul>
        {notKnown.map((line) => (
          <li key={line}>{inDayWords(factsInWords(line))}</li>
        ))}
      </ul>
    </>
  )
}
