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
} from '../../firmware-risk/advisories.ts'
import type { AffectedRule } from '../../firmware-risk/affected-rule.ts'
import { isModelNumber, modelsIn } from '../../firmware-risk/model-names.ts'
import { commonFix, fixOf, RemedyReader, wordsOfProduct } from './csaf-fix.ts'
import { dayOf, firstIssue, named, revision, ruleOfText, tidyVersion, unreadable } from './text.ts'

/**
 * Security advisory in CSAF 2.0, as CISA publishes them for industrial control systems: one of ours per CVE.
 * Source: docs.oasis-open.org/csaf/csaf/v2.0, read 2026-11-23.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: walks one document whose parts refer to each other; its helpers share what was read
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
  const words = new Map([...products].map(([productId, product]) => [productId, wordsOfProduct(product)]))
  const reader = new RemedyReader(words.values())
  const groups = new Map((product_tree?.product_groups ?? []).map((one) => [one.group_id, one.product_ids]))
  const problems: ImportProblem[] = []
  const refused: string[] = []
  const advisories = vulnerabilities.flatMap((vulnerability, i) => {
    if (vulnerability.cve === undefined) {
      problems.push({ pointer: `/vulnerabilities/${i}`, detail: 'has no CVE id' })
      return []
    }
    const claims = statusesOf(vulnerability.product_status).flatMap(([productId, status]): Claim[] => {
      const product = products.get(productId)
      if (!product) {
        problems.push({ pointer: `/vulnerabilities/${i}`, detail: `product ${productId} is not in the tree` })
        return []
      }
      const meant = vulnerability.remediations.filter((one) => isMeant(one, productId, groups))
      // One that is for this product alone need not call it.
      const [ours, shared] = [meant.filter(isForOne), meant.filter((one) => !isForOne(one))]
      const fix = fixOf([...ours, ...reader.remediesFor(words.get(productId)!, shared)])
      return subjectsOf(product, makers).map(({ rule: stated, ...subject }) => ({
        ...subject,
        source: id,
        container: 'csaf',
        citation: `CSAF ${id}`,
        deviceClasses: null,
        rule: ofStatus(stated, status),
        fix,
      }))
    })
    const one = advisory({
      id: vulnerability.cve,
      title: vulnerability.title ?? head.title,
      publishedOn: dayOf(head.tracking.initial_release_date),
      ...revision(head.tracking.current_release_date),
      cvss: highest(vulnerability.scores.map((s) => s.cvss_v4?.baseScore ?? s.cvss_v3?.baseScore ?? null)),
      fix: commonFix(claims.flatMap((claim) => claim.fix ?? [])),
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

/** Whether a remedy is for a product: listed, in a group that is, or where neither is given for all. */
function isMeant(
  { product_ids, group_ids }: Remediation,
  productId: string,
  groups: ReadonlyMap<string, readonly string[]>,
): boolean {
  if (product_ids === undefined && group_ids === undefined) return true
  return (
    product_ids?.includes(productId) === true ||
    group_ids?.some((group) => groups.get(group)?.includes(productId)) === true
  )
}

type Status = 'known' | 'first' | 'last'

/** Products that a document calls affected, as of all, of the first or of the last version; each once. */
function statusesOf(
  given: z.infer<typeof CsafDocument>['vulnerabilities'][number]['product_status'],
): readonly (readonly [productId: string, Status])[] {
  const ids = new Map<string, Status>()
  for (const id of given?.known_affected ?? []) ids.set(id, 'known')
  for (const id of given?.first_affected ?? []) if (!ids.has(id)) ids.set(id, 'first')
  for (const id of given?.last_affected ?? []) if (!ids.has(id)) ids.set(id, 'last')
  return [...ids]
}

/** One version that is the first or the last affected stands for a range. */
function ofStatus(rule: AffectedRule, status: Status): AffectedRule {
  if (rule.kind !== 'exact' || status === 'known') return rule
  const version = rule.versions[0]!
  return status === 'last' ? { kind: 'le', version } : { kind: 'until-fixed', first: version, fixed: [] }
}

function isForOne({ product_ids, group_ids }: Remediation): boolean {
  return product_ids?.length === 1 && group_ids === undefined
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
    const text = tidyVersion(version?.text ?? '')
    if (subject.models.length > 0 || version?.isRange !== false || !isModelNumber(text)) {
      return { ...subject, rule: csafRule({ vendor, product, version }) }
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
  group_ids: z.array(z.string()).optional(),
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
      product_groups: z
        .array(z.object({ group_id: z.string(), product_ids: z.array(z.string()) }))
        .default([]),
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
        product_status: z
          .object({
            known_affected: z.array(z.string()).default([]),
            first_affected: z.array(z.string()).default([]),
            last_affected: z.array(z.string()).default([]),
          })
          .optional(),
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

function csafRule({ product, version }: CsafProduct): AffectedRule {
  if (version === null) return { kind: 'unspecified' }
  // CISA writes "<=firmware_FullImg-1023-…": the word is not part of the version.
  const text = version.text.replace(/^([<>=≤]*)\s*(?:firmware|version)[_\s]+/i, '$1')
  // ICSA-21-238-02 has the version where the product should be, and the build where the version should be.
  const build = /^([<>=≤]*)\s*(?:build\s*)?(\d{6}|\d{8})$/i.exec(text.trim())
  if (build && /^v\d+(?:\.\d+)+$/i.test(product.trim())) {
    return ruleOfText(`${build[1]}${product.trim()} build ${build[2]}`)
  }
  return ruleOfText(text)
}
