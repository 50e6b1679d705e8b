/** What undoing an import would do, and the button that does it. */
import { EDITORS } from '../../../tenancy/auth.ts'
import type { Gets } from '../../answers.ts'
import { GoTo, page } from '../../page.ts'
import { Form } from '../../parts/form.tsx'
import { jobAddress } from './choices.ts'
import { ASYNC } from './columns.tsx'
import { Undone } from './done.tsx'

export const importUndoPage = page({
  path: '/imports/:id/undo',
  roles: EDITORS,
  title: 'Undo this import',
  trail: ({ id, fileName }: Gets['/v1/imports/{id}']) => [
    ['Imports', '/console/imports'],
    [`Import of ${fileName ?? 'a file'}`, `/console/imports/${id}`],
  ],
  load: async (api, { params }) => {
    const stored = await api.get('/v1/imports/{id}', { params })
    if (stored.undoneAt !== null) return new GoTo(`/console/imports/${stored.id}`, 'undone')
    return (
      await api.send('POST /v1/imports/{id}/undo', { params, query: { dryRun: 'true' }, body: undefined })
    ).body as Gets['/v1/imports/{id}']
  },
  View: ({ data, form }) => (
    <>
      <p class="lead">Nothing has been changed yet. This is what undoing would do.</p>
      <Undone undone={data} isTrial />
      <Form form={form} labels={{}} button="Undo the import">
        <p>An import is undone once. You can import the file again afterwards.</p>
      </Form>
      <p>
        <a class="button quiet" href={`/console/imports/${data.id}`}>
          Leave it as it is
        </a>
      </p>
    </>
  ),
  submit: async (api, { params }) => {
    const address = `/console/imports/${encodeURIComponent(params.id ?? '')}`
    const { body } = await api.send('POST /v1/imports/{id}/undo', { params, headers: ASYNC, body: undefined })
    return new GoTo(jobAddress(body.id, { on: address, back: address }))
  },
})
