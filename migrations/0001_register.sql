CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"prefix" text NOT NULL,
	"key_hash" char(64) NOT NULL,
	"label" text NOT NULL,
	"role" text NOT NULL,
	"jurisdiction_id" uuid,
	"scope" uuid[],
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_events" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"actor_role" text NOT NULL,
	"action" text NOT NULL,
	"target" text,
	"detail" jsonb NOT NULL,
	"request_id" text,
	"remote_address" text,
	CONSTRAINT "audit_events_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "audit_events" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "device_history" (
	"jurisdiction_id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"snapshot" json NOT NULL,
	"changed_fields" text[],
	"valid_from" timestamp with time zone NOT NULL,
	"valid_to" timestamp with time zone NOT NULL,
	"ended_by" text NOT NULL,
	"import_id" uuid,
	"request_id" text,
	CONSTRAINT "device_history_pkey" PRIMARY KEY("jurisdiction_id","device_id","version")
);
--> statement-breakpoint
ALTER TABLE "device_history" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "devices" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"site_id" uuid,
	"asset_tag" text,
	"serial_number" text,
	"name" text,
	"manufacturer" text,
	"model" text,
	"mac_address" text,
	"fcc_id" text,
	"firmware_version" text,
	"device_class" text,
	"has_radio" boolean,
	"status" text NOT NULL,
	"purpose" text,
	"enforcement_use" boolean,
	"acquired_on" date,
	"obligated_on" date,
	"paid_on" date,
	"installed_on" date,
	"produced_on" date,
	"funding_source" text,
	"federal_pass_through" boolean,
	"acquisition_cost_cents" bigint,
	"currency" char(3),
	"latitude" double precision,
	"longitude" double precision,
	"update_channel" text,
	"network_exposure" text,
	"paid_support" boolean,
	"firmware_obtained_on" date,
	"department" text,
	"notes" text,
	"profile_id" uuid NOT NULL,
	"import_key" text,
	"import_source" text,
	"import_id" uuid,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "devices_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "devices" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"jurisdiction_id" uuid NOT NULL,
	"key_id" uuid NOT NULL,
	"idempotency_key" text NOT NULL,
	"request_digest" char(64) NOT NULL,
	"status" integer,
	"location" text,
	"body" jsonb,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY("jurisdiction_id","key_id","idempotency_key")
);
--> statement-breakpoint
ALTER TABLE "idempotency_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "identifiers" (
	"id" text PRIMARY KEY NOT NULL,
	"manufacturer_id" text NOT NULL,
	"kind" text NOT NULL,
	"confidence" text NOT NULL,
	"doc" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "import_rejects" (
	"jurisdiction_id" uuid NOT NULL,
	"import_id" uuid NOT NULL,
	"row" integer NOT NULL,
	"cells" jsonb NOT NULL,
	"errors" jsonb NOT NULL,
	CONSTRAINT "import_rejects_pkey" PRIMARY KEY("jurisdiction_id","import_id","row")
);
--> statement-breakpoint
ALTER TABLE "import_rejects" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "imports" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"source" text NOT NULL,
	"file_name" text,
	"digest" char(64) NOT NULL,
	"bytes" bigint NOT NULL,
	"report" jsonb NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "imports_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "imports" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "jurisdictions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"state" char(2),
	"country" char(2) NOT NULL,
	"kind" text NOT NULL,
	"federal_contractor" boolean,
	"sells_to_federal" boolean,
	"fiscal_year_start_month" smallint NOT NULL,
	"timezone" text NOT NULL,
	"currency" char(3) NOT NULL,
	"population" integer,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "jurisdictions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "knowledge_versions" (
	"version" integer PRIMARY KEY NOT NULL,
	"digest" char(64) NOT NULL,
	"loaded_at" timestamp with time zone NOT NULL,
	"changes" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "listings" (
	"id" text PRIMARY KEY NOT NULL,
	"regime_id" text NOT NULL,
	"manufacturer_id" text,
	"listed_from" date,
	"listed_to" date,
	"doc" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "manufacturers" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"country" text,
	"doc" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "models" (
	"id" text PRIMARY KEY NOT NULL,
	"manufacturer_id" text NOT NULL,
	"model" text NOT NULL,
	"device_class" text,
	"doc" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "profile_findings" (
	"jurisdiction_id" uuid NOT NULL,
	"profile_id" uuid NOT NULL,
	"regime_id" text NOT NULL,
	"activity" text NOT NULL,
	"outcome" text NOT NULL,
	CONSTRAINT "profile_findings_pkey" PRIMARY KEY("jurisdiction_id","profile_id","regime_id","activity")
);
--> statement-breakpoint
ALTER TABLE "profile_findings" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "profiles" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"facts" jsonb NOT NULL,
	"identification" jsonb NOT NULL,
	"findings" text NOT NULL,
	"outcomes" jsonb NOT NULL,
	"headline" jsonb NOT NULL,
	"identification_status" text NOT NULL,
	"needs_review" boolean NOT NULL,
	"brand_id" text,
	"maker_id" text,
	"confidence" double precision NOT NULL,
	"knowledge_version" integer NOT NULL,
	"jurisdiction_version" integer NOT NULL,
	"as_of" date NOT NULL,
	"valid_until" date,
	"device_count" integer DEFAULT 0 NOT NULL,
	"evaluated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "profiles_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "profiles" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "regimes" (
	"id" text PRIMARY KEY NOT NULL,
	"title" text NOT NULL,
	"doc" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "relationships" (
	"id" text PRIMARY KEY NOT NULL,
	"child_id" text NOT NULL,
	"parent_id" text NOT NULL,
	"kind" text NOT NULL,
	"confidence" text NOT NULL,
	"doc" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rules" (
	"id" text PRIMARY KEY NOT NULL,
	"regime_id" text NOT NULL,
	"doc" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sites" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"address" text,
	"department" text,
	"latitude" double precision,
	"longitude" double precision,
	"notes" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "sites_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "sites" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_jurisdiction_id_jurisdictions_id_fk" FOREIGN KEY ("jurisdiction_id") REFERENCES "public"."jurisdictions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "devices" ADD CONSTRAINT "devices_site_fk" FOREIGN KEY ("jurisdiction_id","site_id") REFERENCES "public"."sites"("jurisdiction_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "devices" ADD CONSTRAINT "devices_profile_fk" FOREIGN KEY ("jurisdiction_id","profile_id") REFERENCES "public"."profiles"("jurisdiction_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identifiers" ADD CONSTRAINT "identifiers_manufacturer_id_manufacturers_id_fk" FOREIGN KEY ("manufacturer_id") REFERENCES "public"."manufacturers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "import_rejects" ADD CONSTRAINT "import_rejects_import_fk" FOREIGN KEY ("jurisdiction_id","import_id") REFERENCES "public"."imports"("jurisdiction_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "listings" ADD CONSTRAINT "listings_regime_id_regimes_id_fk" FOREIGN KEY ("regime_id") REFERENCES "public"."regimes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "listings" ADD CONSTRAINT "listings_manufacturer_id_manufacturers_id_fk" FOREIGN KEY ("manufacturer_id") REFERENCES "public"."manufacturers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "models" ADD CONSTRAINT "models_manufacturer_id_manufacturers_id_fk" FOREIGN KEY ("manufacturer_id") REFERENCES "public"."manufacturers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "profile_findings" ADD CONSTRAINT "profile_findings_profile_fk" FOREIGN KEY ("jurisdiction_id","profile_id") REFERENCES "public"."profiles"("jurisdiction_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "profiles" ADD CONSTRAINT "profiles_jurisdiction_fk" FOREIGN KEY ("jurisdiction_id") REFERENCES "public"."jurisdictions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "relationships" ADD CONSTRAINT "relationships_child_id_manufacturers_id_fk" FOREIGN KEY ("child_id") REFERENCES "public"."manufacturers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "relationships" ADD CONSTRAINT "relationships_parent_id_manufacturers_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."manufacturers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rules" ADD CONSTRAINT "rules_regime_id_regimes_id_fk" FOREIGN KEY ("regime_id") REFERENCES "public"."regimes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sites" ADD CONSTRAINT "sites_jurisdiction_fk" FOREIGN KEY ("jurisdiction_id") REFERENCES "public"."jurisdictions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_hash_key" ON "api_keys" USING btree ("key_hash");--> statement-breakpoint
CREATE INDEX "device_history_device_idx" ON "device_history" USING btree ("device_id");--> statement-breakpoint
CREATE INDEX "device_history_time_idx" ON "device_history" USING btree ("jurisdiction_id","valid_to");--> statement-breakpoint
CREATE UNIQUE INDEX "devices_asset_tag_key" ON "devices" USING btree ("jurisdiction_id","asset_tag");--> statement-breakpoint
CREATE UNIQUE INDEX "devices_import_key_key" ON "devices" USING btree ("jurisdiction_id","import_source","import_key") WHERE import_key is not null;--> statement-breakpoint
CREATE INDEX "devices_id_idx" ON "devices" USING btree ("id");--> statement-breakpoint
CREATE INDEX "devices_site_idx" ON "devices" USING btree ("jurisdiction_id","site_id");--> statement-breakpoint
CREATE INDEX "devices_profile_idx" ON "devices" USING btree ("jurisdiction_id","profile_id");--> statement-breakpoint
CREATE UNIQUE INDEX "jurisdictions_name_key" ON "jurisdictions" USING btree ("country",coalesce(state, ''),lower(name));--> statement-breakpoint
CREATE INDEX "listings_regime_idx" ON "listings" USING btree ("regime_id");--> statement-breakpoint
CREATE INDEX "listings_manufacturer_idx" ON "listings" USING btree ("manufacturer_id");--> statement-breakpoint
CREATE INDEX "manufacturers_name_idx" ON "manufacturers" USING btree (lower("name"));--> statement-breakpoint
CREATE INDEX "models_manufacturer_idx" ON "models" USING btree ("manufacturer_id","model");--> statement-breakpoint
CREATE INDEX "profile_findings_regime_idx" ON "profile_findings" USING btree ("jurisdiction_id","regime_id","activity","outcome");--> statement-breakpoint
CREATE INDEX "profiles_maker_idx" ON "profiles" USING btree ("jurisdiction_id","maker_id");--> statement-breakpoint
CREATE INDEX "profiles_stale_idx" ON "profiles" USING btree ("knowledge_version","valid_until");--> statement-breakpoint
CREATE INDEX "relationships_child_idx" ON "relationships" USING btree ("child_id");--> statement-breakpoint
CREATE INDEX "relationships_parent_idx" ON "relationships" USING btree ("parent_id");--> statement-breakpoint
CREATE UNIQUE INDEX "sites_name_key" ON "sites" USING btree ("jurisdiction_id",lower(name));--> statement-breakpoint
CREATE POLICY "audit_events_read" ON "audit_events" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING ((select current_setting('app.jurisdictions')) = '*' or jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]));--> statement-breakpoint
CREATE POLICY "audit_events_insert" ON "audit_events" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "audit_events_update" ON "audit_events" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "audit_events_delete" ON "audit_events" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "audit_events_operator" ON "audit_events" AS PERMISSIVE FOR ALL TO "svc_operator" USING (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid) WITH CHECK (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid);--> statement-breakpoint
CREATE POLICY "device_history_read" ON "device_history" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING ((select current_setting('app.jurisdictions')) = '*' or jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]));--> statement-breakpoint
CREATE POLICY "device_history_insert" ON "device_history" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "device_history_update" ON "device_history" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "device_history_delete" ON "device_history" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "devices_read" ON "devices" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING ((select current_setting('app.jurisdictions')) = '*' or jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]));--> statement-breakpoint
CREATE POLICY "devices_insert" ON "devices" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "devices_update" ON "devices" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "devices_delete" ON "devices" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "idempotency_keys_read" ON "idempotency_keys" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING ((select current_setting('app.jurisdictions')) = '*' or jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]));--> statement-breakpoint
CREATE POLICY "idempotency_keys_insert" ON "idempotency_keys" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "idempotency_keys_update" ON "idempotency_keys" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "idempotency_keys_delete" ON "idempotency_keys" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "idempotency_keys_operator" ON "idempotency_keys" AS PERMISSIVE FOR ALL TO "svc_operator" USING (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid) WITH CHECK (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid);--> statement-breakpoint
CREATE POLICY "import_rejects_read" ON "import_rejects" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING ((select current_setting('app.jurisdictions')) = '*' or jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]));--> statement-breakpoint
CREATE POLICY "import_rejects_insert" ON "import_rejects" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "import_rejects_update" ON "import_rejects" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "import_rejects_delete" ON "import_rejects" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "imports_read" ON "imports" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING ((select current_setting('app.jurisdictions')) = '*' or jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]));--> statement-breakpoint
CREATE POLICY "imports_insert" ON "imports" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "imports_update" ON "imports" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "imports_delete" ON "imports" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "jurisdictions_read" ON "jurisdictions" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING ((select current_setting('app.jurisdictions')) = '*' or id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]));--> statement-breakpoint
CREATE POLICY "jurisdictions_operator" ON "jurisdictions" AS PERMISSIVE FOR ALL TO "svc_operator" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "profile_findings_read" ON "profile_findings" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING ((select current_setting('app.jurisdictions')) = '*' or jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]));--> statement-breakpoint
CREATE POLICY "profile_findings_insert" ON "profile_findings" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "profile_findings_update" ON "profile_findings" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "profile_findings_delete" ON "profile_findings" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "profiles_read" ON "profiles" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING ((select current_setting('app.jurisdictions')) = '*' or jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]));--> statement-breakpoint
CREATE POLICY "profiles_insert" ON "profiles" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "profiles_update" ON "profiles" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "profiles_delete" ON "profiles" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "sites_read" ON "sites" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING ((select current_setting('app.jurisdictions')) = '*' or jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]));--> statement-breakpoint
CREATE POLICY "sites_insert" ON "sites" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "sites_update" ON "sites" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "sites_delete" ON "sites" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));