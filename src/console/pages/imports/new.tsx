/** The first step: which file. */
import { EDITORS } from '../../../tenancy/auth.ts'
import type { Api } from '../../client.ts'
import { type FormState, wrongForm } from '../../form.ts'
import { every } from '../../names.ts'
import { GoTo, page } from '../../page.ts'
import { FileForm, FileInput, Input, Select } from '../../parts/form.tsx'
import { choicesOf, columnsAddress } from './choices.ts'
import { Steps } from './steps.tsx'

const LABELS = { file: 'File', jurisdictionId: 'City', source: 'Name of this list' }
const READ = '.csv,.tsv,.txt,.xlsx,.xlsm,.json,.ndjson,.geojson,.xml'

export const importNewPage = page({
  path: '/imports/new',
  roles: EDITORS,
  title: 'Import a spreadsheet',
  trail: () => [['Imports', '/console/imports']],
  load: async (api, { who }) => ({
    cities: who.principal.jurisdictionId === null ? await citiesOf(api) : null,
  }),
  View: ({ data: { cities }, form }) => (
    <>
      <Steps at="File" />
      <p class="lead">
        Choose a file from your computer. Columns may have any names and any order. Nothing is changed until
        you have seen what would happen.
      </p>
      {cities?.length === 0 ? <NoCity /> : <ChooseFile form={form} cities={cities} />}
      <h2>What happens with it</h2>
      <ul>
        <li>Columns that hold passwords or logins are left out, and nothing of them is kept.</li>
        <li>Your file waits here for 24 hours, where only your city’s keys that import can reach it.</li>
        <li>An import can be undone later.</li>
      </ul>
    </>
  ),
  receive: async (api, { who }, fields, file) => {
    const city = who.principal.jurisdictionId === null ? (fields.get('jurisdictionId') ?? '') : null
    if (city === '')
      return wrongForm(fields, { jurisdictionId: 'Choose the city that the file is of, and the file again.' })
    if (file === null) return wrongForm(fields, { file: 'Choose a file first.' })
    const own: Record<string, string> = city === null ? {} : { jurisdictionId: city }
    const { body } = await api.upload('POST /v1/uploads', file, { ...own, fileName: file.name.slice(0, 255) })
    const choices = new URLSearchParams({ ...own, source: fields.get('source')?.trim() ?? '' })
    return new GoTo(columnsAddress(body.id, choicesOf(choices)))
  },
})

/** Only the operator meets this: every other key that imports is of a city. */
function NoCity() {
  return (
    <div class="empty">
      <p class="lead">The devices of a spreadsheet belong to a city, and there is none yet.</p>
      <p>
        <a class="button" href="/console/jurisdictions/new">
          Add a city
        </a>
      </p>
    </div>
  )
}

function ChooseFile({
  form,
  cities,
}: {
  readonly form: FormState
  readonly cities: [string, string][] | null
}) {
  return (
    <FileForm form={form} labels={LABELS} button="Go on to the columns">
      {cities === null ? null : (
        <Select
          form={form}
          name="jurisdictionId"
          label={LABELS.jurisdictionId}
          options={[['', 'choose'], ...cities]}
        />
      )}
      <Input
        form={form}
        name="source"
        label={LABELS.source}
        hint="Leave it empty for your only list. Give lists of several departments different names: then a device that is missing in one file is not taken for gone because another file lacks it."
      />
      <FileInput
        form={form}
        name="file"
        label={LABELS.file}
        accept={READ}
        hint="CSV, Excel (.xlsx), JSON, NDJSON, GeoJSON or nmap XML. At most 1 GiB."
      />
    </FileForm>
  )
}

async function citiesOf(api: Api): Promise<[string, string][]> {
  const cities = await every((query) => api.get('/v1/jurisdictions', { query }))
  return cities.map(({ id, name }) => [id, name])
}
