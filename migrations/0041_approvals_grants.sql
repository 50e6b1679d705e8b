-- An approval is written once; of what is on record only that it no longer counts can be added.
ALTER TABLE "plan_approvals" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON "plan_approvals" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT, INSERT ON "plan_approvals" TO svc_tenant;--> statement-breakpoint
GRANT UPDATE ("withdrawn_at", "withdrawn_by", "withdrawn_reason") ON "plan_approvals" TO svc_tenant;
