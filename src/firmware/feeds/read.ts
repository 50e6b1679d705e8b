/** The documents of feeds, by their formats. Pure. */
import type { Imported, MakerNames } from '../../firmware-risk/advisories.ts'
import { DomainError } from '../../http/problems.ts'
import { importCsaf } from './csaf.ts'
import { importCve } from './cve.ts'
import { importEpss } from './epss.ts'
import type { FeedFormat } from './formats.ts'
import { importKev, importKevCsv } from './kev.ts'
import { importNvd } from './nvd.ts'

/** What was sent, before anything is known of its meaning: the text of a CSV, else what its JSON holds. */
export type FeedDocument = { readonly csv: string } | { readonly json: unknown }

/** Read a document of a feed. Text that is not the format gives an import with a problem and no advisories. */
export function readFeed(format: FeedFormat, text: string, isCsv: boolean, makers: MakerNames): Imported {
  return readDocument(format, parseFeed(format, text, isCsv), makers)
}

/** Throws `malformed-body`, `unsupported-media-type`. */
export function parseFeed(format: FeedFormat, text: string, isCsv: boolean): FeedDocument {
  if (text.trim() === '') throw new DomainError('malformed-body', 'The body is empty.')
  if (isCsv) {
    if (format === 'kev' || format === 'epss') return { csv: text }
    throw new DomainError('unsupported-media-type', 'Only KEV and EPSS are read as CSV; send JSON.')
  }
  if (format === 'epss')
    throw new DomainError('unsupported-media-type', 'EPSS is read as CSV; send text/csv.')
  try {
    return { json: JSON.parse(text, storable) as unknown }
  } catch {
    throw new DomainError('malformed-body', 'The document is not well-formed JSON.')
  }
}

export function readDocument(format: FeedFormat, document: FeedDocument, makers: MakerNames): Imported {
  if ('csv' in document)
    return format === 'epss' ? importEpss(document.csv) : importKevCsv(document.csv, makers)
  switch (format) {
    case 'epss':
      throw new TypeError('EPSS has no JSON form.')
    case 'kev':
      return importKev(document.json, makers)
    case 'cve':
      return importCve(document.json, makers)
    case 'csaf':
      return importCsaf(document.json, makers)
    case 'nvd':
      return importNvd(document.json, makers)
    default:
      return format satisfies never
  }
}

/** PostgreSQL holds no NUL and no half of a character in JSON. */
function storable(_: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  return value.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd')
}
