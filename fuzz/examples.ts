/** What rules ask for beyond the schemas: bodies and queries with which an operation can succeed. */
import { sheetXml, workbook } from '../test/support/workbooks.ts'
import type { Source } from './values.ts'

export interface Example {
  /** Of the path, by the parameter's name. */
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly type?: string
  /** No other parameter is added. */
  readonly isWhole?: boolean
}

const HASH_DIGITS = '0123456789abcdef'

function hash({ draw }: Source): string {
  return Array.from({ length: 64 }, () => draw.one([...HASH_DIGITS])).join('')
}

/** Operators say which city they write to. */
function place(source: Source): { jurisdictionId?: string } {
  if (source.city !== null) return {}
  const jurisdictionId = source.known.draw('/v1/jurisdictions', null, source.draw)
  return jurisdictionId === undefined ? {} : { jurisdictionId }
}

const named = (source: Source, word: string) => `${source.mark} ${word} ${source.draw.below(1e9)}`
const csv = (source: Source, body: string): Example => ({
  query: place(source),
  body,
  type: 'text/csv',
  isWhole: true,
})

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const TEMPLATE = workbook({
  sheets: [{ name: 'Ours', xml: sheetXml('') }],
  names: '<definedName name="Camledger_City">Ours!$A$1</definedName>',
})

const KEV = JSON.stringify({
  title: 'CISA Catalog of Known Exploited Vulnerabilities',
  catalogVersion: '2026.11.20',
  dateReleased: '2026-11-20T12:00:00.000Z',
  count: 1,
  vulnerabilities: [
    {
      cveID: 'CVE-2021-36260',
      vendorProject: 'Hikvision',
      product: 'Security cameras web server',
      vulnerabilityName: 'Hikvision Improper Input Validation',
      dateAdded: '2022-01-10',
      shortDescription: 'x',
      requiredAction: 'Apply updates per vendor instructions.',
      dueDate: '2022-01-24',
      knownRansomwareCampaignUse: 'Unknown',
      notes: '',
    },
  ],
})

const FIRST_ENTRY = 30502
const OF_SDN = { id: 'ofac-sdn' }

/** A list as OFAC publishes it, with the entry that it has had for years; one name differs from file to file. */
function sdnList({ draw }: Source): string {
  const names = ['CEIEC', ...Array.from({ length: 25 }, (_, i) => `BLUE RIVER TRADING NUMBER ${i} LLC`)]
  names.push(`GREEN HILL EXPORT NUMBER ${draw.below(1e6)} LLC`)
  const entries = names.map(
    (name, i) =>
      `<sdnEntry><uid>${FIRST_ENTRY + i}</uid><lastName>${name}</lastName><sdnType>Entity</sdnType><programList><program>VENEZUELA</program></programList></sdnEntry>`,
  )
  return `<?xml version="1.0"?><sdnList xmlns="https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML"><publshInformation><Publish_Date>11/20/2026</Publish_Date><Record_Count>${entries.length}</Record_Count></publshInformation>${entries.join('')}</sdnList>`
}

