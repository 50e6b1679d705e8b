/** Every page, one line each, in the order of the navigation. */
import type { Page } from '../page.ts'
import { accountPage } from './account.tsx'
import { auditPage } from './audit.tsx'
import { citiesPage } from './cities.tsx'
import { devicePage } from './device.tsx'
import { deviceEditPage } from './device-edit.tsx'
import { deviceNewPage } from './device-new.tsx'
import { devicesPage } from './devices.tsx'
import { devicesChangePage } from './devices-change.tsx'
import { installationPage } from './firmware/installation-new.tsx'
import { licensePage, licensesPage } from './firmware/licenses.tsx'
import { patchAnswersPage, vulnerabilitiesPage } from './firmware/patch-answers.tsx'
import { newTreatmentPage, treatmentPage, treatmentsPage } from './firmware/treatments.tsx'
import { deadlinesPage, firmwareWorkPage } from './firmware/work-list.tsx'
import { fundingPage, newFundPage } from './funding.tsx'
import { importCheckPage } from './imports/check.tsx'
import { importColumnsPage } from './imports/columns.tsx'
import { importDonePage } from './imports/done.tsx'
import { importsPage } from './imports/list.tsx'
import { importNewPage } from './imports/new.tsx'
import { importUndoPage } from './imports/undo.tsx'
import { jobPage } from './job.tsx'
import { jurisdictionNewPage, jurisdictionPage } from './jurisdictions.tsx'
import { keyPage, keysPage } from './keys.tsx'
import { regimePage, regimesPage } from './law.tsx'
import { listsPage } from './lists/list.tsx'
import { listChangesPage, listPage } from './lists/one.tsx'
import { listUnmatchedPage } from './lists/unmatched.tsx'
import { manufacturerPage } from './manufacturer.tsx'
import { planPage, planWorkingPage } from './plan.tsx'
import { planDevicesPage } from './plan-devices.tsx'
import { planWhatIfPage } from './plan-what-if.tsx'
import { newPlanPage, plansPage } from './plans.tsx'
import { pricesPage, quotePage } from './prices.tsx'
import { reviewDevicePage } from './review/device.tsx'
import { reviewPage } from './review/list.tsx'
import { scenarioPage } from './scenario.tsx'
import { compareScenariosPage, newScenarioPage, scenariosPage, scenarioWorkingPage } from './scenarios.tsx'
import { searchPage } from './search.tsx'
import { statementPage, statementsPage } from './statements.tsx'
import { todayPage } from './today.tsx'

// biome-ignore format: one line a page
export const PAGES: readonly Page[] = [
  todayPage,
  devicesPage,
  deviceNewPage,
  devicesChangePage,
  devicePage,
  deviceEditPage,
  reviewPage,
  reviewDevicePage,
  statementsPage,
  statementPage,
  importsPage,
  importNewPage,
  importColumnsPage,
  importCheckPage,
  importDonePage,
  importUndoPage,
  jobPage,
  auditPage,
  patchAnswersPage,
  vulnerabilitiesPage,
  firmwareWorkPage,
  deadlinesPage,
  licensesPage,
  licensePage,
  installationPage,
  treatmentsPage,
  newTreatmentPage,
  treatmentPage,
  scenariosPage,
  newScenarioPage,
  compareScenariosPage,
  scenarioWorkingPage,
  scenarioPage,
  listsPage,
  listPage,
  listChangesPage,
  listUnmatchedPage,
  regimesPage,
  regimePage,
  manufacturerPage,
  plansPage,
  newPlanPage,
  planPage,
  planDevicesPage,
  planWhatIfPage,
  planWorkingPage,
  fundingPage,
  newFundPage,
  pricesPage,
  quotePage,
  citiesPage,
  keysPage,
  keyPage,
  jurisdictionNewPage,
  jurisdictionPage,
  searchPage,
  accountPage,
]
