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
import { isModelNumber, modelsIn } from './model-names.ts'
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
  for (const branch of product_tree?.branches ?? []) walk(branch, NAMELESS)
  for (const { product_id, name } of product_tree?.full_product_names ?? []) {
    if (!products.has(product_id)) products.set(product_id, { ...NAMELESS, product: name })
  }
  combine(product_tree?.relationships ?? [], products)
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
      return subjectsOf(product, makers).map(({ rule, ...subject }) => ({
        ...subject,
        source: id,
        container: 'csaf',
        citation: `CSAF ${id}`,
        deviceClasses: null,
        rule,
        fix: csafFix(remedies),
      }))
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

const NAMELESS: CsafProduct = { vendor: '', product: '', version: null }

/**
 * Products made of two: firmware installed on hardware has the version of the one and the models of the other. A
 * relationship may name another one's product, so they are read until none is left that can be.
 */
function combine(relationships: readonly Relationship[], products: Map<string, CsafProduct>): void {
  let waiting = relationships
  for (let before = -1; waiting.length > 0 && waiting.length !== before; ) {
    before = waiting.length
    waiting = waiting.filter((relationship) => {
      const part = products.get(relationship.product_reference)
      const whole = products.get(relationship.relates_to_product_reference)
      if (!part || !whole) return true
      products.set(relationship.full_product_name.product_id, {
        vendor: whole.vendor || part.vendor,
        product: whole.product || part.product,
        version: part.version ?? whole.version,
      })
      return false
    })
  }
}

/** Who and what a product of the tree is. A model number may stand where the version should. */
function subjectsOf({ vendor, product, version }: CsafProduct, makers: MakerNames) {
  return named(vendor, product, makers).map((subject) => {
    const text = version?.text.replace(/^\s+|[\s,]*(?:\band)?\s*$/gi, '') ?? ''
    if (subject.models.length > 0 || version?.isRange !== false || !isModelNumber(text)) {
      return { ...subject, rule: csafRule(version) }
    }
    const models = modelsIn(text, subject.maker, makers)
    return { ...subject, product: `${subject.product} ${text}`, models, rule: UNSPECIFIED }
  })
}

const UNSPECIFIED: AffectedRule = { kind: 'unspecified' }

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

const Relationship = z.object({
  product_reference: z.string(),
  relates_to_product_reference: z.string(),
  full_product_name: z.object({ product_id: z.string() }),
})
type Relationship = z.infer<typeof Relationship>

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
  product_tree: z
    .object({
      branches: z.array(CsafBranch).default([]),
      full_product_names: z.array(z.object({ product_id: z.string(), name: z.string() })).default([]),
      relationships: z.array(Relationship).default([]),
    })
    .optional(),
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
  // CISA also files fixes under `mitigation`.
  if (remediations.some(({ details }) => tellsOfFix(details))) return 'vendor-fix'
  if (has('workaround')) return 'workaround'
  return has('mitigation') ? 'mitigation' : 'unknown'
}

/** Whether a sentence says that fixed firmware exists: released, or to be updated to. */
function tellsOfFix(details: string): boolean {
  if (/\b(?:not|never|no)\b[^.]{0,40}\b(?:releas|provid|develop|fix|patch|updat|upgrad)/i.test(details))
    return false
  const thing = String.raw`(?:firmware|patch(?:es)?|version|software|updates?|fix(?:es)?|release)\b`
  return [
    String.raw`\bha(?:s|ve)\s+(?:\w+\s+)?(?:released|developed|published|issued|provided|produced)\b[^.]{0,60}\b${thing}`,
    String.raw`\b(?:updat(?:e|ing)|upgrad(?:e|ing)|patch(?:ing)?)\b[^.]{0,60}\b(?:to|with|from)\b[^.]{0,40}\b(?:newest|latest|${thing}|v?\d)`,
    String.raw`\bfixed (?:in|by|the reported)\b`,
  ].some((pattern) => new RegExp(pattern, 'i').test(details))
}
