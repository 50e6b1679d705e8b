/** What routes of lists are asked and answer. */
import { z } from 'zod'
import { ACTIVITIES } from '../catalogue/outcomes.ts'
import { FieldProblem } from '../http/problems.ts'
import { Day, Instant, someText } from '../http/schemas.ts'
import { STANDINGS } from './model/naming.ts'

const OfficialEntry = z
  .object({
    key: z.string().meta({ description: 'the authority’s own id; a digest of the name where it has none' }),
    part: z.string().nullable().meta({ description: 'part of the list, such as EL or CMIC' }),
    name: z.string(),
    aliases: z.array(z.object({ text: z.string(), isWeak: z.boolean() })),
    kind: z.enum(['entity', 'vessel', 'aircraft', 'class']),
    programs: z.array(z.string()),
    countries: z.array(z.string()),
    identifiers: z.array(z.object({ type: z.string(), value: z.string() })),
    from: z.string().nullable().meta({ description: 'null where the file does not say it' }),
    to: z.string().nullable().meta({ description: 'first day outside' }),
    citation: z.string().nullable(),
    purposeLimited: z.boolean(),
    scope: z.string(),
    owners: z.array(z.string()).meta({ description: 'who owns or controls it, as far as the file says' }),
  })
  .meta({ id: 'OfficialEntry', description: 'An entry of an official list, in one shape for all lists' })

const Counts = z.object({
  entries: z.int(),
  persons: z.int().meta({ description: 'natural persons: counted, not kept' }),
  unreadable: z.int(),
  added: z.int(),
  changed: z.int(),
  ended: z.int(),
  unchanged: z.int(),
  listings: z.int().meta({ description: 'listings of makers that it began, reopened, confirmed or ended' }),
})

export const ListVersion = z
  .object({
    version: z.int(),
    format: z.string(),
    publishedOn: z.string(),
    loadedAt: Instant,
    fileSha256: z.string(),
    knowledgeVersion: z.int().meta({ description: 'version of the reference knowledge that has it' }),
    counts: Counts,
    isForced: z.boolean(),
  })
  .meta({ id: 'ListVersion' })

export const OfficialList = z
  .object({
    id: z.string(),
    title: z.string(),
    authority: z.string(),
    address: z.string().meta({ description: 'where the authority publishes it' }),
    formats: z.array(z.object({ id: z.string(), title: z.string() })),
    inForce: ListVersion.nullable().meta({ description: 'null until a file was loaded' }),
    checkedAt: Instant.nullable().meta({ description: 'when a file was last given, taken or not' }),
    outcome: z
      .enum(['loaded', 'unchanged', 'refused', 'failed'])
      .nullable()
      .meta({ description: '`failed`: no file could be fetched' }),
    detail: z.string().nullable().meta({ description: 'why the last file was refused, or did not come' }),
    ageDays: z.int().nullable().meta({ description: 'since a file was last taken, or said the same' }),
    isOld: z.boolean().meta({ description: 'not read for longer than the list may be' }),
  })
  .meta({ id: 'OfficialList' })

export const EntryChange = z
  .object({
    change: z.enum(['added', 'changed', 'ended']),
    key: z.string(),
    name: z.string(),
    maker: z.string().nullable().meta({ description: 'vendor id that the entry names' }),
    standing: z.enum(STANDINGS),
    regime: z.string().nullable(),
    before: OfficialEntry.nullable(),
    after: OfficialEntry.nullable(),
  })
  .meta({ id: 'ListEntryChange' })

export const Unmatched = z
  .object({
    key: z.string(),
    name: z.string(),
    standing: z.enum(STANDINGS),
    maker: z.string().nullable().meta({ description: 'vendor id that it may name' }),
    regime: z.string().nullable(),
    why: z.string().nullable(),
    since: z.int().meta({ description: 'version of the list that first had it so' }),
    entry: OfficialEntry,
  })
  .meta({ id: 'UnmatchedEntry' })

const ListingChange = z.object({
  id: z.string(),
  how: z.enum(['begun', 'reopened', 'confirmed', 'ended', 'withdrawn']),
  regime: z.string(),
  maker: z.string(),
  name: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  unconfirmed: z.boolean(),
})
export type ListingChange = z.infer<typeof ListingChange>

const moved = {
  flagged: z.int().meta({ description: 'devices that get a finding' }),
  cleared: z.int().meta({ description: 'devices that lose one' }),
  changed: z.int().meta({ description: 'devices of which a finding says something else' }),
}
export const PreviewShape = z
  .object({
    devices: z.object(moved),
    byCity: z.array(z.object({ jurisdictionId: z.string(), name: z.string(), ...moved })),
    byMaker: z.array(z.object({ maker: z.string().nullable(), ...moved })),
    byActivity: z.array(z.object({ regime: z.string(), activity: z.enum(ACTIVITIES), ...moved })),
  })
  .meta({ id: 'LawPreview', description: 'Whom a change of law flags and clears, judged today' })

export const ListLoad = z
  .object({
    list: z.string(),
    dryRun: z.boolean(),
    isChanged: z.boolean(),
    version: z.int().meta({ description: 'the one in force now; with `dryRun` the one that it would be' }),
    format: z.string(),
    publishedOn: z.string(),
    knowledgeVersion: z.int().nullable().meta({ description: 'null with `dryRun`' }),
    counts: Counts,
    listings: z.array(ListingChange),
    toLookAt: z
      .int()
      .meta({ description: 'new entries whose names are near a maker of the catalog: a person decides' }),
    preview: PreviewShape.nullable().meta({ description: 'with `dryRun`' }),
    problems: z.array(FieldProblem).meta({ description: 'what was let through by `force`' }),
  })
  .meta({ id: 'ListLoad' })

export const DecisionWrite = z
  .strictObject({
    key: someText(200).meta({ description: 'of the entry' }),
    maker: someText(100)
      .nullable()
      .meta({ description: 'vendor id that the entry names; null for none of them' }),
    evidence: someText(2000).meta({ description: 'what it was found out by' }),
  })
  .meta({ id: 'ListDecisionWrite' })

export const Decision = z
  .object({
    list: z.string(),
    key: z.string(),
    maker: z.string().nullable(),
    evidence: z.string(),
    decidedAt: Instant,
    listings: z.array(ListingChange),
    knowledgeVersion: z.int(),
  })
  .meta({ id: 'ListDecision' })

export const LoadQuery = z.strictObject({
  dryRun: z
    .stringbool()
    .default(false)
    .meta({ description: 'write nothing; say what it would do, and to whom' }),
  force: z.stringbool().default(false).meta({ description: 'after a person has looked at the file' }),
  publishedOn: Day.optional().meta({ description: 'for files that do not say it; default today' }),
})
