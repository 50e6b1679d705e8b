-- Long work and its outcome: written by the service as it goes, forgotten a while after its end.
ALTER TABLE "jobs" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON "jobs" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "jobs" TO svc_tenant, svc_operator;
