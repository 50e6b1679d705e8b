/** Text of a file of an official list, from its bytes. Pure. */
import { Unreadable } from '../model/entry.ts'

/** `<?xml version="1.0" encoding="..."?>` */
const DECLARED = /^(?:\ufeff)?<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]*)["']/

/**
 * Decodes piece by piece. An XML file is read in the encoding that it declares, every other in UTF-8. Bytes that are not
 * of that encoding would become other letters of a name without a word, so the file is refused (throws `Unreadable`).
 */
export function openDecoder(start: string): (bytes?: Uint8Array) => string {
  const label = DECLARED.exec(start)?.[1] ?? 'utf-8'
  const decoder = decoderOf(label)
  let read = 0
  return (bytes) => {
    try {
      const text = bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
      read += bytes?.length ?? 0
      return text
    } catch {
      throw new Unreadable(
        'wrong-encoding',
        `The file is no text in ${decoder.encoding.toUpperCase()} after byte ${read}; save it in UTF-8, or take the file as the authority publishes it.`,
      )
    }
  }
}

function decoderOf(label: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(label, { fatal: true })
  } catch {
    throw new Unreadable(
      'wrong-encoding',
      `The file says that it is in the encoding "${label}", which nobody knows.`,
    )
  }
}
