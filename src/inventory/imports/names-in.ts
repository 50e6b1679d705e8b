/** The restricted makers that a cell names, for the cells of a file that no field takes. */
import type { Knowledge } from '../../screening/knowledge.ts'

export function namesIn({ identify, vendorName }: Knowledge): (text: string) => string | null {
  return (text) => {
    const found = identify.mentions.in(text, 'notes')
    return found.length === 0 ? null : found.map(vendorName).join('; ')
  }
}
