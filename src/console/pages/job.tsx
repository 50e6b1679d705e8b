/** Long work: how far it is, and then on to what came of it. */
import { READERS } from '../../tenancy/auth.ts'
import type { Gets } from '../answers.ts'
import { GoTo, page } from '../page.ts'

interface Loaded {
  readonly job: Gets['/v1/jobs/{id}']
  readonly back: string
}

const TITLES: Readonly<Record<string, string>> = {
  import: 'Reading the file',
  'import-undo': 'Undoing the import',
}

export const jobPage = page<Loaded>({
  path: '/jobs/:id',
  roles: READERS,
  title: ({ job }) => TITLES[job.kind] ?? 'Work in progress',
  load: async (api, { params, query }) => {
    const job = await api.get('/v1/jobs/{id}', { params })
    const back = within(query.get('back')) ?? '/console'
    if (job.state !== 'succeeded') return { job, back }
    const on =
      within(query.get('on')) ?? within(`/console${(job.result?.location ?? '').replace(/^\/v1/, '')}`)
    if (on === null) return { job, back }
    return new GoTo(
      on,
      query.get('on') === null && job.kind === 'import' ? 'imported' : (query.get('say') ?? undefined),
    )
  },
  View: ({ data: { job, back }, asked: { query } }) => {
    const { progress, state, problem } = job
    if (state === 'failed')
      return (
        <>
          <div class="wrong" role="alert">
            <h2>It could not be done</h2>
            <p>{problem?.detail ?? problem?.title} Nothing was changed.</p>
            {(problem?.errors ?? []).length === 0 ? null : (
              <ul>
                {problem!.errors!.slice(0, 20).map(({ pointer, message }) => (
                  <li key={pointer + message}>
                    {pointer}: {message}
                  </li>
                ))}
              </ul>
            )}
          </div>
          <p>
            <a class="button" href={back}>
              Go back and correct it
            </a>
          </p>
        </>
      )
    if (state === 'canceled')
      return (
        <p class="lead">
          It was stopped. Nothing was changed. <a href={back}>Go back</a>
        </p>
      )
    if (state === 'succeeded')
      return (
        <p class="lead">
          It is done. <a href={back}>Go on</a>
        </p>
      )
    const share = progress.total > 0 ? Math.min(1, progress.done / progress.total) : 0
    return (
      <div data-job={job.id}>
        <noscript>
          <meta http-equiv="refresh" content="3" />
        </noscript>
        <p>
          <label for="progress">Done so far</label>{' '}
          <progress id="progress" max={1} value={share}>
            {Math.round(share * 100)} %
          </progress>
        </p>
        <p role="status" data-phase>
          {progress.phase}
        </p>
        <p class="hint">
          This page goes on by itself. You may close it: the work goes on, and this address shows how far it
          is.
        </p>
        <div class="row">
          <a class="button quiet" href={`/console/jobs/${job.id}?${query}`}>
            Look again
          </a>
          <form method="post">
            <button type="submit" class="quiet">
              Stop it
            </button>
          </form>
        </div>
      </div>
    )
  },
  submit: async (api, { params, query }) => {
    await api.send('POST /v1/jobs/{id}/cancel', { params, body: undefined })
    return new GoTo(`/console/jobs/${encodeURIComponent(params.id ?? '')}?${query}`)
  },
})

/** Pages of the console, and nothing elsewhere. */
function within(address: string | null): string | null {
  return address !== null && /^\/console\/[\w./-]+(?:\?[^#\\]*)?$/.test(address) ? address : null
}
