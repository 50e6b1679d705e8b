/**
 * Who really built a device, from what is declared about it and what the catalog knows.
 *
 * The name on the device is one piece of evidence among several, because the law asks who *produced* it. Pieces
 * are collected per possible maker and decided in one place at the end, so that their order cannot matter.
 * Two rules stand above the rest: only high confidence names a maker, and evidence that disagrees names nobody.
 */
import type { DeclaredFacts } from './declared.ts'
import type { Identification } from './identification.ts'
import { Inquiry, type Label } from './inquiry.ts'
import type { IdentifyKnowledge } from './knowledge.ts'
import { modelReadings, readLabel, readMentions, readNamesInModel } from './label.ts'
import { spokenFor } from './person-statements.ts'
import { readComponentStatement, readOwners, readRecords } from './records.ts'
import { readFccId, readFirmware, readMac, readModel } from './signs.ts'
import { conclude, listStyles } from './verdict.ts'

export function identify(declared: DeclaredFacts, knowledge: IdentifyKnowledge): Identification {
  const { inquiry, label } = investigate(declared, knowledge)
  return conclude(inquiry, label)
}

/** Makers to whom something points, apart from what people state. */
export function makersSpokenFor(declared: DeclaredFacts, knowledge: IdentifyKnowledge): string[] {
  const { inquiry, label } = investigate(declared, knowledge)
  listStyles(inquiry, label)
  return spokenFor(inquiry)
}

function investigate(
  declared: DeclaredFacts,
  knowledge: IdentifyKnowledge,
): { inquiry: Inquiry; label: Label } {
  const inquiry = new Inquiry(declared, knowledge)
  const label = readLabel(inquiry)
  readNamesInModel(inquiry, label)
  readMentions(inquiry, label)
  const models = modelReadings(declared, label)
  readModel(inquiry, models, label)
  readMac(inquiry, label)
  readFccId(inquiry, label)
  readFirmware(inquiry, label)
  readRecords(inquiry, models, label)
  readComponentStatement(inquiry)
  readOwners(inquiry, label)
  return { inquiry, label }
}
