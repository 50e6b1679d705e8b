/**
 * Where a fixed file can be had, each source put to the law by its own publisher, signer and channel.
 *
 * A device's channel says how it is updated as a rule. A release lies somewhere else, and an image that is kept came
 * some way of its own on some day: whether it counts is a question about that way and that day, not about the device's.
 */

import type { UpdateChannel } from '../catalogue/facts.ts'
import { addDays, type PlainDate } from '../lib/calendar.ts'
import { nameOf } from './judge-measure.ts'
import { isCutOff, type Judgment, judge, type Law } from './judgment.ts'
import { isStopped } from './levels.ts'
import type { License } from './licenses/license.ts'
import type { MeasureFinding } from './measure.ts'
import type { FirmwareRelease } from './release.ts'

/** How a file reaches a city. Null parts are not on record. */
export interface Way {
  readonly channel: UpdateChannel | null
  /** Vendor id of who publishes the file. */
  readonly publisher: string | null
  /** Vendor id whose signature the device checks. */
  readonly signer: string | null
}

export interface FixSource {
  readonly from: 'held-image' | 'release' | 'channel'
  readonly way: Way
  /** The release or image; null for a channel alone. */
  readonly release: FirmwareRelease | null
  /** The day whose law decides: the day an image was obtained, else the day asked about. */
  readonly on: PlainDate
  /** Whether the file may be had (or could be, for an image) on that day. */
  readonly isLawful: boolean
  /** What taking it needs, in sentences; empty when nothing. */
  readonly needs: readonly string[]
  /** Whether counsel has to look before a file that is kept is installed. */
  readonly needsCounsel: boolean
  /** Licenses it rests on; empty when it needs none. */
  readonly licenses: readonly License[]
  /** Last day on which it can be had that is known already; null when none is. */
  readonly lastDay: PlainDate | null
}

/** A file, where to have it from, and what that needs. */
export interface FileOffer {
  readonly from: FixSource['from']
  /** Null for a channel alone, and so is the release. */
  readonly firmwareVersion: string | null
  readonly channel: UpdateChannel | null
  /** Vendor id of who publishes the file; null when it is not on record. */
  readonly publisher: string | null
  /** Id of the release or image. */
  readonly release: string | null
  /** False: it exists, and today it may not be had this way. */
  readonly isLawful: boolean
  /** What it needs, in sentences; empty when nothing. */
  readonly needs: readonly string[]
  readonly licenses: readonly LicenseUsed[]
  readonly lastDay: PlainDate | null
}

interface LicenseUsed {
  readonly id: string
  readonly authority: string
  readonly number: string | null
}

/** What the law says of one way. */
export type LawOfWay = (way: Way) => Law

/** An image that is kept: what counts is the day it was obtained. */
export function heldSource(image: FirmwareRelease, way: Way, lawOf: LawOfWay, asOf: PlainDate): FixSource {
  const on = image.obtainedOn ?? asOf
  const then = judge(lawOf(way), on)
  const isObtained = image.obtainedOn !== null && image.obtainedOn <= asOf
  // That a device has no working channel now says nothing of a file that is on the shelf.
  const isLawful = isObtained && image.isVerified && !isStopped(then.legal) && !then.barsNewImages
  const today = on === asOf ? then : judge(lawOf(way), asOf)
  const needsCounsel = isLawful && on !== asOf && (isStopped(today.legal) || today.barsNewImages)
  const needs = [
    ...(image.isVerified ? [] : ['Its hash and signature have to be checked first.']),
    ...(isLawful || !isObtained ? [] : [`It was obtained on ${on}. ${needsOf(then, way).join(' ')}`]),
    ...(isLawful ? needsOf(then, way).map((text) => `When it was obtained (${on}): ${text}`) : []),
    ...(needsCounsel ? ['It was obtained before updates stopped; ask counsel about installing it now.'] : []),
  ]
  return {
    from: 'held-image',
    way,
    release: image,
    on,
    isLawful,
    needs,
    needsCounsel,
    licenses: licensesOf(then),
    lastDay: null,
  }
}

/**
 * A release, or the device's own channel when there is none. What is published somewhere cannot be had by a device of
 * which somebody recorded that it has no working channel.
 */
export function openSource(
  release: FirmwareRelease | null,
  way: Way,
  lawOf: LawOfWay,
  asOf: PlainDate,
  hasChannel: boolean,
): FixSource {
  const today = judge(lawOf(way), asOf)
  return {
    from: release === null ? 'channel' : 'release',
    way,
    release,
    on: asOf,
    isLawful: hasChannel && !isCutOff(today),
    needs: [...(hasChannel ? [] : ['The device has no working channel.']), ...needsOf(today, way)],
    needsCounsel: false,
    licenses: licensesOf(today),
    lastDay: today.coverEndsOn === null ? null : addDays(today.coverEndsOn, -1),
  }
}

/** Whoever may be had comes before who may not, then what needs nothing, then as given. */
export function bestSource(sources: readonly FixSource[]): FixSource | undefined {
  return sources.toSorted(
    (a, b) => Number(b.isLawful) - Number(a.isLawful) || a.needs.length - b.needs.length,
  )[0]
}

/** A source as a risk shows it. */
export function offerOf({ from, way, release, isLawful, needs, licenses, lastDay }: FixSource): FileOffer {
  return {
    from,
    firmwareVersion: release?.firmwareVersion ?? null,
    channel: way.channel,
    publisher: way.publisher,
    release: release?.id ?? null,
    isLawful,
    needs,
    licenses: licenses.map(({ id, authority, number }) => ({ id, authority, number })),
    lastDay,
  }
}

/** In words: `vendor-portal-us of hikvision`. */
export function wayText({ channel, publisher, signer }: Way): string {
  const by = publisher === null ? '' : ` of ${publisher}`
  const signed = signer === null || signer === publisher ? '' : `, signed by ${signer}`
  return `${channel ?? 'a channel that is not on record'}${by}${signed}`
}

function licensesOf({ findings }: Judgment): readonly License[] {
  return [...new Map(findings.flatMap(({ licenses = [] }) => licenses).map((one) => [one.id, one])).values()]
}

/** What a file needs that comes this way, one sentence for each measure that stands in it. */
export function needsOf(judgment: Judgment, way: Way): readonly string[] {
  const sentences = judgment.findings.flatMap((finding) => sentenceOf(finding, way))
  return [...new Set(sentences)]
}

function sentenceOf(finding: MeasureFinding, way: Way): readonly string[] {
  const { measure, level, licenses = [], coverEndsOn, unlicensed, barsNewImages } = finding
  const { id, regime, program, citation } = measure
  const rule = `${id} (${citation})`
  if (licenses.length > 0) {
    const until = coverEndsOn ? ` through ${addDays(coverEndsOn, -1)}` : ''
    return [`Lawful under ${licenses.map(nameOf).join(', ')}${until}; without it ${rule} bars it.`]
  }
  if (unlicensed) {
    const under = program ? `${regime}, program ${program},` : regime
    const target = 'entity' in measure.entityOrProduct ? measure.entityOrProduct.entity : 'the maker'
    return [`Needs a license under ${under} that names ${target} and covers ${wayText(way)}: ${rule}.`]
  }
  if (level === 'blocked') return [`Barred by ${rule}, and no license is to be had.`]
  if (barsNewImages) return [`Nothing newer than what was held before may be had: ${rule}.`]
  if (level === 'conditional') return [`Counsel has to read ${rule} first.`]
  return []
}
