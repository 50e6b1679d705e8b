/**
 * What the API answers to the calls that pages make, by method and address. The types are those of the schemas that
 * write the answers, so a field that changes there breaks the build here. A page that needs another call adds a line.
 */
import type { z } from 'zod'
import type { Listing, Regime, RegimeDetail } from '../catalogue/law-routes.ts'
import type { Manufacturer, ManufacturerDetail } from '../catalogue/maker-routes.ts'
import type { DeviceChange, DeviceWrite } from '../device/schemas.ts'
import type { InstallationShape, InstallationWrite } from '../firmware/installations/installations.ts'
import type { LicenseShape } from '../firmware/licenses/records.ts'
import type { PatchItemShape, VulnerabilityCountShape } from '../firmware/patches/routes.ts'
import type { TreatmentChange, TreatmentShape, TreatmentWrite } from '../firmware/treatments/treatments.ts'
import type { FirmwareDeadlines, ListedWorkItem } from '../firmware/work-list/routes.ts'
import type { ChangedMany, ChangeManyWrite } from '../inventory/changes/schemas.ts'
import type { CustomFieldPage } from '../inventory/custom-fields/schemas.ts'
import type { Document, DocumentPage } from '../inventory/documents/schemas.ts'
import type { Import, ListedImport } from '../inventory/imports/schemas.ts'
import type { Upload, UploadColumns } from '../inventory/imports/upload-schemas.ts'
import type { MappingShape, MappingWrite } from '../inventory/mappings/schemas.ts'
import type { ReviewPage } from '../inventory/reviews/schemas.ts'
import type { DeviceHistory, SitePage } from '../inventory/schemas.ts'
import type {
  Confirmation,
  GroupStatement,
  StatementEffect,
  StatementPage,
  StatementsMade,
  StatementWrite,
  Withdrawal,
} from '../inventory/statements/schemas.ts'
import type { Summary } from '../inventory/summary.ts'
import type { Job } from '../jobs/shapes.ts'
import type {
  Decision,
  DecisionWrite,
  EntryChange,
  ListLoad,
  ListVersion,
  OfficialList,
  Unmatched,
} from '../lists/schemas.ts'
import type { ConfirmedStatus, StatusConfirmed, StatusWrite } from '../lists/statuses/schemas.ts'
import type { Approval, ApprovalWrite } from '../planning/approvals/schemas.ts'
import type {
  Candidate,
  Comparison as CandidateComparison,
  CandidateWrite,
} from '../planning/candidates/schemas.ts'
import type { Catalog, CostQuote, QuoteWrite } from '../planning/costs/schemas.ts'
import type { Estimate, Schedule } from '../planning/documents.ts'
import type { FundingSource, FundingSourceWrite } from '../planning/funding/schemas.ts'
import type { ChartTable } from '../planning/outputs/routes.ts'
import type {
  ListedPlan,
  Plan,
  PlanChange,
  PlanCopy,
  PlanDevice,
  PlanDevicesChanged,
  PlanDevicesWrite,
  PlanWrite,
} from '../planning/plans/schemas.ts'
import type { WhatIf, WhatIfWrite } from '../planning/what-if/schemas.ts'
import type { Comparison as ScenarioComparison } from '../scenarios/routes.ts'
import type { ScenarioDocument, ScenarioSummary, ScenarioWrite } from '../scenarios/schemas.ts'
import type { Device, DevicePage } from '../screening/schemas.ts'
import type { AuditEvent } from '../tenancy/audit-routes.ts'
import type {
  Jurisdiction,
  JurisdictionChange,
  JurisdictionPage,
  JurisdictionWrite,
} from '../tenancy/jurisdictions.ts'
import type { CreatedKey, Key, KeyWrite } from '../tenancy/keys.ts'

interface PageOf<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}

type Of<Schema extends z.ZodType> = z.output<Schema>

/** What is sent: fields with a default may be left out. */
type Sent<Schema extends z.ZodType> = z.input<Schema>

