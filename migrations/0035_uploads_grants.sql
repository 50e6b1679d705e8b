-- Files that wait to be imported: kept for a day, then forgotten.
ALTER TABLE "uploads" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON "uploads" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "uploads" TO svc_tenant;
