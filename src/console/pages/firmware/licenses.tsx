/** Licenses and waivers: what each allows, for whom, until when, and what was installed under it. */
import { ACTIVITY_WORDS, type Activity } from '../../../catalogue/outcomes.ts'
import type { LICENSE_TYPES } from '../../../firmware-risk/licenses/license.ts'
import { EDITORS, READERS } from '../../../tenancy/auth.ts'
import type { Gets } from '../../answers.ts'
import { CHOICE_WORDS } from '../../choice-words.ts'
import { anyOr, channelWords, LICENSE_TYPE_WORDS, licenseState } from '../../firmware-words.ts'
import type { Names } from '../../names.ts'
import { every } from '../../names.ts'
import { GoTo, page } from '../../page.ts'
import { Documents, keepDocument } from '../../parts/documents.tsx'
import { Table } from '../../parts/table.tsx'
import { count, Day, inDayWords, Known } from '../../parts/words.tsx'

type License = Gets['/v1/licenses/{id}']
type Installation = Gets['/v1/firmware-installations']['items'][number]

export const licenseTitle = ({ type, number, authority }: Pick<License, 'type' | 'number' | 'authority'>) =>
  [authority, LICENSE_TYPE_WORDS[type as (typeof LICENSE_TYPES)[number]].toLowerCase(), number]
    .filter(Boolean)
    .join(' ')

/** `firmware-update` is what firmware work asks for. */
const activityWords = (activity: string) =>
  activity === 'firmware-update'
    ? 'install firmware'
    : (ACTIVITY_WORDS[activity as Activity] ?? activity.replaceAll('-', ' ')).toLowerCase()

export const licensesPage = page({
  path: '/licenses',
  roles: READERS,
  place: { group: 'Firmware', label: 'Licenses' },
  title: 'Licenses and waivers',
  load: async (api, { now }) => ({
    licenses: await every((query) => api.get('/v1/licenses', { query })),
    today: now.toISOString().slice(0, 10),
  }),
  View: ({ data: { licenses, today }, asked: { names } }) => (
    <>
      <p class="lead">
        A license allows what a law would bar, within its terms. Those of everybody come with this service;
        those of a city are recorded by it.
      </p>
      {licenses.length === 0 ? (
        <p class="empty">No license is on record.</p>
      ) : (
        <Table
          caption={count(licenses.length, 'license')}
          rows={licenses}
          rowKey={({ id }) => id}
          columns={[
            {
              label: 'License',
              cell: (one: License) => <a href={`/console/licenses/${one.id}`}>{licenseTitle(one)}</a>,
            },
            { label: 'Law', cell: ({ regime }) => names.regime(regime)?.title ?? regime },
            { label: 'State', cell: (one) => licenseState(one, today) },
            {
              label: 'From',
              cell: ({ firstDay }) => (firstDay === null ? 'the beginning' : <Day day={firstDay} />),
            },
            {
              label: 'Last day',
              cell: ({ lastDay }) => (lastDay === null ? 'no end' : <Day day={lastDay} />),
            },
            {
              label: 'Whose',
              cell: ({ jurisdictionId }) => (jurisdictionId === null ? 'everybody’s' : 'the city’s'),
            },
          ]}
        />
      )}
    </>
  ),
})

interface Loaded {
  readonly license: License
  readonly installations: readonly Installation[]
  readonly documents: Gets['/v1/documents']['items']
  readonly mayKeep: boolean
}