export interface Gets {
  readonly '/v1/audit-events': PageOf<Of<typeof AuditEvent>>
  readonly '/v1/cost-catalog': Of<typeof Catalog>
  readonly '/v1/custom-fields': Of<typeof CustomFieldPage>
  readonly '/v1/devices': Of<typeof DevicePage>
  readonly '/v1/devices/{id}': Of<typeof Device>
  readonly '/v1/devices/{id}/history': Of<typeof DeviceHistory>
  readonly '/v1/documents': Of<typeof DocumentPage>
  readonly '/v1/firmware-installations': PageOf<Of<typeof InstallationShape>>
  readonly '/v1/firmware-risks': PageOf<Of<typeof ListedWorkItem>>
  readonly '/v1/firmware-risks/deadlines': Of<typeof FirmwareDeadlines>
  readonly '/v1/imports': PageOf<Of<typeof ListedImport>>
  readonly '/v1/imports/{id}': Import
  readonly '/v1/funding-sources': PageOf<FundingSource>
  readonly '/v1/jobs/{id}': Job
  readonly '/v1/jurisdictions': Of<typeof JurisdictionPage>
  readonly '/v1/jurisdictions/{id}': Jurisdiction
  readonly '/v1/keys': PageOf<Key>
  readonly '/v1/keys/{id}': Key
  readonly '/v1/licenses': PageOf<Of<typeof LicenseShape>>
  readonly '/v1/licenses/{id}': Of<typeof LicenseShape>
  readonly '/v1/listings': PageOf<Of<typeof Listing>>
  readonly '/v1/lists': PageOf<Of<typeof OfficialList>>
  readonly '/v1/lists/{id}/unmatched': PageOf<Of<typeof Unmatched>>
  readonly '/v1/lists/{id}/versions': PageOf<Of<typeof ListVersion>>
  readonly '/v1/lists/{id}/versions/{range}': PageOf<Of<typeof EntryChange>>
  readonly '/v1/manufacturers': PageOf<Of<typeof Manufacturer>>
  readonly '/v1/manufacturers/{id}': Of<typeof ManufacturerDetail>
  readonly '/v1/patch-answers': PageOf<Of<typeof PatchItemShape>>
  readonly '/v1/patch-answers/vulnerabilities': PageOf<Of<typeof VulnerabilityCountShape>>
  readonly '/v1/plans': PageOf<Of<typeof ListedPlan>>
  readonly '/v1/plans/{id}': Plan
  readonly '/v1/plans/{id}/candidates': Of<typeof CandidateComparison>
  readonly '/v1/plans/{id}/charts/{chart}': Of<typeof ChartTable>
  readonly '/v1/plans/{id}/devices': PageOf<PlanDevice>
  readonly '/v1/plans/{id}/estimate': Of<typeof Estimate>
  readonly '/v1/plans/{id}/schedule': Of<typeof Schedule>
  readonly '/v1/regimes': PageOf<Of<typeof Regime>>
  readonly '/v1/reviews': Of<typeof ReviewPage>
  readonly '/v1/regimes/{id}/statuses': PageOf<Of<typeof ConfirmedStatus>>
  readonly '/v1/regimes/{id}': Of<typeof RegimeDetail>
  readonly '/v1/risk-treatments': PageOf<Of<typeof TreatmentShape>>
  readonly '/v1/risk-treatments/{id}': Of<typeof TreatmentShape>
  readonly '/v1/scenarios': PageOf<Of<typeof ScenarioSummary>>
  readonly '/v1/scenarios/compare': Of<typeof ScenarioComparison>
  readonly '/v1/scenarios/{id}': ScenarioDocument
  readonly '/v1/sites': Of<typeof SitePage>
  readonly '/v1/statements': Of<typeof StatementPage>
  readonly '/v1/statements/{id}': Of<typeof StatementEffect>
  readonly '/v1/summary': Of<typeof Summary>
  readonly '/v1/uploads/{id}': Of<typeof Upload>
  readonly '/v1/uploads/{id}/columns': Of<typeof UploadColumns>
}

