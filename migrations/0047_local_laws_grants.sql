-- Rules that a city made for itself, and those of a state for its cities (under the operator's id), which everybody may
-- read. They are ended, never deleted, and nothing of what was laid down is rewritten.
ALTER TABLE "local_laws" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON "local_laws" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT, INSERT ON "local_laws" TO svc_tenant, svc_operator;--> statement-breakpoint
GRANT UPDATE ("withdrawn_at", "withdrawn_by", "withdrawn_because", "ends_on", "version") ON "local_laws" TO svc_tenant, svc_operator;--> statement-breakpoint
-- A city's law counts the version of its jurisdiction up; it may write nothing else of it.
GRANT UPDATE ("version", "updated_at") ON "jurisdictions" TO svc_tenant;
