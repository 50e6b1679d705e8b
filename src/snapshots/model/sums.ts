/** The list of digests that is signed, as `sha256sum` writes and checks it. Pure. */

export const MANIFEST = 'manifest.json'
export const SUMS = 'SHA256SUMS'
export const SIGNATURE = 'SHA256SUMS.sig'

/** Lines as `sha256sum` writes and checks them. */
export function sumsText(files: readonly { readonly name: string; readonly sha256: string }[]): string {
  return files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('')
}

/** Digest by name; null when a line is no such line or a name stands twice. */
export function readSums(text: string): ReadonlyMap<string, string> | null {
  const found = new Map<string, string>()
  for (const line of text.split('\n').slice(0, -1)) {
    const match = /^([0-9a-f]{64}) {2}([A-Za-z0-9][A-Za-z0-9._-]*)$/.exec(line)
    if (match === null || found.has(match[2]!)) return null
    found.set(match[2]!, match[1]!)
  }
  return text.endsWith('\n') ? found : null
}