export const EXAMPLES: Readonly<Record<string, (source: Source) => Example>> = {
  createJurisdiction: (s) => ({ body: { name: named(s, 'City'), state: 'OH' } }),
  changeJurisdiction: (s) => ({ body: { population: s.draw.below(1e6) } }),
  createKey: (s) => ({
    body: {
      label: named(s, 'key'),
      role: 'city-viewer',
      jurisdictionId: s.known.draw('/v1/jurisdictions', null, s.draw),
    },
  }),
  createCustomField: (s) => {
    const name = `field_${named(s, 'f').replaceAll(/\W/g, '').toLowerCase()}`.slice(0, 40)
    return { body: { name, label: name, type: 'text', ...place(s) } }
  },
  changeCustomField: (s) => ({ body: { description: named(s, 'Field') } }),
  createImportMapping: (s) => ({
    body: { name: named(s, 'Mapping'), mapping: { model: 'Model' }, ...place(s) },
  }),
  createSite: (s) => ({ body: { name: named(s, 'Site'), ...place(s) } }),
  changeSite: (s) => ({ body: { name: named(s, 'Site') } }),
  createDevice: (s) => ({
    body: {
      manufacturer: s.draw.one(['Hikvision', 'LTS', 'Axis', 'Zorblax']),
      model: s.draw.one(['DS-2CD2143G2-I', 'P3245-LVE']),
      assetTag: named(s, 'tag'),
      ...place(s),
    },
  }),
  changeDevice: (s) => ({ body: { notes: s.mark } }),
  createStatement: (s) => ({
    body: s.draw.one([
      { maker: 'axis', basis: 'teardown', by: s.mark },
      { maker: null, basis: 'inspection', by: s.mark, note: 'label is gone' },
    ]),
    isWhole: true,
  }),
  confirmStatement: (s) => ({ body: { by: named(s, 'second') }, isWhole: true }),
  withdrawStatement: (s) => ({ body: { by: s.mark, reason: 'wrong' }, isWhole: true }),
  stateOfReview: (s) => ({
    body: { maker: null, basis: 'inspection', by: s.mark, note: 'label is gone', ...place(s) },
    isWhole: true,
  }),
  withdrawStatements: (s) => ({
    body: { ids: [s.known.drawEarlier('/v1/statements', s.city)], by: s.mark, reason: 'wrong', ...place(s) },
    isWhole: true,
  }),
  mergeDevices: (s) => ({ body: { duplicateId: s.known.drawEarlier('/v1/devices', s.city) } }),
  undoMerge: (s) => ({ body: { duplicateId: s.known.drawEarlier('/v1/devices', s.city) } }),
  changeDevices: (s) => ({
    body: { filter: {}, change: { notes: s.mark }, dryRun: true, ...place(s) },
    isWhole: true,
  }),
  listReviews: (s) => ({ query: place(s), isWhole: true }),
  createFindingDecision: (s) => ({
    body: {
      filter: { assetTag: [named(s, 'no such')] },
      expected: { count: 0 },
      state: 'accepted',
      until: '2030-01-01',
      reason: s.mark,
      by: named(s, 'first'),
      ...place(s),
    },
    isWhole: true,
  }),
  confirmFindingDecision: (s) => ({ body: { by: named(s, 'second') }, isWhole: true }),
  withdrawFindingDecision: (s) => ({ body: { by: s.mark, reason: 'wrong' }, isWhole: true }),
  createLocalLaw: (s) => ({
    body: {
      ...{ title: named(s, 'ban'), adoptedBy: 'Council', citation: s.mark, makers: ['axis'] },
      rules: [{ outcomes: { procure: 'prohibited' }, because: 'The council buys nothing of {maker}.' }],
      ...place(s),
    },
  }),
  withdrawLocalLaw: () => ({ body: { because: 'repealed' } }),
  createDocument: (s) => ({
    query: { device: s.known.draw('/v1/devices', s.city, s.draw) ?? '', name: named(s, 'label') },
    body: '%PDF-1.7 %%EOF',
    type: 'application/pdf',
    isWhole: true,
  }),
  removeDocument: () => ({ query: { reason: 'wrong' } }),
  createImport: (s) =>
    csv(s, `Asset Tag,Manufacturer,Model\n${named(s, 'I')},Hikvision,DS-2CD2143G2-I\n,,\nx,Axis,never\n`),
  screen: () => ({ body: { items: [{ manufacturer: 'LTS', model: 'CMIP1042W-28M' }] } }),
  getSummary: (s) => ({ query: { groupBy: s.draw.one(['maker', 'site,regime', 'state,outcome', 'city']) } }),
  createCostQuote: (s) => ({
    body: {
      code: 'CAM-PTZ',
      basis: 'contract-price',
      low: 1,
      expected: 2,
      high: 3,
      quotedOn: '2026-11-01',
      source: s.mark,
      ...place(s),
    },
  }),
  importCostQuotes: (s) =>
    csv(s, 'code,low,expected,high,basis,source,quotedOn\nCAM-BOX,1,2,3,vendor-quote,x,2026-11-01\n'),
  createFundingSource: (s) => ({ body: { name: named(s, 'fund'), isFederal: false, ...place(s) } }),
  changeFundingSource: (s) => ({ body: { name: named(s, 'fund') } }),
  createPlan: (s) => ({ body: { name: named(s, 'plan'), settings: { trials: 1000 }, ...place(s) } }),
  createScenario: (s) => ({
    body: { makers: ['hikvision'], effectiveOn: '2027-01-15', windDownDays: 180, budget: false, ...place(s) },
  }),
  createSnapshot: (s) => ({
    body: { name: named(s, 'snapshot'), filter: { maker: ['hikvision'] } },
    isWhole: true,
  }),
  rotateSigningKey: () => ({ body: {}, isWhole: true }),
  compareScenarios: (s) => ({
    query: {
      ids: [s.known.drawEarlier('/v1/scenarios', s.city), s.known.draw('/v1/scenarios', s.city, s.draw)].join(
        ',',
      ),
    },
    isWhole: true,
  }),
  changePlan: (s) => ({ body: { name: named(s, 'plan') } }),
  addPlanDevices: () => ({ body: { filter: {} } }),
  copyPlan: (s) => ({ body: { name: named(s, 'copy') } }),
  comparePlans: () => ({ query: {}, isWhole: true }),
  supposePlan: () => ({
    body: { cases: [{ label: 'Surer', settings: { confidence: 90, trials: 1000 } }], seconds: 1 },
    isWhole: true,
  }),
  fillWorkbook: () => ({ body: TEMPLATE, type: XLSX, isWhole: true }),
  createCandidate: () => ({ body: { manufacturer: 'Axis', model: 'P3265-LVE' } }),
  createSchedule: () => ({ body: { seconds: 1 } }),
  approvePlan: () => ({ body: { approvedBy: 'City Council', approvedOn: '2026-11-01' } }),
  withdrawPlanApproval: (s) => ({ body: { reason: s.mark } }),
  createActual: () => ({ body: { kind: 'payment', occurredOn: '2026-11-01', amountCents: 5 } }),
  createDisposal: (s) => ({
    body: {
      deviceId: s.known.draw('/v1/devices', s.city, s.draw),
      method: 'clear',
      disposedOn: '2026-11-01',
      party: 'Recycler',
    },
  }),
  matchManufacturer: () => ({ query: { name: 'Hikvision' } }),
  importAdvisories: () => ({ query: { format: 'kev' }, body: KEV, type: 'application/json', isWhole: true }),
  loadListVersion: (s) => ({ path: OF_SDN, body: sdnList(s), type: 'application/xml', isWhole: true }),
  compareListVersions: () => ({ path: { ...OF_SDN, range: '1..2' } }),
  decideListEntry: (s) => ({
    path: OF_SDN,
    body: { key: String(FIRST_ENTRY + 1 + s.draw.below(25)), maker: null, evidence: s.mark },
  }),
  listRegimeStatuses: () => ({ path: { id: 'bis-affiliates' } }),
  confirmRegimeStatus: (s) => ({
    path: { id: 'bis-affiliates' },
    body: { status: 'in-force', from: '2026-11-10', to: null, evidence: s.mark },
  }),
  createFirmwareRelease: (s) => ({
    body: {
      maker: 'axis',
      models: [`${s.mark}-9`],
      firmwareVersion: '10.12.1',
      sha256: hash(s),
      obtainedOn: '2026-11-01',
      source: s.mark,
      ...place(s),
    },
  }),
  changeFirmwareRelease: () => ({ body: { isVerified: true } }),
  createLicense: (s) => {
    const { jurisdictionId = s.city } = place(s)
    return {
      body: {
        type: 'specific',
        number: named(s, 'L').slice(0, 40),
        authority: 'OFAC',
        regime: 'ofac-sdn',
        program: 'GLOMAG',
        activities: ['firmware-update'],
        entities: 'any',
        holder: { kind: 'party', id: jurisdictionId },
        window: { from: null, to: '2026-12-01' },
        citation: s.mark,
        jurisdictionId,
      },
    }
  },
  changeLicense: (s) => ({ body: { citation: s.mark } }),
  createLicenseApplication: (s) => ({ body: { regime: 'ofac-sdn', ...place(s) } }),
  changeLicenseApplication: (s) => ({ body: { scope: s.mark } }),
  createFirmwareInstallation: (s) => ({ body: { firmwareVersion: s.mark, installedOn: '2026-11-01' } }),
  createRiskTreatment: (s) => ({
    body: {
      kind: 'risk-acceptance',
      title: s.mark,
      owner: 'Chief of police',
      deviceIds: [s.known.draw('/v1/devices', s.city, s.draw)],
      evidence: [{ text: s.mark, on: '2026-11-01' }],
      beginsOn: '2026-11-01',
      expiresOn: '2027-11-01',
      ...place(s),
    },
  }),
  changeRiskTreatment: (s) => ({ body: { title: s.mark } }),
  setFirmwareWeights: (s) => ({ body: { weights: null, ...place(s) } }),
  getManufacturer: () => ({}),
  listReminders: () => ({ query: { dueBy: '2027-12-31' } }),
}

