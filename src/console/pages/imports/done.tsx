/** The last step, and later the record: what an import did. */
import { EDITORS, READERS } from '../../../tenancy/auth.ts'
import type { Gets } from '../../answers.ts'
import { page } from '../../page.ts'
import { count, Moment } from '../../parts/words.tsx'
import { Counts, Makers, OfTheFile, Refused, Warnings } from './report.tsx'
import { Steps } from './steps.tsx'

type Import = Gets['/v1/imports/{id}']

export const importDonePage = page({
  path: '/imports/:id',
  roles: READERS,
  title: ({ fileName }: Import) => `Import of ${fileName ?? 'a file'}`,
  trail: () => [['Imports', '/console/imports']],
  load: (api, { params }) => api.get('/v1/imports/{id}', { params }),
  View: ({ data, asked: { who, names } }) => {
    const { report, undoneAt } = data
    const { created, updated, rejected } = report.counts
    return (
      <>
        <Steps at="Done" />
        <p class="lead">
          {count(created, 'device')} added and {count(updated, 'device')} changed on{' '}
          <Moment at={data.createdAt} />.
        </p>
        {undoneAt === null ? null : <Undone undone={data} />}
        <Counts report={report} isTrial={false} />
        <Next data={data} mayChange={EDITORS.some((role) => role === who.principal.role)} />
        {rejected === 0 ? null : (
          <p>
            <a class="button quiet" href={`/console/v1/imports/${data.id}/rejects`}>
              Download the {count(rejected, 'row')} to correct (CSV)
            </a>
          </p>
        )}
        <Refused report={report} />
        <Warnings report={report} />
        <Makers report={report} names={names} />
        <OfTheFile report={report} />
      </>
    )
  },
})

function Next({ data, mayChange }: { readonly data: Import; readonly mayChange: boolean }) {
  if (data.undoneAt !== null) return null
  return (
    <>
      <h2>What next</h2>
      <ul>
        <li>
          <a href={`/console/devices?importId=${data.id}`}>Look at the devices of this import</a>
        </li>
        <li>
          <a href="/console/devices?needsReview=true">Devices whose maker a person has to settle</a>
        </li>
        {mayChange ? (
          <li>
            <a href={`/console/imports/${data.id}/undo`}>See what undoing this import would do</a>
          </li>
        ) : null}
      </ul>
    </>
  )
}

export function Undone({
  undone: { undone, undoneAt },
  isTrial = false,
}: {
  readonly undone: Import
  readonly isTrial?: boolean
}) {
  if (undone === null) return null
  const { removed, restored, left, sitesRemoved } = undone
  return (
    <div class={isTrial ? 'say' : 'notice'}>
      {isTrial || undoneAt === null ? null : (
        <p>
          This import was undone on <Moment at={undoneAt} />.
        </p>
      )}
      <ul>
        <li>
          {count(removed, 'device')} that it added {isTrial ? 'would leave' : 'left'} the register; their
          history stays.
        </li>
        <li>
          {count(restored, 'device')} {isTrial ? 'would be' : 'are'} as before the import.
        </li>
        {sitesRemoved === 0 ? null : (
          <li>
            {count(sitesRemoved, 'site')} that it added {isTrial ? 'would be' : 'were'} removed.
          </li>
        )}
        {left.count === 0 ? null : (
          <li>
            {count(left.count, 'device')} {isTrial ? 'would stay' : 'stayed'} as{' '}
            {left.count === 1 ? 'it is' : 'they are'}, because of a later change or a record that names{' '}
            {left.count === 1 ? 'it' : 'them'}:{' '}
            {left.devices
              .slice(0, 20)
              .map(({ assetTag, name, id }) => assetTag ?? name ?? id)
              .join(', ')}
            {left.count > 20 ? ' and more' : ''}.
          </li>
        )}
      </ul>
    </div>
  )
}
