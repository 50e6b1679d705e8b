/** What to do about a risk, and by when. */

import { addDays, type PlainDate } from '../lib/calendar.ts'
import type { OpenVulnerability } from './fix-obtainable.ts'
import type { Judgment } from './judgment.ts'
import { isStopped } from './levels.ts'
import type { Action, RiskInput, Urgency } from './risk.ts'
import { type FixSource, needsOf, wayText } from './sources.ts'
import type { RiskSubject } from './subject.ts'

/** Days to isolate a device with a vulnerability that is exploited and cannot be closed (72 hours). */
const DAYS_TO_ISOLATE = 3

/** Days to install an obtainable fix, or to isolate what is blocked. */
const DAYS_TO_INSTALL = 14

export function actionsFor(facts: {
  input: RiskInput
  today: Judgment
  vulnerabilities: readonly OpenVulnerability[]
  urgency: Urgency
  cutOffOn: PlainDate | null
  missingFacts: readonly string[]
  since: PlainDate
}): readonly Action[] {
  const { input, today, vulnerabilities, urgency, cutOffOn, missingFacts, since } = facts
  const { subject } = input
  const actions: Action[] = []
  const act = (code: Action['code'], text: string, dueOn: PlainDate | null = null) =>
    actions.push({ code, text, dueOn })
  const exploited = vulnerabilities.filter((vulnerability) => vulnerability.isKnownExploited)
  const names = (some: readonly OpenVulnerability[]) =>
    some.map((vulnerability) => vulnerability.id).join(', ')

  if (urgency === 'critical') {
    const due = addDays(since, DAYS_TO_ISOLATE)
    act('isolate', `Isolate: ${names(exploited.filter((h) => h.fixObtainable === 'no'))} is exploited`, due)
    if (subject.networkExposure !== 'isolated') {
      act('remove-internet-route', 'Remove every route to and from the internet', due)
    }
    act('replace-first', 'Put first in the replacement plan')
  }
  const ending = exploited.filter(
    (vulnerability) =>
      vulnerability.requiredAction === 'discontinue' ||
      (vulnerability.requiredAction === 'mitigate-or-discontinue' && vulnerability.fixObtainable === 'no'),
  )
  if (ending.length > 0) {
    const due = ending.flatMap((vulnerability) => vulnerability.dueOn ?? []).toSorted()[0] ?? null
    act('discontinue-use', `CISA asks to stop using it: ${names(ending)}`, due)
  }
  const patchable = vulnerabilities.filter((vulnerability) => vulnerability.fixObtainable !== 'no')
  if (patchable.length > 0) {
    const isExploited = patchable.some((vulnerability) => vulnerability.isKnownExploited)
    const due = isExploited ? addDays(since, DAYS_TO_INSTALL) : null
    const last = cutOffOn === null ? null : addDays(cutOffOn, -1)
    const from = patchable.every(({ isHeld }) => isHeld)
      ? 'the image already held'
      : [...new Set(patchable.map(({ source }) => wayOfFix(source, subject, today)))].join('; ')
    act(
      'install-fix',
      `Install the fix for ${names(patchable)} (${from})${isExploited ? ', or isolate' : ''}`,
      due !== null && last !== null && last < due ? last : (due ?? last),
    )
    if ((isStopped(today.legal) || today.barsNewImages) && patchable.some(({ isHeld }) => isHeld)) {
      act(
        'ask-counsel-before-installing',
        'Holding the image is one thing; ask counsel about installing it now',
      )
    }
  } else if (urgency === 'high') {
    act('isolate', 'No update can be had: isolate', addDays(since, DAYS_TO_INSTALL))
  } else if (vulnerabilities.length > 0 && urgency !== 'critical') {
    act('isolate', `No fix can be had for ${names(vulnerabilities)}: isolate, or plan the replacement`)
  }
  if (cutOffOn !== null) {
    act('save-images', 'Obtain and hash every image for the model before the cut-off', addDays(cutOffOn, -1))
  }
  if (today.unlicensed.some(({ isPending }) => !isPending)) {
    act('apply-for-license', 'Apply for a license that names the maker, the publisher and the channel')
  }
  if (missingFacts.length > 0) {
    act('resolve-facts', `Find out: ${missingFacts.join(', ')}`, input.candidateDays?.dueOn ?? null)
  }
  return actions
}

/** Where to take a fix from and what that needs: a source of its own, else the device's channel. */
function wayOfFix(
  source: FixSource | null,
  { updateChannel, parties }: RiskSubject,
  today: Judgment,
): string {
  if (source?.from === 'held-image') return 'the image already held'
  const own = { channel: updateChannel, publisher: parties.publisher, signer: parties.signer }
  const needs = source?.needs ?? needsOf(today, own)
  const from =
    source === null
      ? (updateChannel ?? 'channel unknown')
      : `${source.release?.firmwareVersion ?? 'the release'} from ${wayText(source.way)}`
  return needs.length === 0 ? from : `${from}. ${needs.join(' ')}`
}
