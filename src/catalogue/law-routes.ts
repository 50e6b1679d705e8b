/** The law as data, read only: regimes, listings and the rules that read them. */

import { z } from 'zod'
import { listRoute } from '../http/list-route.ts'
import { isAmong, pagesInMemory } from '../http/memory-pages.ts'
import { notFound, problems } from '../http/problems.ts'
import { Day, pageOf, repeatable, someText } from '../http/schemas.ts'
import type { App } from '../http/services.ts'
import { isWithin } from '../lib/calendar.ts'
import { READERS } from '../tenancy/auth.ts'
import { LISTING_SCOPES } from './rules.ts'
import type { CatalogueServices } from './services.ts'

const Certainty = z.enum(['sure', 'reported', 'uncertain'])

export const Regime = z
  .object({
    id: z.string(),
    title: z.string(),
    authority: z.string(),
    citation: z.string(),
    certainty: Certainty,
    binds: z.string().meta({ description: 'who has to obey, in words' }),
    bindsCities: z.boolean().nullable().meta({ description: 'null when nobody has settled it' }),
    jurisdiction: z.string(),
    listOf: z.string().nullable().meta({ description: 'the regime whose list it borrows' }),
    ownership: z.enum(['named-only', 'any-affiliate', 'fifty-percent']),
    ownershipOn: z.enum(['production', 'transaction']),
    activities: z.array(z.string()),
    periods: z.array(
      z.object({
        status: z.string(),
        from: z.string().nullable(),
        to: z.string().nullable().meta({ description: 'first day outside' }),
        note: z.string().nullable(),
      }),
    ),
    notes: z.string().nullable(),
  })
  .meta({ id: 'Regime', description: 'One body of law that restricts' })

export const Listing = z
  .object({
    id: z.string(),
    regime: z.string(),
    vendor: z.string().nullable().meta({ description: 'null for a class of products' }),
    name: z.string(),
    scope: z.enum(LISTING_SCOPES),
    class: z
      .object({
        deviceClass: z.string(),
        producedOutside: z.string(),
        consumerOnly: z.boolean(),
        except: z.string().meta({ description: 'what the authority leaves out of the class' }),
      })
      .nullable(),
    purposeLimited: z.boolean(),
    isNamed: z.boolean().optional().meta({
      description: 'false where the law covers it as a subsidiary or affiliate of one that it names',
    }),
    unconfirmed: z.boolean().optional().meta({
      description: 'true while nobody has confirmed that the entry of the list names this maker',
    }),
    from: z.string().nullable(),
    to: z.string().nullable().meta({ description: 'first day outside; null while listed' }),
    phases: z.record(z.string(), z.string()),
    citation: z.string(),
    certainty: Certainty,
    notes: z.string().nullable(),
  })
  .meta({ id: 'Listing', description: 'One entity on one regime’s list' })

const Rule = z
  .object({
    id: z.string(),
    regime: z.string(),
    row: z.int().nullable(),
    inForce: z.object({ from: z.string().nullable(), to: z.string().nullable() }),
    during: z.array(z.string()),
    when: z.record(z.string(), z.unknown()).meta({ description: 'the condition, as it is evaluated' }),
    outcomes: z.record(z.string(), z.string()),
    because: z.string(),
    certainty: Certainty,
    citation: z.string(),
  })
  .meta({ id: 'Rule' })

export const RegimeDetail = Regime.extend({ rules: z.array(Rule) }).meta({ id: 'RegimeDetail' })

export function regimeRoutes(app: App, { knowledge }: CatalogueServices): void {
  listRoute(app, {
    url: '/v1/regimes',
    operationId: 'listRegimes',
    tag: 'law',
    summary: 'Bodies of law that restrict, with their periods and status',
    config: { roles: READERS, reads: 'shared' },
    query: {
      activity: repeatable(someText(40)),
    },
    response: pageOf('RegimePage', Regime),
    page: ({ question: { activity } }) =>
      pagesInMemory(knowledge().reference.regimes, ({ activities }) => isAmong(activity, ...activities)),
  })

  app.get(
    '/v1/regimes/:id',
    {
      config: { roles: READERS, reads: 'shared' },
      schema: {
        operationId: 'getRegime',
        tags: ['law'],
        summary: 'One regime with its rules',
        security: [{ apiKey: [] }],
        params: z.object({ id: someText(100) }),
        querystring: z.strictObject({}),
        response: { 200: RegimeDetail, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request) => {
      const { id } = request.params
      const { regimes, rules } = knowledge().reference
      const regime = regimes.find((one) => one.id === id)
      if (!regime) throw notFound('regime')
      return { ...regime, rules: rules.filter((rule) => rule.regime === id) }
    },
  )

  listRoute(app, {
    url: '/v1/listings',
    operationId: 'listListings',
    tag: 'law',
    summary: 'Who is on which list, and when',
    config: { roles: READERS, reads: 'shared' },
    query: {
      regime: repeatable(someText(100)),
      vendor: repeatable(someText(100)),
      asOf: Day.optional().meta({ description: 'listings in force on this day' }),
    },
    response: pageOf('ListingPage', Listing),
    page: ({ question: { regime, vendor, asOf } }) =>
      pagesInMemory(
        knowledge().reference.listings,
        (listing) =>
          isAmong(regime, listing.regime) &&
          isAmong(vendor, listing.vendor ?? '') &&
          (asOf === undefined || isWithin(listing, asOf)),
      ),
  })
}
