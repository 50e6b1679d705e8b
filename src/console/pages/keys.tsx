/** Keys: who may do what; made here, shown once. */
import { KEY_MAKERS } from '../../tenancy/auth.ts'
import type { KeyWrite } from '../../tenancy/keys.ts'
import { ROLES, type Role } from '../../tenancy/principal.ts'
import type { Gets } from '../answers.ts'
import { type FormState, UNSENT } from '../form.ts'
import { every } from '../names.ts'
import { type Asked, GoTo, page } from '../page.ts'
import { Form, Input, Select } from '../parts/form.tsx'
import { Table } from '../parts/table.tsx'
import { Moment } from '../parts/words.tsx'
import { cityNames } from '../places.ts'
import { ROLE_WORDS } from '../words.ts'

type Key = Gets['/v1/keys']['items'][number]

interface Loaded {
  readonly keys: readonly Key[]
  readonly cities: ReadonlyMap<string, string>
}

const LABELS = {
  label: 'Who or what uses it',
  role: 'What it may do',
  jurisdictionId: 'City',
  jurisdictionIds: 'Cities that a reviewer reads',
  expiresAt: 'Last day',
}

export const keysPage = page<Loaded>({
  path: '/keys',
  roles: KEY_MAKERS,
  place: { group: 'Operator', label: 'Keys' },
  title: 'Keys',
  load: async (api) => ({
    keys: await every((query) => api.get('/v1/keys', { query })),
    cities: await cityNames(api),
  }),
  submit: async (api, _asked, form): Promise<FormState> => {
    const { body } = await api.send('POST /v1/keys', { body: wishIn(form) })
    return { ...UNSENT, result: body }
  },
  View: ({ data: { keys, cities }, form, asked }) => (
    <>
      {isMade(form.result) ? <Made label={form.result.label} secret={form.result.key} /> : null}
      <Table
        caption="Keys of this service"
        rows={keys}
        rowKey={({ id }) => id}
        columns={[
          { label: LABELS.label, cell: ({ id, label }) => <a href={`/console/keys/${id}`}>{label}</a> },
          { label: LABELS.role, cell: ({ role }) => ROLE_WORDS[role] },
          { label: 'Reads', cell: (key) => scopeWords(key, cities) },
          { label: 'Begins with', cell: ({ prefix }) => prefix },
          {
            label: 'Last used',
            cell: ({ lastUsedAt }) => (lastUsedAt === null ? 'never' : <Moment at={lastUsedAt} />),
          },
          { label: 'State', cell: (key) => <KeyState of={key} /> },
        ]}
      />
      <h2>Make a key</h2>
      <p>
        One key a person: then each change names who made it, and one key can be revoked without the others.
      </p>
      <Form form={form} labels={LABELS} button="Make the key">
        <Input
          form={form}
          name="label"
          label={LABELS.label}
          hint="A name, such as “Ann Lee, Riverbend IT”."
          required
        />
        <Select
          form={form}
          name="role"
          label={LABELS.role}
          value="city-editor"
          options={rolesFor(asked).map((role): [string, string] => [role, ROLE_WORDS[role]])}
        />
        {asked.who.principal.jurisdictionId === null ? (
          <Select
            form={form}
            name="jurisdictionId"
            label={LABELS.jurisdictionId}
            hint="Of a key of a city. An operator has none."
            options={[['', 'none'], ...cities]}
          />
        ) : null}
        {asked.who.principal.jurisdictionId === null ? <Reviewed cities={cities} form={form} /> : null}
        <Input form={form} name="expiresAt" label={`${LABELS.expiresAt} (optional)`} type="date" />
      </Form>
    </>
  ),
})

