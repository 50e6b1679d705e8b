/** A maker or brand: its names, who owns it, under which labels it sells, and on which lists it is. */
import type { RelationshipKind } from '../../catalogue/vendors.ts'
import { READERS } from '../../tenancy/auth.ts'
import type { Gets } from '../answers.ts'
import { every } from '../names.ts'
import { page } from '../page.ts'
import { Table } from '../parts/table.tsx'
import { Day, inDayWords, Known } from '../parts/words.tsx'
import { Listings, Span } from './law.tsx'

type Tie = Gets['/v1/manufacturers/{id}']['relationships'][number]

/** From the child to the parent. */
const TIE_WORDS: Readonly<Record<RelationshipKind, string>> = {
  subsidiary: 'is owned or controlled by',
  affiliate: 'is tied by ownership to',
  'minority-stake': 'has as an owner of a smaller part',
  'brand-of': 'is a trade name of',
  relabels: 'sells under its own label what is made by',
  'uses-component': 'uses parts of',
}

const tieWords = (kind: string) => TIE_WORDS[kind as RelationshipKind] ?? kind
const CONFIDENCE_WORDS: Readonly<Record<string, string>> = {
  high: 'well shown',
  medium: 'likely',
  low: 'doubtful',
}

export const manufacturerPage = page({
  path: '/manufacturers/:id',
  roles: READERS,
  load: async (api, { params }) => {
    const id = params.id ?? ''
    const maker = await api.get('/v1/manufacturers/{id}', { params: { id } })
    const listings = await every((query) => api.get('/v1/listings', { query: { ...query, vendor: id } }))
    return { maker, listings }
  },
  title: ({ maker }) => maker.name,
  trail: () => [['Lists and rules', '/console/regimes']],
  View: ({ data: { maker, listings }, asked: { names } }) => (
    <>
      <dl class="facts">
        <dt>Country</dt>
        <dd>
          <Known value={maker.country} />
        </dd>
        <dt>Also written</dt>
        <dd>{maker.names.map(({ text }) => text).join('; ')}</dd>
        <dt>Models known here</dt>
        <dd>{maker.models.toLocaleString('en-US')}</dd>
        <dt>Source</dt>
        <dd>
          {inDayWords(maker.source)}, read <Day day={maker.asOf} />
        </dd>
      </dl>
      {maker.notes === null ? null : <p>{inDayWords(maker.notes)}</p>}
      <p>
        <a href={`/console/devices?maker=${maker.id}`}>Devices made by {maker.name}</a>
      </p>
      <h2>Lists</h2>
      {listings.length === 0 ? (
        <p class="empty">
          It is on no list under its own name. A law may still reach it through who owns it; see below.
        </p>
      ) : (
        <Listings listings={listings} ofRegime={(id) => names.regime(id)?.title ?? id} />
      )}
      <h2>Owners, labels and suppliers</h2>
      {maker.relationships.length === 0 ? (
        <p class="empty">No tie to others is known.</p>
      ) : (
        <Table
          caption="Who is tied to whom"
          rows={maker.relationships}
          rowKey={({ id }) => id}
          columns={[
            {
              label: 'Tie',
              cell: ({ child, parent, kind }: Tie) => (
                <>
                  <a href={`/console/manufacturers/${child}`}>{names.vendor(child)}</a> {tieWords(kind)}{' '}
                  <a href={`/console/manufacturers/${parent}`}>{names.vendor(parent)}</a>
                </>
              ),
            },
            {
              label: 'Share',
              cell: ({ ownershipPct }) => <Known value={ownershipPct === null ? null : `${ownershipPct}%`} />,
            },
            { label: 'When', cell: ({ from, to }) => <Span from={from} to={to} /> },
            { label: 'How sure', cell: ({ confidence }) => CONFIDENCE_WORDS[confidence] },
            { label: 'Source', cell: ({ citation }) => inDayWords(citation) },
          ]}
        />
      )}
    </>
  ),
})
