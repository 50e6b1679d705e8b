-- Scenarios are computed once and never changed; whoever made one may take it away.
ALTER TABLE "scenarios" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON "scenarios" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON "scenarios" TO svc_tenant, svc_operator;
