/**
 * The grantee code of an FCC ID: five characters when it begins with a digit, else three. Null when there is none.
 * Source: 47 CFR 2.926(c).
 */
export function parseFccGrantee(fccId: string | null): string | null {
  if (fccId === null) return null
  const id = fccId
    .toUpperCase()
    .replace(/^\s*FCC\s*(ID)?\s*[:#]?\s*/, '')
    .replace(/\s+/g, '')
  const code = /^(?:[2-9][A-Z0-9]{4}|[A-Z][A-Z0-9]{2})/.exec(id)?.[0]
  return code === undefined || id.length <= code.length ? null : code
}
