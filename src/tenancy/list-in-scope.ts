/** Lists of what jurisdictions have: read within what the key may see, narrowed by `jurisdictionId`. */
import type { z } from 'zod'
import type { Scope, Tx } from '../db/database.ts'
import { type Asked, type ListRoute, listRoute } from '../http/list-route.ts'
import type { Page, PageAsked } from '../http/pages.ts'
import type { App, HttpServices, Sendable } from '../http/services.ts'
import { readScope } from './auth.ts'

/** What was asked, and of which jurisdictions. */
export interface ScopedAsked<Query, Params> extends Asked<Query, Params> {
  readonly scope: Scope
}

type Shape = z.ZodRawShape
type Output<S extends Shape> = z.output<z.ZodObject<S>>

export function listInScope<
  Response extends z.ZodType,
  Answer extends Sendable<z.output<Response>> & Page<unknown>,
  Query extends Shape = Record<never, never>,
  Params extends Shape = Record<never, never>,
>(
  app: App,
  { database }: Pick<HttpServices, 'database'>,
  route: Omit<ListRoute<Response, Answer, Query, Params>, 'page'> & {
    readonly page: (
      tx: Tx,
      asked: ScopedAsked<Output<Query>, Output<Params>>,
      page: PageAsked,
    ) => Promise<Answer>
  },
): void {
  listRoute<Response, Answer, Query, Params>(app, {
    ...route,
    page: (asked) => {
      const scope = scopeOf(asked)
      return (page) => database.acrossJurisdictions(scope, (tx) => route.page(tx, { ...asked, scope }, page))
    },
  })
}

/** The jurisdictions that a question names, or all that the key may see. */
export function scopeOf({ question, request }: Asked<object, object>): Scope {
  const { jurisdictionId } = question as { readonly jurisdictionId?: readonly string[] }
  return readScope(request.principal, jurisdictionId)
}
