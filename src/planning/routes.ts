/** Replacement planning over HTTP. */
import type { App } from '../http/services.ts'
import type { Services } from '../screening/services.ts'
import { candidateRoutes } from './candidates/candidates.ts'
import { costRoutes } from './costs/quotes.ts'
import { fundingRoutes } from './funding/sources.ts'
import { outputRoutes } from './outputs/routes.ts'
import { planRoutes } from './plans/routes.ts'
import { progressRoutes } from './progress/progress.ts'
import { runRoutes } from './runs/runs.ts'

export function planningRoutes(app: App, services: Services): void {
  costRoutes(app, services)
  fundingRoutes(app, services)
  planRoutes(app, services)
  candidateRoutes(app, services)
  runRoutes(app, services)
  progressRoutes(app, services)
  outputRoutes(app, services)
}
