/** `GET /v1/reviews`: what waits for a person, grouped by what would settle most. */
import { listRoute } from '../../http/list-route.ts'
import { DomainError } from '../../http/problems.ts'
import { Id, repeatable } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import type { Services } from '../../screening/services.ts'
import { READERS } from '../../tenancy/auth.ts'
import { scopeOf } from '../../tenancy/list-in-scope.ts'
import { examplesOf, groupPage, reviewGroups } from './groups.ts'
import { ReviewPage } from './schemas.ts'
import { waysToSettle } from './settle.ts'

export function reviewRoutes(app: App, { database }: Services): void {
  listRoute(app, {
    url: '/v1/reviews',
    operationId: 'listReviews',
    tag: 'register',
    summary: 'Devices that need a person, grouped by what would settle most of them',
    description:
      'Of one city. The largest group comes first. Each names the candidates, the evidence, the missing facts and the requests that settle it. A group goes when a fact or a statement settles its devices, or when somebody states that the maker cannot be found out; it comes back, with the reason under `fell`, when facts change.',
    config: { roles: READERS, reads: 'reviews.read', readsOf: 'asked' },
    query: { jurisdictionId: repeatable(Id) },
    response: ReviewPage,
    page: (asked) => {
      const scope = scopeOf(asked)
      const [city, ...more] = scope === 'all' ? [] : scope
      if (scope === 'all' || more.length > 0) throw oneCity()
      return (page) =>
        database.acrossJurisdictions(scope, async (tx) => {
          if (city === undefined) return { items: [], nextCursor: null }
          const { items, nextCursor } = groupPage(await reviewGroups(tx, city), page)
          const examples = await examplesOf(
            tx,
            city,
            items.map(({ profileId }) => profileId),
          )
          const shown = items.flatMap(({ profileId, profileIds: _, ...group }) => {
            const exampleDeviceId = examples.get(profileId)
            return exampleDeviceId === undefined
              ? []
              : [{ ...group, exampleDeviceId, settle: waysToSettle(group, exampleDeviceId) }]
          })
          return { items: shown, nextCursor }
        })
    },
  })
}

function oneCity(): DomainError {
  return new DomainError('invalid-request', 'Reviews are those of one city.', {
    errors: [
      {
        pointer: '?jurisdictionId',
        code: 'required',
        message: 'is required with a key that reads several cities, once',
      },
    ],
  })
}
