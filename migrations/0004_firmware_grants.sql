ALTER TABLE "firmware_own_changes" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "firmware_releases" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "licences" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "licence_reminders" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "licence_applications" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "firmware_weights" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
GRANT SELECT ON "firmware_versions", "firmware_changes", "firmware_reference", "advisories", "advisory_feeds" TO svc_tenant;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "firmware_versions", "firmware_changes", "firmware_reference", "advisories", "advisory_feeds" TO svc_operator;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "firmware_releases", "licences", "licence_reminders" TO svc_tenant, svc_operator;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "licence_applications" TO svc_tenant;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "firmware_own_changes" TO svc_tenant;--> statement-breakpoint
-- Weights that were once in force are part of the record.
GRANT SELECT, INSERT ON "firmware_weights" TO svc_tenant;
