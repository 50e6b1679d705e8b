/** What the OpenAPI document says of the API as a whole, and under which heading each operation stands. */

export const ABOUT = `
camledger registers a city's surveillance cameras, identifies who really made them, and determines what each law still allows the city to do with them. This is not legal advice.

**Authentication.** Send an API key as \`Authorization: Bearer <key>\` or as \`X-Api-Key\`. Each operation names the roles that may call it.

**Errors** are \`application/problem+json\` (RFC 9457) and name every wrong field at once. What belongs to another jurisdiction answers exactly like what does not exist: 404.

**Collections** answer pages: \`limit\` (50 by default, at most 1,000) and \`cursor\`, which is the \`nextCursor\` of the page before, with every other parameter unchanged. Where \`text/csv\` or \`application/x-ndjson\` is listed, \`Accept\` gives every matching row at once. Items of a list may be shorter than the item on its own: \`include=\` adds what is left out, \`fields=\` shows only what it names.

**Unknown** query parameters and body fields are refused, so a typing error never widens an answer.

**Units.** Money is in whole minor units of its currency (cents). Days are \`YYYY-MM-DD\` in the time zone of the jurisdiction; instants are RFC 3339 in UTC. A day as \`asOf\` means its end. Percentages are numbers from 0 to 100, confidences from 0 to 1.

**Long work** is answered when it is done, or at once with 202 and the address of a job (\`/v1/jobs/{id}\`) when the request says \`Prefer: respond-async\`.

**Repeating a request.** Where \`Idempotency-Key\` is listed, the first answer is kept for 24 hours and given again. Where \`If-Match\` is listed, the change is refused with 412 when the record has another version than the \`ETag\` names.

**Limits.** Each key may make so many requests a minute; \`RateLimit-Remaining\` says how many are left, \`Retry-After\` of a 429 or 503 how many seconds to wait.
`.trim()

interface Heading {
  readonly name: string
  readonly description: string
  /** The addresses that stand under it; the first heading that fits is taken. */
  readonly paths: RegExp
}

/** In the order in which a reader needs them. */
export const HEADINGS: readonly Heading[] = [
  {
    name: 'screening',
    description: 'Identify devices and determine what the law says of them, without storing anything',
    paths: /^\/v1\/screen$/,
  },
  {
    name: 'scenarios',
    description:
      'What would happen: a maker put on a list, evaluated against the register without changing it',
    paths: /^\/v1\/scenarios/,
  },
  {
    name: 'snapshots',
    description: 'A question frozen with its answer, signed, to be attached and verified years later',
    paths: /^\/v1\/(snapshots|signing-keys)|^\/\.well-known\//,
  },
  {
    name: 'firmware risk',
    description: 'Which devices can still be updated, from whom and until when; what else protects them',
    paths: /^\/v1\/(firmware-risks|patch-answers|firmware-weights|risk-treatments)|\/patch-answer$/,
  },
  {
    name: 'firmware records',
    description: 'Images that were obtained and installed',
    paths: /^\/v1\/firmware-|\/firmware-installations$/,
  },
  {
    name: 'findings',
    description: 'What is neither permitted nor out of scope, and what was decided about it',
    paths: /^\/v1\/(findings|finding-decisions)/,
  },
  {
    name: 'statements',
    description: 'What waits for a person, and what people state on who made a device',
    paths: /^\/v1\/(statements|reviews)|\/statements$/,
  },
  {
    name: 'devices',
    description: 'The register: sites, devices and their history, fields of the city’s own',
    paths: /^\/v1\/(devices|sites|custom-fields)/,
  },
  {
    name: 'documents',
    description: 'Photos of labels, letters and certificates, kept with what they show',
    paths: /^\/v1\/documents/,
  },
  {
    name: 'imports',
    description: 'Spreadsheets in, rejected rows out',
    paths: /^\/v1\/(imports|import-mappings|uploads)/,
  },
  { name: 'summary', description: 'Totals over one city or many', paths: /^\/v1\/summary/ },
  {
    name: 'manufacturers',
    description: 'Reference data: who makes, owns and relabels what',
    paths: /^\/v1\/(manufacturers|relationships|models)/,
  },
  {
    name: 'law',
    description: 'Reference data: regimes with their rules, and who is on which list',
    paths: /^\/v1\/(regimes|listings)/,
  },
  {
    name: 'lists',
    description:
      'Official lists as versions: what each file added, changed and ended, and what waits for a person',
    paths: /^\/v1\/lists/,
  },
  {
    name: 'local laws',
    description:
      'Rules that a city made for itself, or a state for its cities: previewed, applied at once, ended',
    paths: /^\/v1\/local-laws/,
  },
  {
    name: 'vulnerabilities',
    description: 'Published vulnerabilities and the feeds that they come from',
    paths: /^\/v1\/advisories/,
  },
  {
    name: 'licenses',
    description: 'Licenses and waivers, applications for them, and reminders before they end',
    paths: /^\/v1\/(licenses|license-applications|reminders)/,
  },
  {
    name: 'prices and funds',
    description: 'What replacing devices costs, and who can pay for it',
    paths: /^\/v1\/(cost-catalog|funding-sources)/,
  },
  {
    name: 'estimates and schedules',
    description: 'What a plan costs, and which site is done in which fiscal year',
    paths: /^\/v1\/plans\/\{id\}\/(estimate|schedule)/,
  },
  {
    name: 'progress',
    description: 'Orders, payments, completed sites and disposals',
    paths: /^\/v1\/plans\/\{id\}\/(actuals|disposals)/,
  },
  {
    name: 'budget documents',
    description: 'A plan as workbook, page, chart and table',
    paths: /^\/v1\/plans\/\{id\}\/(workbook|lines|charts|summary\.html)/,
  },
  {
    name: 'plans',
    description: 'Replacement plans: their devices, candidates and revisions',
    paths: /^\/v1\/plans/,
  },
  {
    name: 'jobs',
    description: 'Long work that goes on after its request was answered',
    paths: /^\/v1\/jobs/,
  },
  {
    name: 'administration',
    description: 'Jurisdictions, API keys and the audit log',
    paths: /^\/v1\/(jurisdictions|keys|audit-)/,
  },
  {
    name: 'operations',
    description: 'Health and figures of the service',
    paths: /^\/(healthz|readyz|metrics)$/,
  },
]

/** The heading of an operation. Throws when the address stands under none: a new resource needs one. */
export function headingOf(path: string): string {
  const found = HEADINGS.find(({ paths }) => paths.test(path))
  if (!found) throw new Error(`No heading for ${path}: add it to HEADINGS in src/http/openapi/about.ts`)
  return found.name
}
