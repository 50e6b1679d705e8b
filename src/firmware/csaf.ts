/** Security advisories in CSAF, as CISA publishes them. */
import { z } from 'zod'
import {
  advisory,
  advisoryProblem,
  type Claim,
  highest,
  type Imported,
  type ImportProblem,
  type MakerNames,
} from './advisories.ts'
import { dayOf, firstIssue, named, ruleOfText, unreadable } from './feed-text.ts'
import type { Fix } from './risk.ts'
import type { AffectedRule } from './versions.ts'

/**
 * Security advisory in CSAF 2.0, as CISA publishes them for industrial control systems: one of ours per CVE.
 * Source: docs.oasis-open.org/csaf/csaf/v2.0, read 2026-11-23.
 */
export function importCsaf(document: unknown, makers: MakerNames): Imported {
  const read = CsafDocument.safeParse(document)
  if (!read.success) return unreadable(`not a CSAF document: ${firstIssue(read.error)}`)
  const { document: head, product_tree, vulnerabilities } = read.data
  const id = head.tracking.id
  const products = new Map<string, CsafProduct>()
  for (const branch of product_tree?.branches ?? []) walk(branch, { vendor: '', product: '', version: null })
  const problems: ImportProblem[] = []
  const refused: string[] = []
  const advisories = vulnerabilities.flatMap((vulnerability, i) => {
    if (vulnerability.cve === undefined) {
      problems.push({ pointer: `/vulnerabilities/${i}`, detail: 'has no CVE id' })
      return []
    }
    const affected = vulnerability.product_status?.known_affected ?? []
    const claims = affected.flatMap((productId): Claim[] => {
      const product = products.get(productId)
      if (!product) {
        problems.push({ pointer: `/vulnerabilities/${i}`, detail: `product ${productId} is not in the tree` })
        return []
      }
      const remedies = vulnerability.remediations.filter((r) => r.product_ids?.includes(productId) ?? true)
      return [
        {
          ...named(product.vendor, product.product, makers),
          source: id,
          container: 'csaf',
          citation: `CSAF ${id}`,
          deviceClasses: null,
          rule: csafRule(product.version),
          fix: csafFix(remedies),
        },
      ]
    })
    const one = advisory({
      id: vulnerability.cve,
      title: vulnerability.title ?? head.title,
      publishedOn: dayOf(head.tracking.initial_release_date),
      cvss: highest(vulnerability.scores.map((s) => s.cvss_v4?.baseScore ?? s.cvss_v3?.baseScore ?? null)),
      fix: csafFix(vulnerability.remediations),
      claims,
      references: [id],
    })
    const problem = advisoryProblem(one)
    if (problem === null) return [one]
    problems.push({ pointer: `/vulnerabilities/${i}`, detail: problem })
    refused.push(one.id)
    return []
  })
  return {
    version: head.tracking.version ?? null,
    releasedOn: dayOf(head.tracking.current_release_date),
    advisories,
    refused,
    problems,
  }

  function walk(branch: CsafBranch, above: CsafProduct) {
    const here: CsafProduct =
      branch.category === 'vendor'
        ? { ...above, vendor: branch.name }
        : branch.category === 'product_name'
          ? { ...above, product: branch.name }
          : branch.category === 'product_version' || branch.category === 'product_version_range'
            ? { ...above, version: { text: branch.name, isRange: branch.category.endsWith('range') } }
            : above
    if (branch.product) products.set(branch.product.product_id, here)
    for (const child of branch.branches ?? []) walk(child, here)
  }
}

interface CsafProduct {
  readonly vendor: string
  readonly product: string
  readonly version: { readonly text: string; readonly isRange: boolean } | null
}

const CsafBranch = z.object({
  category: z.string(),
  name: z.string(),
  product: z.object({ product_id: z.string() }).optional(),
  get branches() {
    return z.array(CsafBranch).optional()
  },
})
type CsafBranch = z.infer<typeof CsafBranch>

const Remediation = z.object({
  category: z.string(),
  details: z.string().default(''),
  product_ids: z.array(z.string()).optional(),
})
type Remediation = z.infer<typeof Remediation>

const CsafDocument = z.object({
  document: z.object({
    title: z.string(),
    tracking: z.object({
      id: z.string(),
      version: z.string().optional(),
      initial_release_date: z.string().optional(),
      current_release_date: z.string().optional(),
    }),
  }),
  product_tree: z.object({ branches: z.array(CsafBranch).default([]) }).optional(),
  vulnerabilities: z
    .array(
      z.object({
        cve: z
          .string()
          .regex(/^CVE-\d{4}-\d{4,}$/)
          .optional(),
        title: z.string().optional(),
        product_status: z.object({ known_affected: z.array(z.string()).default([]) }).optional(),
        remediations: z.array(Remediation).default([]),
        scores: z
          .array(
            z.object({
              cvss_v3: z.object({ baseScore: z.number() }).optional(),
              cvss_v4: z.object({ baseScore: z.number() }).optional(),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
})

function csafRule(version: CsafProduct['version']): AffectedRule {
  if (version === null) return { kind: 'unspecified' }
  // CISA writes "<=firmware_FullImg-1023-…": the word is not part of the version.
  return ruleOfText(version.text.replace(/^([<>=≤]*)\s*(?:firmware|version)[_\s]+/i, '$1'))
}

/** CISA files a maker that never answered under `mitigation`, so the text is read too. */
function csafFix(remediations: readonly Remediation[]): Fix {
  const has = (category: string) => remediations.some((remediation) => remediation.category === category)
  if (has('vendor_fix')) return 'vendor-fix'
  if (has('no_fix_planned')) return 'no-fix-planned'
  const isSilent = remediations.some(({ details }) =>
    /\b(?:not|never)\s+(?:yet\s+)?respond|\bunresponsive\b|\bno response\b|\bdid not (?:answer|reply)/i.test(
      details,
    ),
  )
  if (has('none_available') || isSilent) return 'none-available'
  if (has('workaround')) return 'workaround'
  return has('mitigation') ? 'mitigation' : 'unknown'
}
