/** Which of the statements on a product count, where several speak of it. */

import { type Affected, isBeyondEnd, isSilentOn } from './affected-rule.ts'
import type { InstalledProduct, Verdict } from './assessment.ts'

/**
 * What each source says of a product in all its statements: a range per line of firmware is one answer, so it is
 * affected if one of them says so, and cleared by the one on its own line whatever those on other lines say.
 */
export function together(heard: readonly Verdict[], product: InstalledProduct): readonly Verdict[] {
  const groups = new Map<string, Verdict[]>()
  for (const verdict of heard) {
    const { source, maker, product: name, models } = verdict.claim
    const key = JSON.stringify([source, maker, models.length === 0 ? name : models])
    groups.set(key, [...(groups.get(key) ?? []), verdict])
  }
  return [...groups.values()].flatMap((group) => {
    const affected = group.filter(({ result }) => result === 'affected')
    if (affected.length > 0) return affected
    const { maker, firmwareVersion } = product
    const isFixed = group.some(({ claim }) => isBeyondEnd(claim.rule, maker ?? claim.maker!, firmwareVersion))
    return isFixed ? group.filter((verdict) => !isSilent(verdict, product)) : group
  })
}

/** What to act on: a wrong "affected" costs less than a wrong "not affected". */
export function strictest(verdicts: readonly Verdict[]): Affected {
  if (verdicts.some(({ result }) => result === 'affected')) return 'affected'
  return verdicts.some(({ result }) => result === 'unknown') ? 'unknown' : 'not-affected'
}

function isSilent({ claim, result }: Verdict, { maker, firmwareVersion }: InstalledProduct): boolean {
  return result === 'unknown' && isSilentOn(claim.rule, maker ?? claim.maker!, firmwareVersion)
}

/**
 * The verdicts that count. A source that gives no versions, or lists some and not the installed one, says nothing
 * against one that does; a feed that cannot be compared with the installed build says nothing against a curated rule
 * that can. All others do count, unknown ones too.
 */
export function speaking(heard: readonly Verdict[], product: InstalledProduct): readonly Verdict[] {
  const isUninformative = (verdict: Verdict) => {
    const { kind } = verdict.claim.rule
    return (kind === 'unspecified' || kind === 'exact') && isSilent(verdict, product)
  }
  const versed = heard.filter((verdict) => !isUninformative(verdict))
  if (versed.length === 0) return heard
  const isCurated = (verdict: Verdict) => verdict.claim.container === 'curated'
  const curated = versed.filter(isCurated)
  const isSettled = curated.length > 0 && curated.every((verdict) => verdict.result !== 'unknown')
  return isSettled ? versed.filter((verdict) => isCurated(verdict) || verdict.result !== 'unknown') : versed
}
