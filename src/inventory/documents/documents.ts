/** Use cases of documents: kept, listed, given again, removed. Load, decide, save. */
import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Scope, Tx } from '../../db/database.ts'
import { lockDocuments } from '../../db/locks.ts'
import {
  devices,
  documentParts,
  documents,
  licenses,
  makerStatements,
  planDisposals,
  sites,
} from '../../db/schema/index.ts'
import type { Page, PageAsked } from '../../http/pages.ts'
import { DomainError, notFound } from '../../http/problems.ts'
import { ascending, inScope, tablePage } from '../../http/table-pages.ts'
import { uuidv7 } from '../../lib/ids.ts'
import { note } from '../../tenancy/audit.ts'
import { oneRow } from '../../tenancy/stored-rows.ts'
import type { Work } from '../../tenancy/work.ts'
import type { DocumentType } from './content.ts'
import { type Document, OWNER_KINDS, type OwnerKind, toDocument } from './schemas.ts'

/** Of a piece of a file as it is stored. */
const PART_BYTES = 256 * 1024

type Owned = PgTable & { id: PgColumn; jurisdictionId: PgColumn }
const OWNERS: Readonly<Record<OwnerKind, Owned>> = {
  device: devices,
  site: sites,
  disposal: planDisposals,
  license: licenses,
  statement: makerStatements,
}

export interface Owner {
  readonly kind: OwnerKind
  readonly id: string
}

type Named = Readonly<Partial<Record<OwnerKind, string | undefined>>>

/** The one thing that a question names. Throws `invalid-request`. */
export function ownerNamed(named: Named): Owner {
  const [first, ...more] = OWNER_KINDS.flatMap((kind) =>
    named[kind] === undefined ? [] : [{ kind, id: named[kind] }],
  )
  if (first !== undefined && more.length === 0) return first
  throw new DomainError('invalid-request', 'A document belongs to one thing.', {
    errors: [{ pointer: '', code: 'one-owner', message: `name one of ${OWNER_KINDS.join(', ')}` }],
  })
}

/** The city that a thing belongs to; a key of a city sees its own things alone. Throws `not-found`. */
export async function cityOf(tx: Tx, { kind, id }: Owner): Promise<string> {
  const table = OWNERS[kind]
  const [row] = await tx.select({ city: table.jurisdictionId }).from(table).where(eq(table.id, id))
  if (!row) throw notFound(kind)
  return row.city as string
}

export interface NewDocument {
  readonly owner: Owner
  readonly name: string
  readonly note: string | null
  readonly mediaType: DocumentType
  readonly content: Buffer
  readonly sha256: string
}

/** Throws `document-limit` when the documents of the city would be more bytes than `mostBytes`. */
export async function keepDocument(work: Work, wish: NewDocument, mostBytes: number): Promise<Document> {
  const { tx, jurisdictionId, actor, now } = work
  const { owner, content, name, mediaType, sha256 } = wish
  await lockDocuments(tx, jurisdictionId)
  await assertRoom(tx, jurisdictionId, content.length, mostBytes)
  const id = uuidv7(now.getTime())
  const [row] = await tx
    .insert(documents)
    .values({
      jurisdictionId,
      id,
      ownerKind: owner.kind,
      ownerId: owner.id,
      name,
      mediaType,
      bytes: content.length,
      sha256,
      note: wish.note,
      keyLabel: actor.label,
      createdAt: now.toISOString(),
      createdBy: actor.id,
    })
    .returning()
  for (let part = 0; part * PART_BYTES < content.length; part++) {
    const piece = content.subarray(part * PART_BYTES, (part + 1) * PART_BYTES)
    await tx.insert(documentParts).values({ jurisdictionId, documentId: id, part, content: piece })
  }
  await note(work, {
    action: 'document.create',
    target: id,
    detail: { [owner.kind]: owner.id, name, mediaType, bytes: content.length, sha256 },
  })
  return toDocument(row!)
}

async function assertRoom(tx: Tx, jurisdictionId: string, bytes: number, mostBytes: number): Promise<void> {
  const { rows } = await tx.execute<{ kept: string }>(sql`
    select coalesce(sum(bytes), 0)::text as kept from documents
    where jurisdiction_id = ${jurisdictionId}::uuid and removed_at is null`)
  const kept = Number(rows[0]!.kept)
  if (kept + bytes <= mostBytes) return
  const mib = (count: number) => `${(count / 1024 / 1024).toFixed(1)} MiB`
  throw new DomainError(
    'document-limit',
    `The documents of the city hold ${mib(kept)} of ${mib(mostBytes)}; this one has ${mib(bytes)}. Remove some, or ask the operator for room.`,
  )
}

const ORDER = ascending(documents, 'jurisdictionId', 'id')

interface Question extends Named {
  readonly kept?: boolean | undefined
}

export function documentPage(
  tx: Tx,
  scope: Scope,
  question: Question,
  page: PageAsked,
): Promise<Page<Document>> {
  const { kept, ...named } = question
  const isAsked = OWNER_KINDS.some((kind) => named[kind] !== undefined)
  const owner = isAsked ? ownerNamed(named) : null
  const where = [
    inScope(scope),
    owner === null ? undefined : and(eq(documents.ownerKind, owner.kind), eq(documents.ownerId, owner.id)),
    kept === undefined ? undefined : kept ? isNull(documents.removedAt) : isNotNull(documents.removedAt),
  ]
  return tablePage(tx, { table: documents, order: ORDER, where, item: toDocument }, page)
}

/** Throws `not-found`, also for one whose bytes were removed. */
export async function documentContent(tx: Tx, id: string): Promise<{ document: Document; content: Buffer }> {
  const [row] = await tx.select().from(documents).where(eq(documents.id, id))
  if (!row || row.removedAt !== null) throw notFound('document')
  const parts = await tx
    .select({ content: documentParts.content })
    .from(documentParts)
    .where(and(eq(documentParts.jurisdictionId, row.jurisdictionId), eq(documentParts.documentId, id)))
    .orderBy(documentParts.part)
  return { document: toDocument(row), content: Buffer.concat(parts.map(({ content }) => content)) }
}

/** Take its bytes away; that it was there stays on record. Throws `not-found`. */
export async function removeDocument(work: Work, id: string, reason: string): Promise<Document> {
  const { tx, actor, now } = work
  const [row] = await tx
    .select()
    .from(documents)
    .where(oneRow(documents, work, id))
    .for('update')
  if (!row) throw notFound('document')
  if (row.removedAt !== null) return toDocument(row)
  await tx
    .delete(documentParts)
    .where(and(eq(documentParts.jurisdictionId, work.jurisdictionId), eq(documentParts.documentId, id)))
  const [removed] = await tx
    .update(documents)
    .set({ removedAt: now.toISOString(), removedKeyLabel: actor.label, removedReason: reason })
    .where(oneRow(documents, work, id))
    .returning()
  await note(work, {
    action: 'document.remove',
    target: id,
    detail: { name: row.name, sha256: row.sha256, reason },
  })
  return toDocument(removed!)
}
