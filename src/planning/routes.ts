/** Replacement planning over HTTP. */
import type { App } from '../http/services.ts'
import { approvalRoutes } from './approvals/routes.ts'
import { candidateRoutes } from './candidates/routes.ts'
import { costRoutes } from './costs/routes.ts'
import { fundingRoutes } from './funding/routes.ts'
import { comparisonRoute } from './outputs/comparison-route.ts'
import { outputRoutes } from './outputs/routes.ts'
import { templateRoute } from './outputs/template/route.ts'
import { planDeviceRoutes } from './plans/device-routes.ts'
import { planRoutes } from './plans/routes.ts'
import { progressRoutes } from './progress/routes.ts'
import { runRoutes } from './runs/routes.ts'
import type { ComputingServices } from './runs/services.ts'
import { whatIfRoutes } from './what-if/routes.ts'

export function planningRoutes(app: App, services: ComputingServices): void {
  costRoutes(app, services)
  fundingRoutes(app, services)
  planRoutes(app, services)
  planDeviceRoutes(app, services)
  candidateRoutes(app, services)
  runRoutes(app, services)
  progressRoutes(app, services)
  outputRoutes(app, services)
  comparisonRoute(app, services)
  templateRoute(app, services)
  whatIfRoutes(app, services)
  approvalRoutes(app, services)
}
