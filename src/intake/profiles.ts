/**
 * Known files: which header row, and which column means what.
 */
import type { DateOrder } from './cells.ts'
import type { ColumnField, DeviceField } from './fields.ts'

/** A column by header text or 0-based position. */
export type ColumnRef = string | number

export interface Profile {
  readonly id: string
  readonly title: string
  /** Headers that must all be there; empty for a profile that is only used when asked for. */
  readonly requires: readonly string[]
  readonly forbids?: readonly string[]
  readonly hasHeader?: boolean
  /** Several columns: the first that is not blank in the row counts. */
  readonly columns?: Readonly<Partial<Record<ColumnField, ColumnRef | readonly ColumnRef[]>>>
  /** Headers whose words would mislead; other columns that `columns` leaves are mapped by their words. */
  readonly ignores?: readonly string[]
  /** A column whose text is the same in all rows of one device: its further channels are left out. */
  readonly deviceIn?: string
  /** Written by this program: what its cells name has been heard already. */
  readonly isOwn?: boolean
  /** Values for cells that are blank or absent, written as a cell would be. */
  readonly defaults?: Readonly<Partial<Record<DeviceField, string>>>
  /** The city's own words for values of a closed list. */
  readonly words?: Readonly<Partial<Record<DeviceField, Readonly<Record<string, string>>>>>
  readonly dateOrder?: DateOrder
  /** The file is recognized and cannot be used; this says what to send instead. */
  readonly declines?: string
  readonly evidence: 'file-read' | 'source-read' | 'vendor-document' | 'second-hand'
  readonly source: string
  readonly asOf: string
  readonly notes?: string
}

/** The profile that fits a header row best, or null. Case and outer white space do not matter, punctuation does. */
export function recognizeProfile(profiles: readonly Profile[], header: readonly string[]): Profile | null {
  const names = new Set(header.map(normal))
  let best: Profile | null = null
  for (const profile of profiles) {
    if (profile.requires.length === 0) continue
    if (!profile.requires.every((name) => names.has(normal(name)))) continue
    if (profile.forbids?.some((name) => names.has(normal(name)))) continue
    if (best === null || profile.requires.length > best.requires.length) best = profile
  }
  return best
}

function normal(header: string): string {
  return header.trim().toLowerCase()
}
