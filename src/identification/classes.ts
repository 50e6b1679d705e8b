/**
 * What kind of product a device is, from its model: a model of the catalog, a product line of its maker, or the words
 * that people write for a kind ("PTZ dome"). A class that nobody declared is not left open where this settles it.
 */
import type { CatalogueModel, Identifier } from '../catalogue/vendors.ts'

export interface ClassIndex {
  /** The class of a model under any of these labels; null when nothing says. */
  classOf(vendors: readonly (string | null)[], model: string | null): string | null
  /** The class of a model of this vendor, as its catalog and product lines say; null when they do not. */
  classUnder(vendor: string, model: string | null): string | null
  /** Whether the model is one that the catalog holds of this vendor. */
  knows(vendor: string, model: string | null): boolean
  /** Whose model it is as the catalog has it, where it is one vendor's alone and like no other; null otherwise. */
  ownerOf(model: string | null): string | null
}

/** A key of so few characters may be a model of anybody. */
const DISTINCTIVE_LENGTH = 6

/** Kinds that people write into the model cell, stricter reading first. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:drones?|uavs?|s?uas|quadcopters?)\b/i, 'uas'],
  [/\b(?:routers?|modems?)\b/i, 'router'],
  // Also with the number of a series: HD-NVR4-STD.
  [/\b(?:[nx]vr|dvr)(?:s|\d{1,2})?\b|\brecorders?\b/i, 'recorder'],
  [/\b(?:encoders?|decoders?)\b/i, 'encoder'],
  [/\b(?:lpr|alpr|anpr)\b/i, 'lpr'],
  [/\b(?:intercoms?|doorbells?|door stations?)\b/i, 'intercom'],
  [/\bswitch(?:es)?\b/i, 'other'],
  [/\b(?:cameras?|cctv|ptz|domes?|bullets?|turrets?|fisheyes?|body ?cams?)\b/i, 'camera'],
]

export function buildClassIndex(
  models: readonly Pick<CatalogueModel, 'manufacturer' | 'model' | 'partNumber' | 'deviceClass'>[],
  identifiers: readonly Identifier[],
): ClassIndex {
  const byVendor = new Map<string, string>()
  // A model number that two makers use for different kinds tells nothing without the maker.
  const byAnybody = new Map<string, string | null>()
  const owners = new Map<string, string | null>()
  for (const { manufacturer, model, partNumber, deviceClass } of models) {
    for (const name of [model, partNumber]) {
      const key = keyOf(name)
      if (key === '') continue
      byVendor.set(`${manufacturer} ${key}`, deviceClass)
      const known = byAnybody.get(key)
      byAnybody.set(key, known === undefined || known === deviceClass ? deviceClass : null)
      const owner = owners.get(key)
      owners.set(key, owner === undefined || owner === manufacturer ? manufacturer : null)
    }
  }
  const lines = new Map<string, { pattern: RegExp; deviceClass: string }[]>()
  for (const { kind, vendor, value, deviceClass } of identifiers) {
    if (kind !== 'product-line' || deviceClass === undefined) continue
    const known = lines.get(vendor) ?? []
    known.push({ pattern: new RegExp(value, 'i'), deviceClass })
    lines.set(vendor, known)
  }
  const knows = (vendor: string, reading: string) => byVendor.has(`${vendor} ${keyOf(reading)}`)
  const classUnder = (vendor: string, readings: readonly string[]) => {
    for (const reading of readings) {
      const exact = byVendor.get(`${vendor} ${keyOf(reading)}`)
      if (exact !== undefined) return exact
      const line = lines.get(vendor)?.find(({ pattern }) => pattern.test(reading))
      if (line !== undefined) return line.deviceClass
    }
    return null
  }
  return {
    knows: (vendor, model) => readingsOf(model).some((reading) => knows(vendor, reading)),
    classUnder: (vendor, model) => classUnder(vendor, readingsOf(model)),
    ownerOf(model) {
      const keys = readingsOf(model).map(keyOf)
      const key = keys.find((one) => isDistinctive(one) && owners.has(one))
      return key === undefined ? null : owners.get(key)!
    },
    classOf(vendors, model) {
      const readings = readingsOf(model)
      for (const vendor of vendors) {
        const own = vendor === null ? null : classUnder(vendor, readings)
        if (own !== null) return own
      }
      for (const reading of readings) {
        const key = keyOf(reading)
        const anybody = isDistinctive(key) ? byAnybody.get(key) : null
        if (anybody != null) return anybody
      }
      return WORDS.find(([pattern]) => pattern.test(model ?? ''))?.[1] ?? null
    },
  }
}

/** The model as written, and what is left when words before it are dropped: "Hikvision DS-2CD2032-I". */
function readingsOf(model: string | null): string[] {
  const words = (model ?? '').trim().split(/\s+/).slice(0, 8)
  if (words[0] === '') return []
  return words.map((_, from) => words.slice(from).join(' '))
}

function isDistinctive(key: string): boolean {
  return key.length >= DISTINCTIVE_LENGTH && /\d/.test(key)
}

function keyOf(model: string | null): string {
  return (model ?? '').toUpperCase().replace(/[^A-Z0-9]/g, '')
}
