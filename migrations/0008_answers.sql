CREATE TABLE "answer_findings" (
	"jurisdiction_id" uuid NOT NULL,
	"answer_id" uuid NOT NULL,
	"regime_id" text NOT NULL,
	"activity" text NOT NULL,
	"outcome" text NOT NULL,
	CONSTRAINT "answer_findings_pkey" PRIMARY KEY("jurisdiction_id","answer_id","regime_id","activity")
);
--> statement-breakpoint
ALTER TABLE "answer_findings" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "answers" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"findings" text NOT NULL,
	"outcomes" jsonb NOT NULL,
	CONSTRAINT "answers_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "answers" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "answer_id" uuid;--> statement-breakpoint
ALTER TABLE "answer_findings" ADD CONSTRAINT "answer_findings_answer_fk" FOREIGN KEY ("jurisdiction_id","answer_id") REFERENCES "public"."answers"("jurisdiction_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "answers" ADD CONSTRAINT "answers_jurisdiction_fk" FOREIGN KEY ("jurisdiction_id") REFERENCES "public"."jurisdictions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "answer_findings_regime_idx" ON "answer_findings" USING btree ("jurisdiction_id","regime_id","activity","outcome");--> statement-breakpoint
ALTER TABLE "profiles" ADD CONSTRAINT "profiles_answer_fk" FOREIGN KEY ("jurisdiction_id","answer_id") REFERENCES "public"."answers"("jurisdiction_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "profiles_answer_idx" ON "profiles" USING btree ("jurisdiction_id","answer_id");--> statement-breakpoint
CREATE POLICY "answer_findings_read" ON "answer_findings" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "answer_findings_insert" ON "answer_findings" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "answer_findings_update" ON "answer_findings" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "answer_findings_delete" ON "answer_findings" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "answers_read" ON "answers" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "answers_insert" ON "answers" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "answers_update" ON "answers" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "answers_delete" ON "answers" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));