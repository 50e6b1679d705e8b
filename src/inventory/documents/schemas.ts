/** Documents as they are shown. */
import { z } from 'zod'
import type { documents } from '../../db/schema/index.ts'
import { Id, Instant, pageOf, someText, text, toInstant } from '../../http/schemas.ts'
import { isSeen } from '../../lib/letters.ts'
import { DOCUMENT_TYPES } from './content.ts'

export const OWNER_KINDS = ['device', 'site', 'disposal', 'license', 'statement'] as const
export type OwnerKind = (typeof OWNER_KINDS)[number]

const owner = (what: string) => Id.optional().meta({ description: `id of the ${what} it belongs to` })
const OwnerQuery = {
  device: owner('device'),
  site: owner('site'),
  disposal: owner('disposal record'),
  license: owner('license'),
  statement: owner('statement'),
}

export const UploadQuery = z.strictObject({
  ...OwnerQuery,
  name: someText(200)
    // It is what a browser saves it as: no path, and nothing that a folder takes for itself.
    .refine((name) => !/[/\\]/.test(name), 'must be the name of a file, without a path')
    .refine(
      (name) => isSeen(name) && !/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(name),
      'must be a name that can be read',
    )
    .meta({ description: 'name of the file, for those who save it' }),
  note: text(2000).optional(),
})

export const RemoveQuery = z.strictObject({ reason: someText(2000) })

export const DocumentFilter = {
  ...OwnerQuery,
  kept: z.stringbool().optional().meta({ description: 'false: only those that were removed' }),
}

export const Document = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    ownerKind: z.enum(OWNER_KINDS),
    ownerId: z.string(),
    name: z.string(),
    mediaType: z.enum(DOCUMENT_TYPES),
    bytes: z.int(),
    sha256: z.string(),
    note: z.string().nullable(),
    keyLabel: z.string().meta({ description: 'label of the key that sent it' }),
    createdAt: Instant,
    removed: z
      .object({ at: Instant, keyLabel: z.string(), reason: z.string() })
      .nullable()
      .meta({ description: 'its bytes are gone; name and hash stay' }),
  })
  .meta({ id: 'Document' })
export type Document = z.infer<typeof Document>

export const DocumentPage = pageOf('DocumentPage', Document)

export function toDocument(row: typeof documents.$inferSelect): Document {
  const removed =
    row.removedAt === null
      ? null
      : { at: toInstant(row.removedAt), keyLabel: row.removedKeyLabel!, reason: row.removedReason! }
  return {
    id: row.id,
    jurisdictionId: row.jurisdictionId,
    ownerKind: row.ownerKind as OwnerKind,
    ownerId: row.ownerId,
    name: row.name,
    mediaType: row.mediaType as Document['mediaType'],
    bytes: row.bytes,
    sha256: row.sha256,
    note: row.note,
    keyLabel: row.keyLabel,
    createdAt: toInstant(row.createdAt),
    removed,
  }
}
