/**
 * Rows of law that came in while the program ran: from versions of official lists, and as rules of a place. They are
 * laid over the rows of the data files, which a new release of the program brings; it takes none of them away.
 */
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import type { ReferenceData } from './reference-data.ts'
import type { Regime, RegimePeriod } from './rules.ts'
import { confirmedOver } from './statuses.ts'

type PatchedPart = 'regimes' | 'listings' | 'rules'

export interface Patch {
  readonly part: PatchedPart
  readonly id: string
  /** Where it comes from: `list:<id>`. */
  readonly origin: string
  /** A whole row, or what is otherwise in the row of the files that has this id. */
  readonly patch: Readonly<Record<string, unknown>>
}

export async function readPatches(tx: Tx): Promise<Patch[]> {
  const { rows } = await tx.execute<Patch & Record<string, unknown>>(
    sql`select part, id, origin, patch from reference_patches order by part, id collate "C"`,
  )
  return rows
}

/** What is written of a patch takes the place of what was there under its id, field by field. */
export async function writePatches(tx: Tx, patches: readonly Patch[], now: Date): Promise<void> {
  if (patches.length === 0) return
  await tx.execute(sql`
    insert into reference_patches (part, id, origin, patch, changed_at)
    select r.part, r.id, r.origin, r.patch, ${now.toISOString()}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(patches)}::jsonb) as r(part text, id text, origin text, patch jsonb)
    on conflict (part, id) do update
      set patch = reference_patches.patch || excluded.patch, origin = excluded.origin, changed_at = excluded.changed_at`)
}

/** The rows with the patches laid over them. What refers to a row that is not there any more is left out. */
export function withPatches(reference: ReferenceData, patches: readonly Patch[]): ReferenceData {
  const regimes = laidOver(
    reference.regimes,
    ofPart(patches, 'regimes'),
    (row) => row.title !== undefined,
  ).map(withConfirmed)
  const isRegime = new Set(regimes.map(({ id }) => id))
  const isVendor = new Set(reference.vendors.map(({ id }) => id))
  return {
    ...reference,
    regimes,
    listings: laidOver(
      reference.listings,
      ofPart(patches, 'listings'),
      (row) => isRegime.has(row.regime) && (row.vendor === null || isVendor.has(row.vendor)),
    ),
    rules: laidOver(reference.rules, ofPart(patches, 'rules'), (row) => isRegime.has(row.regime)),
  }
}

/** A regime as a patch of its statuses leaves it for a moment. */
type Confirmable = Regime & { readonly confirmed?: readonly RegimePeriod[] }

function withConfirmed({ confirmed, ...regime }: Confirmable): Regime {
  if (confirmed === undefined) return regime
  const shippedPeriods = regime.shippedPeriods ?? regime.periods
  return { ...regime, shippedPeriods, periods: confirmedOver(shippedPeriods, confirmed) }
}

const ofPart = (patches: readonly Patch[], part: PatchedPart) => patches.filter((one) => one.part === part)

function laidOver<Row extends { readonly id: string }>(
  rows: readonly Row[],
  patches: readonly Patch[],
  isWhole: (row: Row) => boolean,
): readonly Row[] {
  if (patches.length === 0) return rows
  const laid = new Map(rows.map((row) => [row.id, row]))
  for (const { id, patch } of patches) {
    const row = { ...laid.get(id), ...patch, id } as Row
    if (isWhole(row)) laid.set(id, row)
  }
  return [...laid.values()]
}
