-- Decisions are confirmed, withdrawn or replaced, and never removed.
ALTER TABLE "finding_decisions" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "decided_findings" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON "finding_decisions", "decided_findings" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "finding_decisions", "decided_findings" TO svc_tenant;
