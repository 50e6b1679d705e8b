CREATE TABLE "cost_quotes" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"basis" text NOT NULL,
	"currency" char(3) NOT NULL,
	"low" double precision NOT NULL,
	"expected" double precision NOT NULL,
	"high" double precision NOT NULL,
	"quoted_on" date NOT NULL,
	"valid_until" date,
	"source" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "cost_quotes_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "cost_quotes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "funding_sources" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"is_federal" boolean NOT NULL,
	"currency" char(3) NOT NULL,
	"priority" integer NOT NULL,
	"period_from" date,
	"period_to" date,
	"purposes" text[],
	"activities" text[],
	"cost_kinds" text[],
	"pays_betterment" boolean NOT NULL,
	"share_percent" double precision NOT NULL,
	"total_cap_cents" bigint,
	"year_caps" jsonb,
	"draw" text NOT NULL,
	"citation" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "funding_sources_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "funding_sources" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "plan_actuals" (
	"jurisdiction_id" uuid NOT NULL,
	"plan_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"occurred_on" date NOT NULL,
	"site_id" uuid,
	"funding_source_id" uuid,
	"amount_cents" bigint,
	"currency" char(3),
	"reference" text,
	"vendor" text,
	"delay_reason" text,
	"delay_days" integer,
	"devices_done" integer,
	"note" text,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "plan_actuals_pkey" PRIMARY KEY("jurisdiction_id","plan_id","id")
);
--> statement-breakpoint
ALTER TABLE "plan_actuals" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "plan_candidates" (
	"jurisdiction_id" uuid NOT NULL,
	"plan_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"offer" jsonb NOT NULL,
	"verdict" text NOT NULL,
	"screening" jsonb NOT NULL,
	"screened_on" date NOT NULL,
	"knowledge_version" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "plan_candidates_pkey" PRIMARY KEY("jurisdiction_id","plan_id","id")
);
--> statement-breakpoint
ALTER TABLE "plan_candidates" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "plan_devices" (
	"jurisdiction_id" uuid NOT NULL,
	"plan_id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"scope" text NOT NULL,
	"cost_code" text,
	"mount" text NOT NULL,
	"candidate_id" uuid,
	"legal_hold" boolean NOT NULL,
	"legal_hold_reason" text,
	"added_at" timestamp with time zone NOT NULL,
	CONSTRAINT "plan_devices_pkey" PRIMARY KEY("jurisdiction_id","plan_id","device_id")
);
--> statement-breakpoint
ALTER TABLE "plan_devices" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "plan_disposals" (
	"jurisdiction_id" uuid NOT NULL,
	"plan_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"device" jsonb NOT NULL,
	"method" text NOT NULL,
	"disposed_on" date NOT NULL,
	"party" text NOT NULL,
	"party_certification" text,
	"certificate" text,
	"witness" text,
	"keep_until" date NOT NULL,
	"note" text,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "plan_disposals_pkey" PRIMARY KEY("jurisdiction_id","plan_id","id")
);
--> statement-breakpoint
ALTER TABLE "plan_disposals" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "plan_estimates" (
	"jurisdiction_id" uuid NOT NULL,
	"plan_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"inputs_digest" char(64) NOT NULL,
	"document" json NOT NULL,
	"lines" json NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "plan_estimates_pkey" PRIMARY KEY("jurisdiction_id","plan_id","id")
);
--> statement-breakpoint
ALTER TABLE "plan_estimates" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "plan_revisions" (
	"jurisdiction_id" uuid NOT NULL,
	"plan_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"change" text NOT NULL,
	"settings" jsonb NOT NULL,
	"device_count" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "plan_revisions_pkey" PRIMARY KEY("jurisdiction_id","plan_id","revision")
);
--> statement-breakpoint
ALTER TABLE "plan_revisions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "plan_schedules" (
	"jurisdiction_id" uuid NOT NULL,
	"plan_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"estimate_id" uuid NOT NULL,
	"inputs_digest" char(64) NOT NULL,
	"document" json NOT NULL,
	"lines" json NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "plan_schedules_pkey" PRIMARY KEY("jurisdiction_id","plan_id","id")
);
--> statement-breakpoint
ALTER TABLE "plan_schedules" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "plans" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"project_number" text,
	"status" text NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"settings" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "plans_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "plans" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "cost_quotes" ADD CONSTRAINT "cost_quotes_jurisdiction_fk" FOREIGN KEY ("jurisdiction_id") REFERENCES "public"."jurisdictions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "funding_sources" ADD CONSTRAINT "funding_sources_jurisdiction_fk" FOREIGN KEY ("jurisdiction_id") REFERENCES "public"."jurisdictions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan_actuals" ADD CONSTRAINT "plan_actuals_plan_fk" FOREIGN KEY ("jurisdiction_id","plan_id") REFERENCES "public"."plans"("jurisdiction_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan_actuals" ADD CONSTRAINT "plan_actuals_site_fk" FOREIGN KEY ("jurisdiction_id","site_id") REFERENCES "public"."sites"("jurisdiction_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan_actuals" ADD CONSTRAINT "plan_actuals_funding_source_fk" FOREIGN KEY ("jurisdiction_id","funding_source_id") REFERENCES "public"."funding_sources"("jurisdiction_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan_candidates" ADD CONSTRAINT "plan_candidates_plan_fk" FOREIGN KEY ("jurisdiction_id","plan_id") REFERENCES "public"."plans"("jurisdiction_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan_devices" ADD CONSTRAINT "plan_devices_plan_fk" FOREIGN KEY ("jurisdiction_id","plan_id") REFERENCES "public"."plans"("jurisdiction_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan_devices" ADD CONSTRAINT "plan_devices_candidate_fk" FOREIGN KEY ("jurisdiction_id","plan_id","candidate_id") REFERENCES "public"."plan_candidates"("jurisdiction_id","plan_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan_disposals" ADD CONSTRAINT "plan_disposals_plan_fk" FOREIGN KEY ("jurisdiction_id","plan_id") REFERENCES "public"."plans"("jurisdiction_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan_estimates" ADD CONSTRAINT "plan_estimates_plan_fk" FOREIGN KEY ("jurisdiction_id","plan_id") REFERENCES "public"."plans"("jurisdiction_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan_revisions" ADD CONSTRAINT "plan_revisions_plan_fk" FOREIGN KEY ("jurisdiction_id","plan_id") REFERENCES "public"."plans"("jurisdiction_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan_schedules" ADD CONSTRAINT "plan_schedules_plan_fk" FOREIGN KEY ("jurisdiction_id","plan_id") REFERENCES "public"."plans"("jurisdiction_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan_schedules" ADD CONSTRAINT "plan_schedules_estimate_fk" FOREIGN KEY ("jurisdiction_id","plan_id","estimate_id") REFERENCES "public"."plan_estimates"("jurisdiction_id","plan_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plans" ADD CONSTRAINT "plans_jurisdiction_fk" FOREIGN KEY ("jurisdiction_id") REFERENCES "public"."jurisdictions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "cost_quotes_code_idx" ON "cost_quotes" USING btree ("jurisdiction_id","code");--> statement-breakpoint
CREATE UNIQUE INDEX "funding_sources_name_key" ON "funding_sources" USING btree ("jurisdiction_id",lower(name));--> statement-breakpoint
CREATE INDEX "funding_sources_id_idx" ON "funding_sources" USING btree ("id");--> statement-breakpoint
CREATE INDEX "plan_devices_device_idx" ON "plan_devices" USING btree ("jurisdiction_id","device_id");--> statement-breakpoint
CREATE UNIQUE INDEX "plan_disposals_device_key" ON "plan_disposals" USING btree ("jurisdiction_id","device_id");--> statement-breakpoint
CREATE INDEX "plan_estimates_digest_idx" ON "plan_estimates" USING btree ("jurisdiction_id","plan_id","inputs_digest");--> statement-breakpoint
CREATE UNIQUE INDEX "plans_name_key" ON "plans" USING btree ("jurisdiction_id",lower(name));--> statement-breakpoint
CREATE INDEX "plans_id_idx" ON "plans" USING btree ("id");--> statement-breakpoint
CREATE POLICY "cost_quotes_read" ON "cost_quotes" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "cost_quotes_insert" ON "cost_quotes" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "cost_quotes_update" ON "cost_quotes" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "cost_quotes_delete" ON "cost_quotes" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "funding_sources_read" ON "funding_sources" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "funding_sources_insert" ON "funding_sources" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "funding_sources_update" ON "funding_sources" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "funding_sources_delete" ON "funding_sources" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_actuals_read" ON "plan_actuals" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "plan_actuals_insert" ON "plan_actuals" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_actuals_update" ON "plan_actuals" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_actuals_delete" ON "plan_actuals" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_candidates_read" ON "plan_candidates" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "plan_candidates_insert" ON "plan_candidates" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_candidates_update" ON "plan_candidates" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_candidates_delete" ON "plan_candidates" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_devices_read" ON "plan_devices" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "plan_devices_insert" ON "plan_devices" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_devices_update" ON "plan_devices" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_devices_delete" ON "plan_devices" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_disposals_read" ON "plan_disposals" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "plan_disposals_insert" ON "plan_disposals" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_disposals_update" ON "plan_disposals" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_disposals_delete" ON "plan_disposals" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_estimates_read" ON "plan_estimates" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "plan_estimates_insert" ON "plan_estimates" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_estimates_update" ON "plan_estimates" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_estimates_delete" ON "plan_estimates" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_revisions_read" ON "plan_revisions" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "plan_revisions_insert" ON "plan_revisions" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_revisions_update" ON "plan_revisions" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_revisions_delete" ON "plan_revisions" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_schedules_read" ON "plan_schedules" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "plan_schedules_insert" ON "plan_schedules" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_schedules_update" ON "plan_schedules" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plan_schedules_delete" ON "plan_schedules" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plans_read" ON "plans" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "plans_insert" ON "plans" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plans_update" ON "plans" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "plans_delete" ON "plans" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));