export const keyPage = page<{ readonly key: Key; readonly cities: ReadonlyMap<string, string> }>({
  path: '/keys/:id',
  roles: KEY_MAKERS,
  title: ({ key }) => key.label,
  trail: () => [['Keys', '/console/keys']],
  load: async (api, { params }) => ({
    key: await api.get('/v1/keys/{id}', { params }),
    cities: await cityNames(api),
  }),
  submit: async (api, { params }) => {
    await api.send('DELETE /v1/keys/{id}', { params, body: undefined })
    return new GoTo('/console/keys', 'key-revoked')
  },
  View: ({ data: { key, cities } }) => (
    <>
      <dl class="facts">
        <dt>{LABELS.role}</dt>
        <dd>{ROLE_WORDS[key.role]}</dd>
        <dt>Reads</dt>
        <dd>{scopeWords(key, cities)}</dd>
        <dt>Made</dt>
        <dd>
          <Moment at={key.createdAt} />
        </dd>
        <dt>Last used</dt>
        <dd>{key.lastUsedAt === null ? 'never' : <Moment at={key.lastUsedAt} />}</dd>
        <dt>State</dt>
        <dd>
          <KeyState of={key} />
        </dd>
      </dl>
      {key.revokedAt === null ? (
        <form method="post">
          <p>
            Revoking it ends at once whatever uses it: programs, and every browser that signed in with it. It
            cannot be undone.
          </p>
          <button type="submit" class="danger">
            Revoke this key
          </button>
        </form>
      ) : null}
    </>
  ),
})

/** The cities of a reviewer: some, or all. */
function Reviewed({ cities, form }: { readonly cities: Loaded['cities']; readonly form: FormState }) {
  return (
    <fieldset>
      <legend>{LABELS.jurisdictionIds}</legend>
      <p class="hint">For a reviewer. Tick none for all cities, those that join later too.</p>
      <div class="columns">
        {[...cities].map(([id, name]) => (
          <label key={id} class="tick">
            <input
              type="checkbox"
              name="jurisdictionIds"
              value={id}
              checked={form.sent?.getAll('jurisdictionIds').includes(id) ?? false}
            />
            {name}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

/** The admin of a city makes keys of the city. */
const rolesFor = ({ who }: Asked): readonly Role[] =>
  who.principal.jurisdictionId === null ? ROLES : ROLES.filter((role) => role.startsWith('city-'))

function wishIn(form: URLSearchParams): KeyWrite {
  const role = (form.get('role') ?? '') as Role
  const city = form.get('jurisdictionId') ?? ''
  const isReviewer = role === 'federal-reviewer'
  const reviewed = [...new Set([...form.getAll('jurisdictionIds'), ...(city === '' ? [] : [city])])]
  const lastDay = form.get('expiresAt') ?? ''
  return {
    label: (form.get('label') ?? '').trim(),
    role,
    jurisdictionId: isReviewer || city === '' ? null : city,
    jurisdictionIds: isReviewer ? (reviewed.length === 0 ? 'all' : reviewed) : null,
    // Through the day, wherever the city lies.
    expiresAt: lastDay === '' ? null : `${lastDay}T23:59:59-12:00`,
  }
}

function scopeWords(
  { role, jurisdictionId, jurisdictionIds }: Key,
  cities: ReadonlyMap<string, string>,
): string {
  if (role === 'admin' || jurisdictionIds === 'all') return 'all cities'
  const ids = jurisdictionId === null ? (jurisdictionIds ?? []) : [jurisdictionId]
  return ids.map((id) => cities.get(id) ?? 'a city').join(', ')
}

function KeyState({ of: { revokedAt, expiresAt } }: { readonly of: Key }) {
  if (revokedAt !== null)
    return (
      <>
        revoked <Moment at={revokedAt} />
      </>
    )
  if (expiresAt === null) return <>good, without an end</>
  return (
    <>
      ends <Moment at={expiresAt} />
    </>
  )
}

interface MadeKey {
  readonly label: string
  readonly key: string | null
}

const isMade = (result: unknown): result is MadeKey =>
  typeof result === 'object' && result !== null && 'key' in result

function Made({ label, secret }: { readonly label: string; readonly secret: string | null }) {
  return (
    <div class="done" role="status">
      <h2>The key for {label}</h2>
      <p>
        <code class="secret">{secret}</code>
      </p>
      <p>It is shown this once and stored nowhere. Copy it now and hand it over in a safe way.</p>
    </div>
  )
}