/** Calls that change something: what is sent, and what is answered. */
export interface Sends {
  readonly 'POST /v1/devices': { readonly body: DeviceWrite; readonly answer: Of<typeof Device> }
  readonly 'PATCH /v1/devices/{id}': { readonly body: DeviceChange; readonly answer: Of<typeof Device> }
  readonly 'POST /v1/devices/{id}/statements': {
    readonly body: Sent<typeof StatementWrite>
    readonly answer: Of<typeof StatementEffect>
  }
  readonly 'POST /v1/reviews/{id}/statements': {
    readonly body: Sent<typeof GroupStatement>
    readonly answer: Of<typeof StatementsMade>
  }
  readonly 'POST /v1/devices/changes': {
    readonly body: Sent<typeof ChangeManyWrite>
    readonly answer: Of<typeof ChangedMany>
  }
  readonly 'POST /v1/lists/{id}/versions': { readonly body: undefined; readonly answer: Of<typeof ListLoad> }
  readonly 'POST /v1/regimes/{id}/statuses': {
    readonly body: Sent<typeof StatusWrite>
    readonly answer: Of<typeof StatusConfirmed>
  }
  readonly 'POST /v1/lists/{id}/decisions': {
    readonly body: Sent<typeof DecisionWrite>
    readonly answer: Of<typeof Decision>
  }
  readonly 'POST /v1/devices/{id}/firmware-installations': {
    readonly body: Sent<typeof InstallationWrite>
    readonly answer: Of<typeof InstallationShape>
  }
  readonly 'POST /v1/risk-treatments': {
    readonly body: Sent<typeof TreatmentWrite>
    readonly answer: Of<typeof TreatmentShape>
  }
  readonly 'PATCH /v1/risk-treatments/{id}': {
    readonly body: Sent<typeof TreatmentChange>
    readonly answer: Of<typeof TreatmentShape>
  }
  readonly 'POST /v1/statements/{id}/confirmation': {
    readonly body: Sent<typeof Confirmation>
    readonly answer: Of<typeof StatementEffect>
  }
  readonly 'POST /v1/statements/{id}/withdrawal': {
    readonly body: Sent<typeof Withdrawal>
    readonly answer: Of<typeof StatementEffect>
  }
  readonly 'POST /v1/documents': { readonly body: undefined; readonly answer: Of<typeof Document> }
  readonly 'POST /v1/jurisdictions': { readonly body: JurisdictionWrite; readonly answer: Jurisdiction }
  readonly 'PATCH /v1/jurisdictions/{id}': {
    readonly body: Of<typeof JurisdictionChange>
    readonly answer: Jurisdiction
  }
  readonly 'POST /v1/keys': { readonly body: KeyWrite; readonly answer: Of<typeof CreatedKey> }
  readonly 'DELETE /v1/keys/{id}': { readonly body: undefined; readonly answer: Key }
  /** Asked for with `Prefer: respond-async`. */
  readonly 'POST /v1/import-mappings': {
    readonly body: Sent<typeof MappingWrite>
    readonly answer: Of<typeof MappingShape>
  }
  readonly 'POST /v1/imports': { readonly body: undefined; readonly answer: Job }
  readonly 'POST /v1/imports/{id}/undo': { readonly body: undefined; readonly answer: Import & Job }
  readonly 'POST /v1/jobs/{id}/cancel': { readonly body: undefined; readonly answer: Job }
  readonly 'POST /v1/uploads': { readonly body: undefined; readonly answer: Of<typeof Upload> }
  readonly 'POST /v1/cost-catalog/quotes': {
    readonly body: Sent<typeof QuoteWrite>
    readonly answer: CostQuote
  }
  readonly 'POST /v1/funding-sources': {
    readonly body: Sent<typeof FundingSourceWrite>
    readonly answer: FundingSource
  }
  readonly 'POST /v1/plans': { readonly body: Sent<typeof PlanWrite>; readonly answer: Plan }
  readonly 'PATCH /v1/plans/{id}': { readonly body: Sent<typeof PlanChange>; readonly answer: Plan }
  readonly 'POST /v1/plans/{id}/approvals': {
    readonly body: Sent<typeof ApprovalWrite>
    readonly answer: Approval
  }
  readonly 'POST /v1/plans/{id}/candidates': {
    readonly body: Sent<typeof CandidateWrite>
    readonly answer: Candidate
  }
  readonly 'POST /v1/plans/{id}/copies': { readonly body: Sent<typeof PlanCopy>; readonly answer: Plan }
  readonly 'POST /v1/plans/{id}/what-if': {
    readonly body: Sent<typeof WhatIfWrite>
    readonly answer: WhatIf
  }
  readonly 'DELETE /v1/plans/{id}/devices': { readonly body: undefined; readonly answer: { removed: number } }
  readonly 'POST /v1/plans/{id}/devices': {
    readonly body: Sent<typeof PlanDevicesWrite>
    readonly answer: Of<typeof PlanDevicesChanged>
  }
  /** Asked for as a job (`AS_JOB`). */
  readonly 'POST /v1/plans/{id}/estimate': { readonly body: object; readonly answer: Job }
  /** Asked for as a job (`AS_JOB`). */
  readonly 'POST /v1/plans/{id}/schedule': {
    readonly body: { readonly seconds: number }
    readonly answer: Job
  }
  /** Asked for as a job (`AS_JOB`). */
  readonly 'POST /v1/scenarios': { readonly body: Sent<typeof ScenarioWrite>; readonly answer: Job }
}
