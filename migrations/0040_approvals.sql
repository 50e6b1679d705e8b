CREATE TABLE "plan_approvals" (
	"jurisdiction_id" uuid NOT NULL,
	"plan_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"schedule_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"request_cents" bigint NOT NULL,
	"approved_by" text NOT NULL,
	"approved_on" date NOT NULL,
	"reference" text,
	"note" text,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	"withdrawn_at" timestamp with time zone,
	"withdrawn_by" text,
	"withdrawn_reason" text,
	CONSTRAINT "plan_approvals_pkey" PRIMARY KEY("jurisdiction_id","plan_id","id")
);
--> statement-breakpoint
ALTER TABLE "plan_approvals" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "plan_approvals" ADD CONSTRAINT "plan_approvals_plan_fk" FOREIGN KEY ("jurisdiction_id","plan_id") REFERENCES "public"."plans"("jurisdiction_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan_approvals" ADD CONSTRAINT "plan_approvals_schedule_fk" FOREIGN KEY ("jurisdiction_id","plan_id","schedule_id") REFERENCES "public"."plan_schedules"("jurisdiction_id","plan_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "plan_approvals_read" ON "plan_approvals" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "plan_approvals_insert" ON "plan_approvals" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_approvals_update" ON "plan_approvals" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_approvals_delete" ON "plan_approvals" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));