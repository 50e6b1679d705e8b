/**
 * Old Excel workbooks and those with a password are the same kind of container: the names in its directory tell them
 * apart. Source: MS-CFB 2.6.1 (names are UTF-16LE), MS-OFFCRYPTO 2.3.4.4 (`EncryptedPackage`).
 */
import { createReadStream } from 'node:fs'
import { encrypted, otherFormat } from './workbook/refusal.ts'

const NAME = Buffer.from('EncryptedPackage', 'utf16le')

/** Throws IntakeError, always: neither can be read. */
export async function refuseCompound(path: string): Promise<never> {
  let rest = Buffer.alloc(0)
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([rest, piece])
    if (bytes.includes(NAME)) throw encrypted()
    rest = bytes.subarray(-NAME.length)
  }
  throw otherFormat(
    'an old Excel workbook (.xls)',
    'Open it in Excel, choose Save As, "Excel Workbook (*.xlsx)", and send that.',
  )
}
