/** The answer of one scenario. */
import { READERS } from '../../tenancy/auth.ts'
import { page } from '../page.ts'
import {
  Activities,
  ByCity,
  Dates,
  Hit,
  Hypothetical,
  Licenses,
  Money,
  NotKnown,
  Updates,
} from '../parts/scenario-figures.tsx'

export const scenarioPage = page({
  path: '/scenarios/:id',
  roles: READERS,
  load: async (api, { params }) => api.get('/v1/scenarios/{id}', { params: { id: params.id ?? '' } }),
  title: ({ name }) => name,
  trail: () => [['Scenarios', '/console/scenarios']],
  View: ({ data }) => (
    <>
      <Hypothetical />
      <Hit scenario={data} />
      <ByCity scenario={data} />
      <Activities scenario={data} />
      <Updates scenario={data} />
      <Licenses scenario={data} />
      <Dates scenario={data} />
      <Money scenario={data} />
      <NotKnown scenario={data} />
      <p class="row no-print">
        <a class="button quiet" href={`/console/v1/scenarios/${data.id}/devices?as=csv`} download>
          Devices that it hits (CSV)
        </a>
        <a href={`/console/v1/scenarios/${data.id}?as=json`} download>
          All figures (JSON)
        </a>
        <a href="/console/scenarios">Compare with another</a>
      </p>
      <p class="hint digest">Digest of what it follows from: {data.inputsDigest.slice(0, 16)}</p>
    </>
  ),
})
