/** Wire shapes of imports. */
import { z } from 'zod'
import type { imports } from '../../db/schema/index.ts'
import { Instant, toInstant } from '../../http/schemas.ts'

const Issue = z.object({
  column: z.string().nullable(),
  field: z.string().nullable(),
  value: z.string().nullable(),
  code: z.string(),
  message: z.string(),
})
const ReportedRow = z.object({
  row: z.int(),
  sheet: z.string().nullable().optional().meta({ description: 'of a workbook' }),
  errors: z.array(Issue),
})
export const ColumnReport = z
  .object({
    header: z.string(),
    position: z.int(),
    fate: z.enum(['read', 'left-out', 'login']),
    field: z.string().nullable(),
    how: z.string().nullable(),
    why: z.string().nullable(),
    filled: z.int(),
    readable: z.int().nullable(),
    samples: z.array(z.string()),
  })
  .meta({
    id: 'ImportColumn',
    description:
      'What became of a column: `filled` cells among the first 500 rows, those `readable` as the field, and some of them. Login columns have no samples.',
  })

export const SheetReport = z.object({
  name: z.string(),
  isHidden: z.boolean(),
  fate: z.enum(['read', 'left-out']),
  why: z.string().nullable(),
  headerRow: z.int().nullable(),
  columns: z.array(ColumnReport),
})

const Report = z
  .object({
    format: z.string(),
    encoding: z.string(),
    delimiter: z.string().nullable(),
    profile: z.string().nullable(),
    dateOrder: z.string(),
    mapping: z.array(z.object({ field: z.string(), columns: z.array(z.string()), how: z.string() })),
    ignoredColumns: z.array(z.string()),
    secretColumns: z.array(z.string()).meta({ description: 'held logins; nothing of them was kept' }),
    header: z.array(z.string()),
    counts: z.object({
      rows: z.int(),
      added: z
        .int()
        .optional()
        .meta({ description: 'devices that quantities add: a row with Qty 12 makes twelve' }),
      leftOut: z.int().optional().meta({ description: 'rows that are no devices' }),
      created: z.int(),
      updated: z.int(),
      unchanged: z.int(),
      rejected: z.int(),
      blank: z.int(),
      vanished: z
        .int()
        .meta({ description: 'in the feed before, not in this file; they stay on the register' }),
      sitesCreated: z.int(),
      profilesCreated: z.int(),
    }),
    identification: z.record(z.string(), z.int()),
    makers: z.array(
      z.object({ maker: z.string().nullable(), brand: z.string().nullable(), devices: z.int() }),
    ),
    rejected: z
      .array(ReportedRow)
      .meta({ description: 'the first 1,000; all of them are in the rejects file' }),
    warnings: z.array(ReportedRow),
    warningGroups: z
      .array(
        z.object({
          column: z.string().nullable(),
          field: z.string().nullable(),
          value: z.string().nullable(),
          code: z.string(),
          message: z.string(),
          rows: z.int(),
          firstRow: z.int(),
          sheet: z.string().nullable(),
        }),
      )
      .optional()
      .meta({ description: 'the warnings of all rows, once for each column and value' }),
    leftOut: z
      .array(z.object({ row: z.int(), sheet: z.string().nullable(), kind: z.string(), text: z.string() }))
      .optional()
      .meta({
        description: 'rows that are no devices: titles, headings, totals, repeated headers; the first 1,000',
      }),
    columns: z.array(ColumnReport).optional().meta({ description: 'of a workbook they are in `sheets`' }),
    sheets: z.array(SheetReport).optional(),
    dateOrderFrom: z
      .string()
      .optional()
      .meta({ description: '`stated`, `profile`, `seen` in the dates, or `assumed`' }),
    fileWarnings: z
      .array(z.object({ code: z.string(), message: z.string(), sheet: z.string().nullable() }))
      .optional()
      .meta({
        description:
          'what to know of a workbook as a whole: sheets that were not read, cells that show errors, rounded numbers; absent in imports made before there were any',
      }),
    vanished: z.array(
      z.object({ id: z.string(), assetTag: z.string().nullable(), name: z.string().nullable() }),
    ),
    listsCut: z.boolean(),
  })
  .meta({
    id: 'ImportReport',
    description: 'rows + added = created + updated + unchanged + rejected + blank + leftOut',
  })

const Undone = z
  .object({
    removed: z.int().meta({ description: 'devices that the import created; their history stays' }),
    restored: z.int().meta({ description: 'devices that are as they were before the import' }),
    left: z.object({
      count: z.int(),
      devices: z
        .array(
          z.object({
            id: z.string(),
            assetTag: z.string().nullable(),
            name: z.string().nullable(),
            reason: z
              .enum(['changed-since', 'in-use', 'merged'])
              .meta({ description: '`merged`: part of another device by now, which stays' }),
          }),
        )
        .meta({ description: 'the first 1,000' }),
    }),
    sitesRemoved: z.int(),
    seenAgainBy: z.array(z.string()).meta({
      description:
        'later imports that found some devices unchanged; import those files again if they name what was removed',
    }),
  })
  .meta({
    id: 'ImportUndone',
    description:
      'What undoing did. Devices that were changed since, or that a plan or another record names, are left as they are.',
  })

export const Import = z
  .object({
    id: z.string().nullable().meta({ description: 'null for a dry run' }),
    jurisdictionId: z.string(),
    dryRun: z.boolean(),
    source: z.string(),
    fileName: z.string().nullable(),
    digest: z.string().meta({ description: 'SHA-256 of the file as it came, hex' }),
    bytes: z.int(),
    createdAt: Instant,
    createdBy: z.string(),
    undoneAt: Instant.nullable().meta({ description: 'when the import was undone; null while it stands' }),
    undoneBy: z.string().nullable(),
    undone: Undone.nullable(),
    report: Report,
  })
  .meta({ id: 'Import' })
export type Import = z.infer<typeof Import>

/** A report names up to thousands of rows, so a list has its counts only. */
export const ListedImport = Import.partial({ report: true })
  .extend({ counts: Report.shape.counts })
  .meta({ id: 'ListedImport', description: 'The whole `report` with `include=report`, or of one import' })

export function toImport(row: typeof imports.$inferSelect): Import {
  return {
    id: row.id,
    jurisdictionId: row.jurisdictionId,
    dryRun: false,
    source: row.source,
    fileName: row.fileName,
    digest: row.digest,
    bytes: row.bytes,
    createdAt: toInstant(row.createdAt),
    createdBy: row.createdBy,
    undoneAt: row.undoneAt === null ? null : toInstant(row.undoneAt),
    undoneBy: row.undoneBy,
    undone: row.undone as Import['undone'],
    report: row.report as Import['report'],
  }
}

export function toListed(row: typeof imports.$inferSelect, isWhole: boolean): z.infer<typeof ListedImport> {
  const { report, ...rest } = toImport(row)
  return { ...rest, counts: report.counts, ...(isWhole ? { report } : {}) }
}
