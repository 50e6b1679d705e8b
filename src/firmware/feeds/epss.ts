/** Scores of FIRST's Exploit Prediction Scoring System, as its daily CSV. */
import { type Advisory, advisory, type Imported, type ImportProblem } from '../../firmware-risk/advisories.ts'
import { isPlainDate } from '../../lib/calendar.ts'
import { unreadable } from './text.ts'

/** `#model_version:v2025.03.14,score_date:2026-11-28T12:55:00Z` */
const HEAD = /^#\s*model_version:([^,\s]+),\s*score_date:((\d{4}-\d{2}-\d{2})\S*)/
const ROW = /^"?(CVE-\d{4}-\d{4,})"?,\s*([01]?\.?\d*(?:e-\d+)?)(?:,\s*([01]?\.?\d*(?:e-\d+)?))?\s*$/i

/**
 * EPSS, the CSV of one day with its comment line: `cve,epss,percentile`.
 * Source: first.org/epss, epss.empiricalsecurity.com; free to use with attribution.
 */
export function importEpss(text: string): Imported {
  const lines = text.split(/\r?\n/)
  const head = HEAD.exec(lines[0] ?? '')
  const on = head?.[3]
  if (head === null || on === undefined || !isPlainDate(on))
    return unreadable('not a file of EPSS scores: the first line names no model_version and score_date')
  if (!/^"?cve"?,"?epss"?/i.test(lines[1] ?? ''))
    return unreadable('not a file of EPSS scores: no column epss')
  const advisories: Advisory[] = []
  const problems: ImportProblem[] = []
  for (const [i, line] of lines.slice(2).entries()) {
    if (line.trim() === '') continue
    const row = ROW.exec(line)
    const score = Number(row?.[2])
    const percentile = row?.[3] === undefined ? null : Number(row[3])
    if (row === null || !(score >= 0 && score <= 1) || (percentile !== null && !(percentile <= 1))) {
      problems.push({ pointer: `/row/${i + 1}`, detail: 'is no CVE id with a score from 0 to 1' })
      continue
    }
    advisories.push(
      advisory({ id: row[1]!.toUpperCase(), claims: [], epss: { score, percentile, on }, revisedAt: on }),
    )
  }
  return { version: head[1]!, releasedOn: on, advisories, refused: [], problems }
}
