/** Who is signed in, and where else with the same key. */
import { shownLabel } from '../../tenancy/actor.ts'
import { READERS } from '../../tenancy/auth.ts'
import type { Session } from '../../tenancy/sessions.ts'
import { GoTo, page } from '../page.ts'
import { Table } from '../parts/table.tsx'
import { Moment } from '../parts/words.tsx'
import { ROLE_WORDS } from '../words.ts'

export const accountPage = page({
  path: '/account',
  roles: READERS,
  title: 'Your account',
  load: async (_api, { account, who }) => ({ who, sessions: await account.sessions() }),
  submit: async (_api, { account }) => {
    await account.signOutEverywhere()
    return new GoTo('/console/login', 'signed-out-everywhere')
  },
  View: ({ data: { who, sessions } }) => (
    <>
      <dl class="facts">
        <dt>Key</dt>
        <dd>{shownLabel(who.principal)}</dd>
        <dt>What it may do</dt>
        <dd>{ROLE_WORDS[who.principal.role]}</dd>
        <dt>Ends</dt>
        <dd>
          {who.principal.expiresAt === null ? (
            'never'
          ) : (
            <Moment at={new Date(who.principal.expiresAt).toISOString()} />
          )}
        </dd>
      </dl>
      <Table
        caption="Browsers that are signed in with this key"
        rows={sessions}
        rowKey={({ id }) => id}
        columns={[
          { label: 'Signed in', cell: ({ createdAt }: Session) => <Moment at={createdAt} /> },
          { label: 'Name given', cell: ({ statedName }) => statedName ?? 'none' },
          { label: 'From', cell: ({ remoteAddress }) => remoteAddress },
          { label: 'Last used', cell: ({ lastUsedAt }) => <Moment at={lastUsedAt} /> },
          { label: 'Which', cell: ({ id }) => (id === who.session.id ? 'this browser' : 'another') },
        ]}
      />
      <form method="post">
        <button type="submit">Sign out everywhere</button>
      </form>
      <p class="hint">
        The key itself stays good. Whoever made it can revoke it, which ends every session at once.
      </p>
    </>
  ),
})
