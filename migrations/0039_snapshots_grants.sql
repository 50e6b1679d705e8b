-- What was frozen stays: nobody who serves requests may change or remove it. The private halves of keys are read by the operator's role alone.
ALTER TABLE "snapshots" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "snapshot_parts" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON "snapshots", "snapshot_parts", "signing_keys" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT, INSERT ON "snapshots", "snapshot_parts" TO svc_tenant, svc_operator;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "signing_keys" TO svc_operator;
