/** The first page: what to do next. */
import { READERS } from '../../tenancy/auth.ts'
import { page } from '../page.ts'

export const todayPage = page({
  path: '',
  roles: READERS,
  place: { group: 'Register', label: 'Today' },
  title: 'Today',
  load: async () => ({}),
  View: () => <p class="lead">Choose a page on the left.</p>,
})
