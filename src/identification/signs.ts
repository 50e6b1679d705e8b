/** Signs on the device itself: its model number, its addresses, its firmware. */

import type { Confidence } from '../catalogue/vendors.ts'
import { isRegistered, narrowestBlock, parseMac } from '../lib/mac.ts'
import { parseFccGrantee } from './fcc-id.ts'
import { DECLARED, type Inquiry, type Label, type SignKind, WEIGHTS } from './inquiry.ts'

export function readModel(inquiry: Inquiry, models: readonly string[], label: Label): void {
  for (const identifier of inquiry.knowledge.modelPatterns) {
    const model = models.find((reading) => identifier.pattern.test(reading))
    if (model === undefined) continue
    const note = `Model ${model} is written as ${inquiry.name(identifier.vendor)} writes its models (${identifier.confidence} confidence).`
    readSign(inquiry, 'model-pattern', identifier, model, identifier.citation, note, label)
  }
  if (label.brand === null) readModelOfRelabeler(inquiry, models)
  if (label.kind === 'own') readModelOfAnother(inquiry, label.maker, label.brand)
}

/**
 * A row that names a restricted maker and a model of somebody else contradicts itself: one of the two is wrong. Beside
 * the name of a maker that no list covers it changes nothing, so it is not asked there.
 */
function readModelOfAnother(inquiry: Inquiry, maker: string, brand: string): void {
  const { classes, restricted, makers } = inquiry.knowledge
  const { model } = inquiry.declared
  const owner = classes.ownerOf(model)
  if (owner === null || !restricted.has(maker) || classes.knows(brand, model)) return
  const other = makers.get(owner)
  if (other === undefined || inquiry.areRelated(other, maker)) return
  const note = `The catalog has ${model} as a model of ${inquiry.name(owner)}.`
  const weight = WEIGHTS['model-pattern'].high
  inquiry.addEvidence('model-pattern', model!, owner, weight, 'models of the catalog', note)
  const claim = inquiry.claim(other, 'model-pattern', weight, note)
  claim.signs.add('model-pattern')
  claim.listed = true
}

/** Without a name, a model in the style of a relabeler asks for a person; styles are too loose for more. */
function readModelOfRelabeler(inquiry: Inquiry, models: readonly string[]): void {
  for (const record of inquiry.knowledge.sellerStyles) {
    const model = models.find((reading) => record.pattern?.test(reading))
    if (model === undefined || inquiry.whenProduced(record) === 'no') continue
    const note = `Model ${model} is written as ${inquiry.name(record.child)} writes models that ${inquiry.name(record.parent)} built.`
    const weight = WEIGHTS['model-pattern'].medium
    inquiry.addEvidence('model-pattern', model, record.parent, weight, record.citation, note)
    inquiry.claim(record.parent, 'model-pattern', weight, note).listed = true
  }
}

export function readMac(inquiry: Inquiry, label: Label): void {
  const text = inquiry.declared.macAddress?.trim() ?? ''
  if (text === '') return
  const mac = parseMac(text)
  if (mac === null) {
    inquiry.addEvidence(
      'mac-prefix',
      text,
      null,
      0,
      DECLARED,
      'This is not a MAC address, so it says nothing.',
    )
    return
  }
  if (!isRegistered(mac)) {
    inquiry.addEvidence(
      'mac-prefix',
      mac,
      null,
      0,
      DECLARED,
      'The address was set by hand or by software, so its first digits name no maker.',
    )
    return
  }
  const block = narrowestBlock(mac, inquiry.knowledge.registrantOf)
  const vendor = block?.value.vendor ?? null
  if (block !== null && vendor !== null) {
    const note = `The MAC block ${block.prefix} is registered to ${block.value.name}; relabeled goods as a rule keep the block of who built them.`
    readSign(
      inquiry,
      'mac-prefix',
      { vendor, confidence: 'high' },
      block.prefix,
      'IEEE registry',
      note,
      label,
    )
    if (label.kind === 'own' && inquiry.knowledge.makers.get(vendor) === label.maker) inquiry.hasOwnMac = true
  }
  const known = narrowestBlock(mac, (prefix) => inquiry.knowledge.macPrefixes.get(prefix))
  if (known !== null && known.value.vendor !== vendor) {
    const note = `Devices of ${inquiry.name(known.value.vendor)} were seen with the MAC block ${known.prefix}.`
    readSign(inquiry, 'mac-prefix', known.value, known.prefix, known.value.citation, note, label)
  }
  if (vendor === null && known === null) {
    const note = block
      ? `The MAC block ${block.prefix} is registered to ${block.value.name}, which is not in the catalog.`
      : 'The MAC block is in no registry we hold.'
    inquiry.addEvidence('mac-prefix', block?.prefix ?? mac.slice(0, 6), null, 0, 'IEEE registry', note)
  }
}

