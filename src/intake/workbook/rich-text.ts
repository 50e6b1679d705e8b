/** The text of a cell or shared string, from its tags. */
import { unescaped } from './escapes.ts'

/**
 * Text in runs: `<t>` alone, or one in each `<r>`. How East Asian text is pronounced (`<rPh>`) is no part of it.
 * Source: ECMA-376, part 1, 18.4.8.
 */
export class RichText {
  #text = ''
  #isIn = false
  #phonetic = 0

  begin(): void {
    this.#text = ''
    this.#isIn = false
    this.#phonetic = 0
  }

  open(tag: string): void {
    if (tag === 'rPh') this.#phonetic++
    else if (tag === 't') this.#isIn = this.#phonetic === 0
  }

  close(tag: string): void {
    if (tag === 'rPh') this.#phonetic--
    else if (tag === 't') this.#isIn = false
  }

  text(piece: string): void {
    if (this.#isIn) this.#text += piece
  }

  end(): string {
    return unescaped(this.#text)
  }
}