/** Path parameters that no answer of another operation names by that word. */
export const PATH_WORDS: Readonly<Record<string, readonly string[]>> = {
  getManufacturer: ['axis', 'hikvision'],
  getRegime: ['ofac-sdn', 'ndaa-889-b'],
  getAdvisory: ['CVE-2021-36260'],
  getChart: ['tornado.svg', 'tornado', 'spending', 's-curve'],
}

/** What must have gone before with the same key and the same things, in this order, for an operation to succeed. */
export const STEPS: Readonly<Record<string, readonly string[]>> = {
  getChart: ['createDevice', 'createPlan', 'addPlanDevices', 'createEstimate'],
  getEstimate: ['createDevice', 'createPlan', 'addPlanDevices', 'createEstimate'],
  getSchedule: ['createDevice', 'createPlan', 'addPlanDevices', 'createEstimate', 'createSchedule'],
  createSchedule: ['createDevice', 'createPlan', 'addPlanDevices', 'createEstimate'],
  getWorkbook: ['createDevice', 'createPlan', 'addPlanDevices', 'createEstimate', 'createSchedule'],
  getPlanSummary: ['createDevice', 'createPlan', 'addPlanDevices', 'createEstimate', 'createSchedule'],
  listPlanLines: ['createDevice', 'createPlan', 'addPlanDevices', 'createEstimate'],
  approvePlan: ['createDevice', 'createPlan', 'addPlanDevices', 'createEstimate', 'createSchedule'],
  withdrawPlanApproval: [
    ...['createDevice', 'createPlan', 'addPlanDevices', 'createEstimate', 'createSchedule'],
    'approvePlan',
  ],
  fillWorkbook: ['createDevice', 'createPlan', 'addPlanDevices', 'createEstimate'],
  comparePlans: ['createDevice', 'createPlan', 'addPlanDevices', 'createEstimate', 'createSchedule'],
  supposePlan: ['createDevice', 'createPlan', 'addPlanDevices'],
  createDisposal: ['createDevice', 'createPlan', 'addPlanDevices'],
  removePlanDevices: ['createDevice', 'createPlan', 'addPlanDevices'],
  stateOfReview: ['createDevice', 'createDevice', 'listReviews'],
  confirmStatement: ['createDevice', 'createStatement'],
  withdrawStatement: ['createDevice', 'createStatement'],
  withdrawStatements: ['createDevice', 'createStatement'],
  getStatement: ['createDevice', 'createStatement'],
  getDocumentContent: ['createDevice', 'createDocument'],
  removeDocument: ['createDevice', 'createDocument'],
  removeFirmwareInstallation: ['createDevice', 'createFirmwareInstallation'],
  mergeDevices: ['createDevice', 'createDevice'],
  undoMerge: ['createDevice', 'createDevice', 'mergeDevices'],
  compareScenarios: ['createScenario', 'createScenario'],
  getFindingDecision: ['createFindingDecision'],
  confirmFindingDecision: ['createFindingDecision'],
  withdrawFindingDecision: ['createFindingDecision'],
  getSnapshot: ['createSnapshot'],
  getSnapshotArchive: ['createSnapshot'],
  compareListVersions: ['loadListVersion', 'loadListVersion'],
  decideListEntry: ['loadListVersion'],
  getJob: ['createImport'],
  watchJob: ['createImport'],
  cancelJob: ['createImport'],
}
