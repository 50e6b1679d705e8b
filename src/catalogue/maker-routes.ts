/** The catalogue, read only: manufacturers, models, relationships. */
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Scope, Tx } from '../db/database.ts'
import { linkNext } from '../http/exports.ts'
import { type CursorValue, decodeCursor, encodeCursor, PageQuery, TEXT_PART } from '../http/pages.ts'
import { notFound, problems } from '../http/problems.ts'
import { pageOf, repeatable, someText } from '../http/schemas.ts'
import type { App } from '../http/services.ts'
import { READERS, readScope } from '../tenancy/auth.ts'
import type { CatalogueServices } from './services.ts'

const Confidence = z.enum(['high', 'medium', 'low'])

const Manufacturer = z
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

const ManufacturerDetail = Manufacturer.extend({
  relationships: z.array(Relationship).meta({ description: 'in which it is child or parent' }),
  models: z.int().meta({ description: 'number of models in the catalogue' }),
}).meta({ id: 'ManufacturerDetail' })

/** One page of a list in memory that is sorted by id. */
export function pageInMemory<T extends { readonly id: string }>(
  sorted: readonly T[],
  limit: number,
  cursor: string | undefined,
  question: unknown,
): { items: T[]; nextCursor: string | null } {
  const last: CursorValue = cursor === undefined ? null : decodeCursor(cursor, question, [TEXT_PART])[0]!
  const rest = last === null ? sorted : sorted.filter((item) => item.id > String(last))
  const items = rest.slice(0, limit)
  return {
    items,
    nextCursor: rest.length > limit ? encodeCursor([items.at(-1)!.id], question) : null,
  }
}

export function byId<T extends { readonly id: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}

/** Models on the registers in scope, by maker where it is known, else by the name on the label. */
async function registeredModels(tx: Tx, scope: Scope): Promise<z.infer<typeof Model>[]> {
  const limits = scope === 'all' ? sql`true` : sql`p.jurisdiction_id = any (${sql.param(scope)}::uuid[])`
  const { rows } = await tx.execute<{
    manufacturer: string
    model: string
    deviceClass: string | null
    devices: number
  }>(sql`
    select coalesce(p.maker_id, p.facts->>'manufacturer', 'unknown') as manufacturer, p.facts->>'model' as model,
      max(p.facts->>'deviceClass') as "deviceClass", sum(p.device_count)::int as devices
    from profiles p where ${limits} and p.device_count > 0 and p.facts->>'model' is not null
    group by 1, 2`)
  return rows.map((row) => ({
    id: `${row.manufacturer}/${row.model}`,
    ...row,
    partNumber: null,
    source: 'register',
  }))
}

/** Makers as a list. Apart from the others: documented before the reading of a name, which stands above. */
export function makerListRoute(app: App, { knowledge }: CatalogueServices): void {
  app.get(
    '/v1/manufacturers',
    {
      config: { roles: READERS, reads: 'shared' },
      schema: {
        operationId: 'listManufacturers',
        tags: ['catalogue'],
        summary: 'Makers, brands and legal entities',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          ...PageQuery,
          kind: repeatable(someText(40)),
          country: repeatable(someText(2)),
          q: someText(100).optional().meta({ description: 'part of a name or alias' }),
        }),
        response: { 200: pageOf('ManufacturerPage', Manufacturer), ...problems('unauthenticated') },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...question } = request.query
      const { kind, country, q } = question
      const part = q?.toLowerCase()
      const found = byId(knowledge().reference.vendors).filter(
        (vendor) =>
          (kind.length === 0 || kind.includes(vendor.kind)) &&
          (country.length === 0 || country.includes(vendor.country ?? 'unknown')) &&
          (part === undefined ||
            vendor.id.includes(part) ||
            vendor.names.some((name) => name.text.toLowerCase().includes(part))),
      )
      const page = pageInMemory(found, limit, cursor, question)
      linkNext(request, reply, page.nextCursor)
      return page
    },
  )
}

/** One maker, relationships, models. */
export function makerRoutes(app: App, { database, knowledge }: CatalogueServices): void {
  app.get(
    '/v1/manufacturers/:id',
    {
      config: { roles: READERS, reads: 'shared' },
      schema: {
        operationId: 'getManufacturer',
        tags: ['catalogue'],
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

  app.get(
    '/v1/relationships',
    {
      config: { roles: READERS, reads: 'shared' },
      schema: {
        operationId: 'listRelationships',
        tags: ['catalogue'],
        summary: 'Who owns, brands, relabels or supplies whom, and when',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          ...PageQuery,
          child: repeatable(someText(100)),
          parent: repeatable(someText(100)),
          kind: repeatable(someText(40)),
          confidence: repeatable(Confidence),
        }),
        response: { 200: pageOf('RelationshipPage', Relationship), ...problems('unauthenticated') },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...question } = request.query
      const { child, parent, kind, confidence } = question
      const found = byId(knowledge().reference.relationships).filter(
        (one) =>
          (child.length === 0 || child.includes(one.child)) &&
          (parent.length === 0 || parent.includes(one.parent)) &&
          (kind.length === 0 || kind.includes(one.kind)) &&
          (confidence.length === 0 || confidence.includes(one.confidence)),
      )
      const page = pageInMemory(found, limit, cursor, question)
      linkNext(request, reply, page.nextCursor)
      return page
    },
  )

  app.get(
    '/v1/models',
    {
      config: { roles: READERS, reads: 'models.read', readsIf: 'registered' },
      schema: {
        operationId: 'listModels',
        tags: ['catalogue'],
        summary: 'Models of the catalogue, or those on the registers this key may see',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          ...PageQuery,
          manufacturer: repeatable(someText(100)),
          deviceClass: repeatable(someText(40)),
          registered: z
            .stringbool()
            .default(false)
            .meta({ description: 'models that cities have registered' }),
          q: someText(100).optional().meta({ description: 'part of the model number' }),
        }),
        response: { 200: pageOf('ModelPage', Model), ...problems('unauthenticated') },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...question } = request.query
      const { manufacturer, deviceClass, registered, q } = question
      const part = q?.toLowerCase()
      const scope = readScope(request.principal)
      const models: readonly z.infer<typeof Model>[] = registered
        ? await database.acrossJurisdictions(scope, (tx) => registeredModels(tx, scope))
        : knowledge().reference.models
      const found = byId(models).filter(
        (one) =>
          (manufacturer.length === 0 || manufacturer.includes(one.manufacturer)) &&
          (deviceClass.length === 0 || deviceClass.includes(one.deviceClass ?? 'unknown')) &&
          (part === undefined || one.model.toLowerCase().includes(part)),
      )
      const page = pageInMemory(found, limit, cursor, question)
      linkNext(request, reply, page.nextCursor)
      return page
    },
  )
}
