/** Wire shapes of uploads. */
import { z } from 'zod'
import { Instant, toInstant } from '../../http/schemas.ts'
import { MappingShape } from '../mappings/schemas.ts'
import { ColumnReport, SheetReport } from './schemas.ts'
import type { UploadRow } from './uploads.ts'

export const Upload = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    fileName: z.string().nullable(),
    bytes: z.int(),
    digest: z.string().meta({ description: 'SHA-256 of the file as it came, hex' }),
    createdAt: Instant,
    createdBy: z.string(),
    expiresAt: Instant.meta({ description: 'when it is forgotten' }),
  })
  .meta({ id: 'Upload', description: 'A file that is kept to be imported' })

export const UploadColumns = z
  .object({
    format: z.string(),
    encoding: z.string(),
    delimiter: z.string().nullable(),
    profile: z.string().nullable(),
    dateOrder: z.string(),
    dateOrderFrom: z.string().meta({ description: '`stated`, `profile`, `seen` in the dates, or `assumed`' }),
    headerRow: z.int().meta({ description: 'what stands above it is not read; 0 when there is none' }),
    columns: z.array(ColumnReport).meta({ description: 'of a workbook they are in `sheets`' }),
    sheets: z.array(SheetReport),
    questions: z
      .array(z.object({ code: z.string(), message: z.string() }))
      .meta({ description: 'what has to be settled before it can be imported' }),
    unfilled: z
      .array(z.string())
      .meta({ description: 'fields that no column fills; the city’s own are `custom.NAME`' }),
    savedMappings: z
      .array(MappingShape)
      .meta({ description: 'those that suit these headers; `mapping=NAME` uses one' }),
  })
  .meta({ id: 'UploadColumns' })

export function toUpload(row: UploadRow): z.output<typeof Upload> {
  return {
    id: row.id,
    jurisdictionId: row.jurisdictionId,
    fileName: row.fileName,
    bytes: row.bytes,
    digest: row.sha256,
    createdAt: toInstant(row.createdAt),
    createdBy: row.createdBy,
    expiresAt: toInstant(row.expiresAt),
  }
}
