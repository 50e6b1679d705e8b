/** Replacement planning over HTTP. */
import type { App, Services } from '../services.ts'
import { candidateRoutes } from './candidates.ts'
import { outputRoutes } from './outputs.ts'
import { planRoutes } from './plan-routes.ts'
import { progressRoutes } from './progress.ts'
import { costRoutes } from './quotes.ts'
import { runRoutes } from './runs.ts'
import { fundingRoutes } from './sources.ts'

export function planningRoutes(app: App, services: Services): void {
  costRoutes(app, services)
  fundingRoutes(app, services)
  planRoutes(app, services)
  candidateRoutes(app, services)
  runRoutes(app, services)
  progressRoutes(app, services)
  outputRoutes(app, services)
}
