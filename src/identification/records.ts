/** Records about the label: who relabeled whose goods, who owned whom, what the maker states of the parts. */

import { readChip, settleParts } from './component-statement.ts'
import { BEARINGS, type Bearing, DECLARED, type Inquiry, type Label, WEIGHTS } from './inquiry.ts'
import type { RelabelRecord } from './knowledge.ts'

/** Relabel and component records of the label. */
export function readRecords(inquiry: Inquiry, models: readonly string[], label: Label): void {
  if (label.brand === null) return
  for (const record of inquiry.knowledge.records.get(label.brand) ?? [])
    readRecord(inquiry, record, models, label)
  for (const record of inquiry.knowledge.components.get(label.brand) ?? []) {
    const note = `Some devices of ${inquiry.name(record.child)} hold parts of ${inquiry.name(record.parent)}. That does not say who built this one.`
    inquiry.addEvidence(
      'relabel-record',
      record.scope ?? record.child,
      record.parent,
      0,
      record.citation,
      note,
    )
    if (inquiry.components.has(record.parent)) continue
    const isLikely = record.confidence !== 'low' || record.covers === 'all'
    const standing = isLikely ? 'likely' : 'possible'
    inquiry.components.set(record.parent, {
      vendor: record.parent,
      name: inquiry.name(record.parent),
      standing,
      because: note,
    })
  }
}

/** What the maker states of the parts settles what records only suspect; a sign on the device stands against it. */
export function readComponentStatement(inquiry: Inquiry): void {
  const { coveredComponent: isCovered } = inquiry.declared
  const chip = readChip(inquiry.declared.socMaker, inquiry.knowledge)
  if (chip !== null)
    inquiry.addEvidence('component-statement', chip.text, chip.vendor, 0, DECLARED, chip.note)
  if (typeof isCovered === 'boolean') {
    const note = `The maker states that the model holds ${isCovered ? 'a' : 'no'} component of a covered maker.`
    inquiry.addEvidence('component-statement', String(isCovered), null, 0, DECLARED, note)
  }
  const suspected = [...inquiry.components.values()]
  for (const part of settleParts(suspected, inquiry.signedParts, chip, isCovered ?? null)) {
    inquiry.components.set(part.vendor, part)
  }
}

function readRecord(inquiry: Inquiry, record: RelabelRecord, models: readonly string[], label: Label): void {
  const { pattern, confidence, covers } = record
  const what = `${inquiry.name(record.child)} relabeled goods of ${inquiry.name(record.parent)}`
  const value = record.scope ?? record.child
  const when = inquiry.whenProduced(record)
  const fits = pattern !== null && models.some((reading) => pattern.test(reading))
  const misses = pattern !== null && !fits && inquiry.hasModelNumber
  // A maker's record is about one series; so is a seller's record of "some". A seller's record of "most"
  // has a pattern that is merely incomplete.
  const isSeries = label.kind === 'own' || covers === undefined || covers === 'some'
  const refute = (note: string) =>
    inquiry.addEvidence('relabel-record', value, record.parent, 0, record.citation, note)
  if (when === 'no') {
    refute(`${what} in another period.`)
    return
  }
  if (misses && isSeries) {
    refute(`${what}, but not under this model number.`)
    return
  }
  if (when !== 'yes') inquiry.dateMatters = true
  if (pattern !== null && !fits) inquiry.modelMatters = true
  if (pattern === null && covers !== 'all') inquiry.modelMatters = true

  const isDecisive = confidence === 'high' && (fits || covers === 'all') && when !== 'maybe'
  const assumed = isDecisive && when === 'unknown'
  if (assumed) inquiry.assumesDate = true
  const bearing: Bearing = isDecisive
    ? 'decisive'
    : fits
      ? 'fits'
      : confidence === 'high'
        ? 'open-high'
        : 'open'
  const weight = isDecisive
    ? WEIGHTS[assumed ? 'relabel-date-assumed' : 'relabel-decisive']
    : WEIGHTS.relabel[confidence]
  const reason = assumed
    ? 'the model is meant; its date is not known and taken as inside the period'
    : isDecisive
      ? 'model and date are meant'
      : fits
        ? `the model fits, at ${confidence} confidence${when === 'maybe' ? ' and perhaps another period' : ''}`
        : misses
          ? 'this model is not of the usual style, which excludes nothing'
          : 'nothing given says whether this device is meant'
  const note = `${what}: ${reason}.`
  inquiry.addEvidence('relabel-record', value, record.parent, weight, record.citation, note)
  const claim = inquiry.claim(inquiry.makerOf(record.parent), 'relabel-record', weight, note)
  claim.listed = true
  if (claim.bearing === null || BEARINGS.indexOf(bearing) < BEARINGS.indexOf(claim.bearing))
    claim.bearing = bearing
}

/** Who owned the label when the device was made. Minority stakes are left out: they are no affiliation. */
export function readOwners(inquiry: Inquiry, label: Label): void {
  if (label.brand === null) return
  for (const owned of inquiry.knowledge.owners.get(label.brand) ?? []) {
    const when = inquiry.whenProduced(owned)
    if (when === 'no') continue
    const share = owned.ownershipPct === null ? '' : ` with ${owned.ownershipPct} percent`
    const certainty = when === 'yes' ? 'belonged' : 'may have belonged'
    const note = `${inquiry.name(owned.child)} ${certainty} to ${inquiry.name(owned.parent)}${share} when the device was made.`
    const claim = inquiry.claims.get(owned.parent)
    const decides =
      label.kind === 'brand' &&
      owned.kind === 'subsidiary' &&
      owned.confidence === 'high' &&
      when === 'yes' &&
      claim !== undefined &&
      (claim.bearing === 'decisive' || claim.bearing === 'open-high')
    const weight = decides ? WEIGHTS['ownership-and-relabel'] : 0
    inquiry.addEvidence('ownership-record', owned.id, owned.parent, weight, owned.citation, note)
    if (decides) inquiry.claim(owned.parent, 'ownership-record', weight, note).ownedThen = true
  }
}
