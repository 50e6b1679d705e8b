/** Text of a file as a terminal may show it: without control characters, which could move the cursor or worse. */
export function onOneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ')
}
