/** The catalog, read only: manufacturers, models, relationships. */

import { z } from 'zod'
import { listRoute } from '../http/list-route.ts'
import { isAmong, pagesInMemory } from '../http/memory-pages.ts'
import { notFound, problems } from '../http/problems.ts'
import { pageOf, repeatable, someText } from '../http/schemas.ts'
import type { App } from '../http/services.ts'
import { READERS, readScope } from '../tenancy/auth.ts'
import { registeredModels } from './registered-models.ts'
import type { CatalogueServices } from './services.ts'

const Confidence = z.enum(['high', 'medium', 'low'])

export const Manufacturer = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.string(),
    country: z.string().nullable(),
    names: z.array(z.object({ text: z.string(), kind: z.string(), weak: z.boolean().optional() })),
    notSameAs: z.array(z.string()),
    notes: z.string().nullable(),
    source: z.string(),
    asOf: z.string(),
    confidence: Confidence,
  })
  .meta({ id: 'Manufacturer', description: 'A legal entity or a brand; relationships tie them' })

const Relationship = z
  .object({
    id: z.string(),
    child: z.string(),
    parent: z.string(),
    kind: z.string(),
    ownershipPct: z.number().nullable().meta({ description: 'percent' }),
    from: z.string().nullable(),
    to: z.string().nullable().meta({ description: 'first day outside' }),
    modelPattern: z.string().nullable(),
    scope: z.string().nullable(),
    confidence: Confidence,
    citation: z.string(),
    asOf: z.string(),
    notes: z.string().nullable(),
  })
  .meta({ id: 'Relationship' })

const Model = z
  .object({
    id: z.string(),
    manufacturer: z.string(),
    model: z.string(),
    partNumber: z.string().nullable(),
    deviceClass: z.string().nullable(),
    source: z.string().meta({ description: '`register` for models that cities have registered' }),
    devices: z.int().optional().meta({ description: 'devices on the registers this key may see' }),
  })
  .meta({ id: 'Model' })
type Model = z.infer<typeof Model>

export const ManufacturerDetail = Manufacturer.extend({
  relationships: z.array(Relationship).meta({ description: 'in which it is child or parent' }),
  models: z.int().meta({ description: 'number of models in the catalog' }),
}).meta({ id: 'ManufacturerDetail' })

/** Makers as a list. Apart from the others: documented before the reading of a name, which stands above. */
export function makerListRoute(app: App, { knowledge }: CatalogueServices): void {
  listRoute(app, {
    url: '/v1/manufacturers',
    operationId: 'listManufacturers',
    tag: 'catalog',
    summary: 'Makers, brands and legal entities',
    config: { roles: READERS, reads: 'shared' },
    query: {
      kind: repeatable(someText(40)),
      country: repeatable(someText(2)),
      q: someText(100).optional().meta({ description: 'part of a name or alias' }),
    },
    response: pageOf('ManufacturerPage', Manufacturer),
    page: ({ question: { kind, country, q } }) => {
      const part = q?.toLowerCase()
      return pagesInMemory(
        knowledge().reference.vendors,
        (vendor) =>
          isAmong(kind, vendor.kind) &&
          isAmong(country, vendor.country ?? 'unknown') &&
          (part === undefined ||
            vendor.id.includes(part) ||
            vendor.names.some((name) => name.text.toLowerCase().includes(part))),
      )
    },
  })
}

/** One maker, relationships, models. */
export function makerRoutes(app: App, services: CatalogueServices): void {
  getManufacturerRoute(app, services)
  relationshipListRoute(app, services)
  modelListRoute(app, services)
}

function getManufacturerRoute(app: App, { knowledge }: CatalogueServices): void {
  app.get(
    '/v1/manufacturers/:id',
    {
      config: { roles: READERS, reads: 'shared' },
      schema: {
        operationId: 'getManufacturer',
        tags: ['catalog'],
        summary: 'One maker or brand, with its relationships',
        security: [{ apiKey: [] }],
        params: z.object({ id: someText(100) }),
        querystring: z.strictObject({}),
        response: { 200: ManufacturerDetail, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request) => {
      const { id } = request.params
      const { vendors, relationships, models } = knowledge().reference
      const vendor = vendors.find((one) => one.id === id)
      if (!vendor) throw notFound('manufacturer')
      return {
        ...vendor,
        relationships: relationships.filter((one) => one.child === id || one.parent === id),
        models: models.filter((one) => one.manufacturer === id).length,
      }
    },
  )
}

function relationshipListRoute(app: App, { knowledge }: CatalogueServices): void {
  listRoute(app, {
    url: '/v1/relationships',
    operationId: 'listRelationships',
    tag: 'catalog',
    summary: 'Who owns, brands, relabels or supplies whom, and when',
    config: { roles: READERS, reads: 'shared' },
    query: {
      child: repeatable(someText(100)),
      parent: repeatable(someText(100)),
      kind: repeatable(someText(40)),
      confidence: repeatable(Confidence),
    },
    response: pageOf('RelationshipPage', Relationship),
    page: ({ question: { child, parent, kind, confidence } }) =>
      pagesInMemory(
        knowledge().reference.relationships,
        (one) =>
          isAmong(child, one.child) &&
          isAmong(parent, one.parent) &&
          isAmong(kind, one.kind) &&
          isAmong(confidence, one.confidence),
      ),
  })
}

function modelListRoute(app: App, { database, knowledge }: CatalogueServices): void {
  listRoute(app, {
    url: '/v1/models',
    operationId: 'listModels',
    tag: 'catalog',
    summary: 'Models of the catalog, or those on the registers this key may see',
    config: { roles: READERS, reads: 'models.read', readsIf: 'registered' },
    query: {
      manufacturer: repeatable(someText(100)),
      deviceClass: repeatable(someText(40)),
      registered: z.stringbool().default(false).meta({ description: 'models that cities have registered' }),
      q: someText(100).optional().meta({ description: 'part of the model number' }),
    },
    response: pageOf('ModelPage', Model),
    page: async ({ question: { manufacturer, deviceClass, registered, q }, request }) => {
      const part = q?.toLowerCase()
      const scope = readScope(request.principal)
      const models: readonly Model[] = registered
        ? await database.acrossJurisdictions(scope, (tx) => registeredModels(tx, scope))
        : knowledge().reference.models
      return pagesInMemory(
        models,
        (one) =>
          isAmong(manufacturer, one.manufacturer) &&
          isAmong(deviceClass, one.deviceClass ?? 'unknown') &&
          (part === undefined || one.model.toLowerCase().includes(part)),
      )
    },
  })
}
