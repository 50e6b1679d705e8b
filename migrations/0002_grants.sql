-- Least privilege: what each role needs and nothing else. drizzle-kit emits neither GRANT nor FORCE.
-- FORCE makes the policies hold for the owner of the tables as well.
ALTER TABLE "sites" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "profiles" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "profile_findings" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "devices" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "device_history" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "imports" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "import_rejects" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "audit_events" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "idempotency_keys" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "jurisdictions" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO svc_tenant, svc_operator;--> statement-breakpoint
GRANT SELECT ON "jurisdictions" TO svc_tenant;--> statement-breakpoint
GRANT SELECT ON "knowledge_versions", "manufacturers", "relationships", "identifiers", "models", "regimes", "listings", "rules" TO svc_tenant;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "sites", "profiles", "profile_findings", "devices" TO svc_tenant;--> statement-breakpoint
-- History, imports and audit are written once and never changed or taken back.
GRANT UPDATE ("report", "digest", "bytes") ON "imports" TO svc_tenant;--> statement-breakpoint
GRANT SELECT, INSERT ON "device_history", "imports", "import_rejects", "audit_events" TO svc_tenant;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "idempotency_keys" TO svc_tenant, svc_operator;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "jurisdictions", "api_keys" TO svc_operator;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "knowledge_versions", "manufacturers", "relationships", "identifiers", "models", "regimes", "listings", "rules" TO svc_operator;--> statement-breakpoint
GRANT SELECT, INSERT ON "audit_events" TO svc_operator;