export function readFccId(inquiry: Inquiry, label: Label): void {
  const grantee = parseFccGrantee(inquiry.declared.fccId)
  if (grantee === null) return
  const identifier = inquiry.knowledge.grantees.get(grantee)
  if (identifier === undefined) {
    inquiry.addEvidence(
      'fcc-grantee',
      grantee,
      null,
      0,
      DECLARED,
      `FCC grantee ${grantee} is not in the catalog.`,
    )
    return
  }
  const note = `FCC grantee ${grantee} is ${inquiry.name(identifier.vendor)} (${identifier.confidence} confidence).`
  readSign(inquiry, 'fcc-grantee', identifier, grantee, identifier.citation, note, label)
}

export function readFirmware(inquiry: Inquiry, label: Label): void {
  const text = inquiry.declared.firmwareVersion?.trim() ?? ''
  if (text === '') return
  for (const identifier of inquiry.knowledge.firmwareHints) {
    const found = identifier.pattern.exec(text)?.[0]
    if (found === undefined) continue
    const what = identifier.component === true ? 'a part made by' : 'firmware of'
    const note = `"${found}" points to ${what} ${inquiry.name(identifier.vendor)} (${identifier.confidence} confidence).`
    readSign(inquiry, 'firmware-string', identifier, found, identifier.citation, note, label)
  }
}

/** A sign on the device itself that points to a vendor, whatever the label says. */
function readSign(
  inquiry: Inquiry,
  kind: SignKind,
  sign: { readonly vendor: string; readonly confidence: Confidence },
  value: string,
  source: string,
  note: string,
  label: Label,
): void {
  const { vendor, confidence } = sign
  const weight = WEIGHTS[kind][confidence]
  inquiry.addEvidence(kind, value, vendor, weight, source, note)

  if (inquiry.knowledge.componentMakers.has(vendor) && vendor !== label.brand) {
    // Who made the chip did not build the camera, but a covered chip can be an essential component.
    inquiry.components.set(vendor, { vendor, name: inquiry.name(vendor), standing: 'likely', because: note })
    inquiry.signedParts.add(vendor)
    return
  }
  const maker = inquiry.knowledge.makers.get(vendor)
  if (maker === undefined) {
    if (vendor === label.brand) return
    const suppliers = inquiry.makersBehind(vendor)
    if (confidence === 'high') inquiry.suppliersOfSigns.push(suppliers)
    for (const supplier of suppliers) inquiry.claim(supplier, kind, WEIGHTS[kind].medium, note).listed = true
    return
  }
  const claim = inquiry.claim(maker, kind, weight, note)
  if (confidence === 'high') {
    claim.signs.add(kind)
    claim.listed = true
  } else if (maker === (label.kind === 'own' ? label.maker : null)) {
    claim.listed = true
  } else if (kind === 'model-pattern') {
    // Short patterns are shared: Axis and Huawei both write M and four digits. They count only where neither
    // a maker's own name nor a decisive record stands against them.
    if (confidence === 'medium') claim.hasStyle = true
  } else if (confidence === 'medium' || kind === 'fcc-grantee') {
    claim.listed = true
  }
}
