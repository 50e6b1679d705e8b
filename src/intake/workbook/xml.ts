/**
 * XML of a part as calls, in fixed memory: no document type, no entities of its own, no tag, text or comment
 * without end, nothing nested beyond what workbooks need.
 */
import { TextDecoder } from 'node:util'
import { SaxesParser } from 'saxes'
import type { WorkbookLimits } from './limits.ts'
import { damaged, grouped, size, tooMuch } from './refusal.ts'

/** Names come without their prefix: `x:row` is `row`. */
export interface XmlHandler {
  /** `depth` is 0 for the root. */
  open(name: string, attributes: Attributes, depth: number): void
  close(name: string, depth: number): void
  /** Text, in pieces; CDATA among it. */
  text(piece: string): void
}

/** As they are written, prefixes included. */
export type Attributes = Readonly<Record<string, string>>

/** Stops reading: the rest of the part is not wanted. */
export class Enough extends Error {}

function localName(name: string): string {
  const colon = name.indexOf(':')
  return colon === -1 ? name : name.slice(colon + 1)
}

/** Whether an attribute that is yes or no says yes. */
export function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true' || value === 'on'
}

/** An attribute that has a prefix, whichever: `r:id`. */
export function prefixed(attributes: Attributes, local: string): string | undefined {
  const name = Object.keys(attributes).find((one) => one.endsWith(`:${local}`))
  return name === undefined ? undefined : attributes[name]
}

/** Read a part; whether to its end, and not to `Enough`. Throws IntakeError. */
export async function readXml(
  part: string,
  bytes: AsyncIterable<Uint8Array>,
  limits: WorkbookLimits,
  handler: XmlHandler,
): Promise<boolean> {
  const parser = new PartParser(part, limits, handler)
  try {
    let decoder: TextDecoder | null = null
    for await (const piece of bytes) {
      decoder ??= decoderOf(piece, part)
      parser.write(decode(decoder, piece, part))
    }
    if (decoder !== null) parser.write(decode(decoder, null, part))
    parser.end()
    return true
  } catch (error) {
    if (error instanceof Enough) return false
    throw error
  }
}

/** Source: ECMA-376, part 2, 6.2.5: UTF-8 or UTF-16. */
function decoderOf(head: Uint8Array, part: string): TextDecoder {
  const [first, second] = head
  const isLittle = (first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)
  if (first === 0 && second === 0)
    throw damaged(`The part "${part}" is in an encoding that workbooks have not.`)
  return new TextDecoder(isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8', { fatal: true })
}

function decode(decoder: TextDecoder, piece: Uint8Array | null, part: string): string {
  try {
    return piece === null ? decoder.decode() : decoder.decode(piece, { stream: true })
  } catch {
    throw damaged(`The part "${part}" holds bytes that are no text.`)
  }
}

class PartParser {
  readonly #part: string
  readonly #limits: WorkbookLimits
  readonly #sax = new SaxesParser()
  /** Characters since something was given out; the parser holds as many. */
  #pending = 0
  #depth = 0

  constructor(part: string, limits: WorkbookLimits, handler: XmlHandler) {
    this.#part = part
    this.#limits = limits
    const sax = this.#sax
    const given = () => {
      this.#pending = 0
    }
    sax.on('opentag', (tag) => {
      this.#pending = 0
      if (this.#depth >= limits.depth) throw this.#tooDeep()
      handler.open(localName(tag.name), tag.attributes, this.#depth++)
    })
    sax.on('closetag', (tag) => {
      this.#pending = 0
      handler.close(localName(tag.name), --this.#depth)
    })
    const text = (piece: string) => {
      this.#pending = 0
      handler.text(piece)
    }
    sax.on('text', text)
    sax.on('cdata', text)
    sax.on('comment', given)
    sax.on('processinginstruction', given)
    sax.on('doctype', () => {
      throw damaged(`The part "${part}" has a document type, which workbooks have not.`)
    })
    sax.on('xmldecl', ({ encoding }) => {
      if (encoding !== undefined && !/^(?:utf-?8|utf-?16(?:le|be)?|us-ascii)$/i.test(encoding))
        throw damaged(`The part "${part}" is in the encoding ${encoding}; workbooks are in UTF-8.`)
    })
    sax.on('error', (error) => {
      throw Object.assign(damaged(`The part "${part}" is not well-formed XML.`), { cause: error })
    })
  }

  write(text: string): void {
    this.#pending += text.length
    this.#sax.write(text)
    if (this.#pending > this.#limits.tokenBytes) {
      throw tooMuch(
        `The part "${this.#part}" has more than ${size(this.#limits.tokenBytes)} without the end of a tag or text.`,
      )
    }
  }

  end(): void {
    this.#sax.close()
  }

  #tooDeep() {
    return tooMuch(`The part "${this.#part}" nests more than ${grouped(this.#limits.depth)} tags.`)
  }
}