export const licensePage = page<Loaded>({
  path: '/licenses/:id',
  roles: READERS,
  submitRoles: EDITORS,
  title: ({ license }) => licenseTitle(license),
  trail: () => [['Licenses and waivers', '/console/licenses']],
  load: async (api, { params, who }) => {
    const license = await api.get('/v1/licenses/{id}', { params })
    const [{ items: installations }, { items: documents }] = await Promise.all([
      api.get('/v1/firmware-installations', { query: { licenseId: license.id, limit: '100' } }),
      api.get('/v1/documents', { query: { license: license.id } }),
    ])
    const isEditor = (EDITORS as readonly string[]).includes(who.principal.role)
    return { license, installations, documents, mayKeep: isEditor && license.jurisdictionId !== null }
  },
  View: ({ data: { license, installations, documents, mayKeep }, form, asked }) => (
    <>
      <p class="lead">
        {licenseState(license, asked.now.toISOString().slice(0, 10))}. It allows:{' '}
        {license.activities.map(activityWords).join(', ') || 'nothing that is named'}.
      </p>
      {license.warnings.map(({ pointer, message }) => (
        <p class="notice" key={pointer + message}>
          Worth a look: it {message}.
        </p>
      ))}
      <Terms license={license} names={asked.names} />
      <h2>Installed under it</h2>
      {installations.length === 0 ? (
        <p class="empty">
          No update is recorded under this license. One is recorded on the page of a device, under “Firmware”.
        </p>
      ) : (
        <Installations installations={installations} caption={count(installations.length, 'installation')} />
      )}
      <Documents
        documents={documents}
        such="the license itself, a letter of the authority"
        form={mayKeep ? form : null}
      />
    </>
  ),
  receive: async (api, { params }, form, file) => {
    const { id = '' } = params
    const wrong = await keepDocument(api, { license: id }, form, file)
    return wrong ?? new GoTo(`/console/licenses/${encodeURIComponent(id)}`, 'document-kept')
  },
})

function Terms({ license, names }: { readonly license: License; readonly names: Names }) {
  const kinds = CHOICE_WORDS.deviceClass ?? {}
  const rows = [
    ['Law', names.regime(license.regime)?.title ?? license.regime],
    ['Program', license.program ?? 'none named'],
    ['Makers', anyOr(license.entities, names.vendor)],
    [
      'Companies that they own',
      license.includesOwned === null
        ? 'its text does not say, so none'
        : license.includesOwned
          ? 'yes'
          : 'no',
    ],
    ['Kinds of devices', anyOr(license.products, (kind) => kinds[kind] ?? kind)],
    ['Models', anyOr(license.models, (model) => model)],
    ['Ways of updating', anyOr(license.channels, channelWords)],
    ['Where', anyOr(license.territory, (place) => place)],
    [
      'Who may rely on it',
      license.holder.kind === 'any-us-person' ? 'anybody in the United States' : 'the party it names',
    ],
    ['Citation', inDayWords(license.citation)],
  ] as const
  return (
    <>
      <dl class="facts">
        {rows.map(([term, words]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>
              <Known value={words} />
            </dd>
          </div>
        ))}
        <div>
          <dt>First day</dt>
          <dd>{license.firstDay === null ? 'the beginning' : <Day day={license.firstDay} />}</dd>
        </div>
        <div>
          <dt>Last day</dt>
          <dd>{license.lastDay === null ? 'no end' : <Day day={license.lastDay} />}</dd>
        </div>
      </dl>
      {license.conditions.length === 0 ? null : (
        <>
          <h2>Conditions</h2>
          <ul>
            {license.conditions.map(({ text, isMet }) => (
              <li key={text}>
                {text} ({isMet === null ? 'not stated whether it is met' : isMet ? 'met' : 'not met'})
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

interface InstallationsOf {
  readonly installations: readonly Installation[]
  readonly caption: string
}

export function Installations({ installations, caption }: InstallationsOf) {
  return (
    <Table
      caption={caption}
      rows={installations}
      rowKey={({ id }) => id}
      columns={[
        {
          label: 'Device',
          cell: ({ deviceId, assetTag, model }: Installation) => (
            <a href={`/console/devices/${deviceId}`}>{assetTag ?? model ?? 'no tag'}</a>
          ),
        },
        { label: 'Version', cell: ({ firmwareVersion }) => firmwareVersion },
        { label: 'Before', cell: ({ before }) => <Known value={before} /> },
        { label: 'On', cell: ({ installedOn }) => <Day day={installedOn} /> },
        {
          label: 'Under',
          cell: ({ license }) =>
            license === null ? (
              'no license'
            ) : (
              <a href={`/console/licenses/${license.id}`}>
                {[license.authority, license.number].filter(Boolean).join(' ')}
              </a>
            ),
        },
        {
          label: 'Record kept until',
          cell: ({ keptUntil }) => (keptUntil === null ? 'no rule asks for it' : <Day day={keptUntil} />),
        },
      ]}
    />
  )
}
