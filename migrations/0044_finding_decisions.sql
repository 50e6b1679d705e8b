CREATE TABLE "decided_findings" (
	"jurisdiction_id" uuid NOT NULL,
	"decision_id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"regime_id" text NOT NULL,
	"activity" text NOT NULL,
	"basis" jsonb NOT NULL,
	"replaced_at" timestamp with time zone,
	CONSTRAINT "decided_findings_pkey" PRIMARY KEY("jurisdiction_id","decision_id","device_id","regime_id","activity")
);
--> statement-breakpoint
ALTER TABLE "decided_findings" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "finding_decisions" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"state" text NOT NULL,
	"reason" text NOT NULL,
	"document_ids" uuid[] NOT NULL,
	"until" date,
	"decided_by" text NOT NULL,
	"key_id" uuid NOT NULL,
	"key_label" text NOT NULL,
	"findings" integer NOT NULL,
	"confirmed_at" timestamp with time zone,
	"confirmed_by" text,
	"confirmed_key_label" text,
	"withdrawn_at" timestamp with time zone,
	"withdrawn_by" text,
	"withdrawn_reason" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "finding_decisions_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "finding_decisions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "decided_findings" ADD CONSTRAINT "decided_findings_decision_fk" FOREIGN KEY ("jurisdiction_id","decision_id") REFERENCES "public"."finding_decisions"("jurisdiction_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "finding_decisions" ADD CONSTRAINT "finding_decisions_jurisdiction_fk" FOREIGN KEY ("jurisdiction_id") REFERENCES "public"."jurisdictions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "decided_findings_current_key" ON "decided_findings" USING btree ("jurisdiction_id","device_id","regime_id","activity") WHERE replaced_at is null;--> statement-breakpoint
CREATE INDEX "decided_findings_device_idx" ON "decided_findings" USING btree ("jurisdiction_id","device_id");--> statement-breakpoint
CREATE POLICY "decided_findings_read" ON "decided_findings" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "decided_findings_insert" ON "decided_findings" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "decided_findings_update" ON "decided_findings" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "decided_findings_delete" ON "decided_findings" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "finding_decisions_read" ON "finding_decisions" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "finding_decisions_insert" ON "finding_decisions" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "finding_decisions_update" ON "finding_decisions" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "finding_decisions_delete" ON "finding_decisions" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));