/**
 * Entity tags. A tag is `"<version>"` or `"<version>-<stamp>"`: the version counts changes to the thing itself,
 * the stamp stands for what was found out about it. `If-Match` compares the version, so a change of law
 * between reading and writing does not refuse the write.
 */
import { DomainError } from './problems.ts'

export function etagOf(version: number, stamp?: string): string {
  return stamp === undefined ? `"${version}"` : `"${version}-${stamp}"`
}

/** Throws `precondition-failed` when `If-Match` is given and names another version. */
export function assertMatch(ifMatch: string | undefined, version: number): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return
  const tags = ifMatch.split(',').map((tag) => /^\s*"(\d+)(?:-[^"]*)?"\s*$/.exec(tag)?.[1])
  if (tags.includes(String(version))) return
  throw new DomainError(
    'precondition-failed',
    'Read it again and repeat the change on the current version.',
    {
      headers: { etag: etagOf(version) },
    },
  )
}

/** Whether `If-None-Match` already has this tag. */
export function alreadyHas(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return (
    ifNoneMatch.trim() === '*' ||
    ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
  )
}
