CREATE TABLE "advisories" (
	"feed" text NOT NULL,
	"document" text NOT NULL,
	"advisory_id" text NOT NULL,
	"makers" text[] NOT NULL,
	"is_known_exploited" boolean NOT NULL,
	"doc" jsonb NOT NULL,
	"import_version" integer NOT NULL,
	CONSTRAINT "advisories_pkey" PRIMARY KEY("advisory_id","feed","document")
);
--> statement-breakpoint
CREATE TABLE "advisory_feeds" (
	"feed" text PRIMARY KEY NOT NULL,
	"feed_version" text,
	"released_on" date,
	"statements" integer NOT NULL,
	"import_version" integer NOT NULL,
	"checked_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "firmware_changes" (
	"subject" text PRIMARY KEY NOT NULL,
	"version" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "firmware_own_changes" (
	"jurisdiction_id" uuid NOT NULL,
	"subject" text NOT NULL,
	"revision" integer NOT NULL,
	CONSTRAINT "firmware_own_changes_pkey" PRIMARY KEY("jurisdiction_id","subject")
);
--> statement-breakpoint
ALTER TABLE "firmware_own_changes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "firmware_reference" (
	"id" text PRIMARY KEY NOT NULL,
	"doc" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "firmware_releases" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"manufacturer_id" text NOT NULL,
	"firmware_version" text NOT NULL,
	"sha256" char(64),
	"obtained_on" date,
	"doc" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "firmware_releases_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "firmware_releases" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "firmware_versions" (
	"version" integer PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"feed" text,
	"changes" jsonb NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "firmware_weights" (
	"jurisdiction_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"doc" jsonb,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "firmware_weights_pkey" PRIMARY KEY("jurisdiction_id","number")
);
--> statement-breakpoint
ALTER TABLE "firmware_weights" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "licence_applications" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"regime_id" text NOT NULL,
	"status" text NOT NULL,
	"doc" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "licence_applications_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "licence_applications" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "licence_reminders" (
	"jurisdiction_id" uuid NOT NULL,
	"licence_id" uuid NOT NULL,
	"about" text NOT NULL,
	"date" date NOT NULL,
	"days_before" smallint NOT NULL,
	"send_on" date NOT NULL,
	"sent_at" timestamp with time zone,
	CONSTRAINT "licence_reminders_pkey" PRIMARY KEY("jurisdiction_id","licence_id","about","date","days_before")
);
--> statement-breakpoint
ALTER TABLE "licence_reminders" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "licences" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"regime_id" text NOT NULL,
	"number" text,
	"status" text NOT NULL,
	"ends_on" date,
	"doc" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "licences_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "licences" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "firmware_risk" text;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "firmware_level" text;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "firmware_score" smallint;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "firmware_band" text;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "firmware_urgency" text;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "firmware_queue" text;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "firmware_needs_review" boolean;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "firmware_cut_off_on" date;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "firmware_due_on" date;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "firmware_since" date;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "firmware_order" text;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "firmware_subjects" text[] DEFAULT '{all}' NOT NULL;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "firmware_version" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "firmware_revision" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "licence_reminders" ADD CONSTRAINT "licence_reminders_licence_fk" FOREIGN KEY ("jurisdiction_id","licence_id") REFERENCES "public"."licences"("jurisdiction_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "advisories_feed_idx" ON "advisories" USING btree ("feed");--> statement-breakpoint
CREATE INDEX "firmware_changes_version_idx" ON "firmware_changes" USING btree ("version");--> statement-breakpoint
CREATE UNIQUE INDEX "firmware_releases_sha256_key" ON "firmware_releases" USING btree ("jurisdiction_id","sha256");--> statement-breakpoint
CREATE INDEX "firmware_releases_maker_idx" ON "firmware_releases" USING btree ("jurisdiction_id","manufacturer_id");--> statement-breakpoint
CREATE INDEX "licence_reminders_due_idx" ON "licence_reminders" USING btree ("send_on") WHERE sent_at is null;--> statement-breakpoint
CREATE INDEX "profiles_work_idx" ON "profiles" USING btree (firmware_order collate "C","jurisdiction_id","id") WHERE firmware_queue <> 'none' and device_count > 0;--> statement-breakpoint
CREATE INDEX "profiles_city_work_idx" ON "profiles" USING btree ("jurisdiction_id",firmware_order collate "C","id") WHERE firmware_queue <> 'none' and device_count > 0;--> statement-breakpoint
CREATE POLICY "firmware_own_changes_read" ON "firmware_own_changes" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING ((select current_setting('app.jurisdictions')) = '*' or jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]));--> statement-breakpoint
CREATE POLICY "firmware_own_changes_insert" ON "firmware_own_changes" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "firmware_own_changes_update" ON "firmware_own_changes" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "firmware_own_changes_delete" ON "firmware_own_changes" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "firmware_releases_read" ON "firmware_releases" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING ((select current_setting('app.jurisdictions')) = '*' or jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]));--> statement-breakpoint
CREATE POLICY "firmware_releases_insert" ON "firmware_releases" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "firmware_releases_update" ON "firmware_releases" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "firmware_releases_delete" ON "firmware_releases" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "firmware_releases_operator" ON "firmware_releases" AS PERMISSIVE FOR ALL TO "svc_operator" USING (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid) WITH CHECK (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid);--> statement-breakpoint
CREATE POLICY "firmware_releases_shared" ON "firmware_releases" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid);--> statement-breakpoint
CREATE POLICY "firmware_weights_read" ON "firmware_weights" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING ((select current_setting('app.jurisdictions')) = '*' or jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]));--> statement-breakpoint
CREATE POLICY "firmware_weights_insert" ON "firmware_weights" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "firmware_weights_update" ON "firmware_weights" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "firmware_weights_delete" ON "firmware_weights" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "licence_applications_read" ON "licence_applications" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING ((select current_setting('app.jurisdictions')) = '*' or jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]));--> statement-breakpoint
CREATE POLICY "licence_applications_insert" ON "licence_applications" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "licence_applications_update" ON "licence_applications" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "licence_applications_delete" ON "licence_applications" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "licence_reminders_read" ON "licence_reminders" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING ((select current_setting('app.jurisdictions')) = '*' or jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]));--> statement-breakpoint
CREATE POLICY "licence_reminders_insert" ON "licence_reminders" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "licence_reminders_update" ON "licence_reminders" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "licence_reminders_delete" ON "licence_reminders" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "licence_reminders_operator" ON "licence_reminders" AS PERMISSIVE FOR ALL TO "svc_operator" USING (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid) WITH CHECK (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid);--> statement-breakpoint
CREATE POLICY "licence_reminders_shared" ON "licence_reminders" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid);--> statement-breakpoint
CREATE POLICY "licences_read" ON "licences" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING ((select current_setting('app.jurisdictions')) = '*' or jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]));--> statement-breakpoint
CREATE POLICY "licences_insert" ON "licences" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "licences_update" ON "licences" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "licences_delete" ON "licences" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "licences_operator" ON "licences" AS PERMISSIVE FOR ALL TO "svc_operator" USING (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid) WITH CHECK (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid);--> statement-breakpoint
CREATE POLICY "licences_shared" ON "licences" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid);