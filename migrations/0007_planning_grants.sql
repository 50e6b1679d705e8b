-- Estimates, schedules, actuals, disposals and revisions are written once and never changed or taken back.
ALTER TABLE "cost_quotes" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "funding_sources" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "plans" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "plan_revisions" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "plan_candidates" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "plan_devices" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "plan_estimates" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "plan_schedules" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "plan_actuals" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "plan_disposals" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON "cost_quotes", "funding_sources", "plans", "plan_revisions", "plan_candidates", "plan_devices", "plan_estimates", "plan_schedules", "plan_actuals", "plan_disposals" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON "cost_quotes", "plan_candidates" TO svc_tenant;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "funding_sources", "plans", "plan_devices" TO svc_tenant;--> statement-breakpoint
GRANT SELECT, INSERT ON "plan_revisions", "plan_estimates", "plan_schedules", "plan_actuals", "plan_disposals" TO svc_tenant;
