/** What a file of a list would do, before it is put in force. */
import { ACTIVITY_WORDS } from '../../catalogue/outcomes.ts'
import type { Sends } from '../answers.ts'
import { countsWords, LISTING_WORDS } from '../list-words.ts'
import type { Names } from '../names.ts'
import { Table } from './table.tsx'
import { count, Day } from './words.tsx'

type Load = Sends['POST /v1/lists/{id}/versions']['answer']
type Preview = NonNullable<Load['preview']>

export function Trial({ load, names }: { readonly load: Load; readonly names: Names }) {
  const { counts, listings, toLookAt, preview, publishedOn, isChanged, problems } = load
  return (
    <section class="card" aria-label="What this file would do">
      <h2>Nothing was changed: this is what the file would do</h2>
      <p>
        Published on <Day day={publishedOn} />. {countsWords(counts)}.{' '}
        {isChanged ? '' : 'It says the same as the version in force. '}
        {toLookAt === 0 ? '' : `${count(toLookAt, 'new entry', 'new entries')} would wait for a person.`}
      </p>
      {problems.map(({ pointer, message }) => (
        <p class="notice" key={pointer + message}>
          Let through: {message}
        </p>
      ))}
      {listings.length === 0 ? (
        <p>No maker of the catalog comes on the list or goes from it.</p>
      ) : (
        <ul>
          {listings.map(({ id, how, maker, name }) => (
            <li key={id + how}>
              <a href={`/console/manufacturers/${maker}`}>{names.vendor(maker)}</a> (“{name}”){' '}
              {LISTING_WORDS[how]}
            </li>
          ))}
        </ul>
      )}
      {preview === null ? null : <Moved preview={preview} names={names} />}
      <p>To put it in force, choose the same file again below and “Put it in force”.</p>
    </section>
  )
}

function Moved({ preview, names }: { readonly preview: Preview; readonly names: Names }) {
  const { devices, byCity, byActivity } = preview
  if (devices.flagged + devices.cleared + devices.changed === 0)
    return <p>No answer on any device would change today.</p>
  return (
    <>
      <p>
        {count(devices.flagged, 'device')} would get a finding, {count(devices.cleared, 'device')} would lose
        one, {count(devices.changed, 'device')} would have one that says something else.
      </p>
      <Table
        caption="By city"
        rows={byCity}
        rowKey={({ jurisdictionId }) => jurisdictionId}
        columns={[
          { label: 'City', cell: ({ name }: Preview['byCity'][number]) => name },
          ...moved<Preview['byCity'][number]>(),
        ]}
      />
      <Table
        caption="By law and activity"
        rows={byActivity}
        rowKey={({ regime, activity }) => `${regime}-${activity}`}
        columns={[
          {
            label: 'Law and activity',
            cell: ({ regime, activity }: Preview['byActivity'][number]) =>
              `${names.regime(regime)?.title ?? regime}: ${ACTIVITY_WORDS[activity].toLowerCase()}`,
          },
          ...moved<Preview['byActivity'][number]>(),
        ]}
      />
    </>
  )
}

const moved = <Row extends Preview['devices']>() => [
  { label: 'New findings', isNumber: true, cell: ({ flagged }: Row) => flagged.toLocaleString('en-US') },
  { label: 'Findings gone', isNumber: true, cell: ({ cleared }: Row) => cleared.toLocaleString('en-US') },
  { label: 'Changed', isNumber: true, cell: ({ changed }: Row) => changed.toLocaleString('en-US') },
]
