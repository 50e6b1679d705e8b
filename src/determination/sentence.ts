export type Sentence = (words: Readonly<Record<string, string>>) => string

/** A template made ready: `{word}` is filled in, the first letter is put in capitals. */
export function sentence(template: string): Sentence {
  // Splitting on a group keeps the words at the odd places.
  const parts = template.split(/\{(\w+)\}/)
  return (words) => {
    let text = parts[0]!
    for (let at = 1; at < parts.length; at += 2) text += words[parts[at]!]! + parts[at + 1]!
    return text.charAt(0).toUpperCase() + text.slice(1).replaceAll('  ', ' ').trimEnd()
  }
}
