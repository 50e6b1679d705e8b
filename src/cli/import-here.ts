/** A spreadsheet straight into the database, and its undoing. */
import { toInstant } from '../http/schemas.ts'
import { openTable } from '../intake/open-table.ts'
import { rejectsCsv } from '../intake/rejects.ts'
import { rejectedRows } from '../inventory/imports/rejects.ts'
import { importTable, sealImport } from '../inventory/imports/run.ts'
import { type Undone, undoImport } from '../inventory/imports/undo.ts'
import { OPERATOR } from '../tenancy/actor.ts'
import { UsageError } from './errors.ts'
import { progressBar, writeWhole } from './files.ts'
import type { ImportCliOptions, Imported, Undoing } from './import.ts'
import type { CliParts } from './parts.ts'
import { readOptions } from './read-options.ts'
import { fileName, open } from './table-options.ts'

const WHILE_SERVING = 'While the service runs, import through it: --url.'

/** Takes everything back that the transaction did. */
class DryRun extends Error {}

export async function undoHere(
  id: string,
  jurisdiction: string | undefined,
  dryRun: boolean,
  { now, withKnowledge }: CliParts,
): Promise<Undoing> {
  if (jurisdiction === undefined)
    throw new UsageError('Name the jurisdiction with --jurisdiction, or use --url with a city’s key.')
  return withKnowledge(WHILE_SERVING, async ({ database, knowledge }) => {
    let undoing: Undoing | undefined
    try {
      await database.inJurisdiction(jurisdiction, async (tx) => {
        const work = { tx, jurisdictionId: jurisdiction, actor: OPERATOR, now: now(), knowledge }
        const { undone, undoneAt } = await undoImport(work, id)
        undoing = {
          undone: undone as Undone,
          earlier: undoneAt === work.now.toISOString() ? null : toInstant(undoneAt!),
        }
        if (dryRun) throw new DryRun()
      })
    } catch (error) {
      if (!(error instanceof DryRun)) throw error
    }
    return undoing!
  })
}

export async function importHere(
  file: string,
  options: ImportCliOptions,
  { now, withKnowledge }: CliParts,
): Promise<Imported> {
  const { jurisdiction } = options
  if (jurisdiction === undefined)
    throw new UsageError('Name the jurisdiction with --jurisdiction, or use --url with a city’s key.')
  const bar = await progressBar(file)
  try {
    return await withKnowledge(WHILE_SERVING, async ({ database, knowledge }) => {
      let imported: Imported | undefined
      try {
        await database.inJurisdiction(
          jurisdiction,
          async (tx) => {
            const table = await openTable(bar.watch(open(file)), readOptions(options, knowledge))
            const result = await importTable(tx, table, {
              jurisdictionId: jurisdiction,
              source: options.source,
              fileName: fileName(file),
              blanks: options.blanks,
              knowledge,
              actor: OPERATOR,
              now: now(),
            })
            const { report } = result
            // Here, because what is not kept can be read only before it is taken back.
            if (options.rejects !== undefined) {
              const rows = rejectedRows((work) => work(tx), jurisdiction, result.id)
              await writeWhole(options.rejects, rejectsCsv(report.header, rows))
            }
            const isRefused = options.atomic === true && report.counts.rejected > 0
            const kept = options.dryRun ? 'dry-run' : isRefused ? 'refused' : 'all'
            imported = { report, kept, id: kept === 'all' ? result.id : null }
            if (imported.kept !== 'all') throw new DryRun()
            await sealImport(tx, jurisdiction, result, { digest: bar.digest(), bytes: bar.bytes() })
          },
          { timeLimitMillis: 0 },
        )
      } catch (error) {
        if (!(error instanceof DryRun)) throw error
      }
      return imported!
    })
  } finally {
    bar.stop()
  }
}
