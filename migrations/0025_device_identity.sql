-- One form of letters, one case, one space: the same tag typed on two machines is one tag.
CREATE FUNCTION "public"."fold_key"(written text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT lower(regexp_replace(btrim(normalize(written, nfkc)), '\s+', ' ', 'g')) $$;--> statement-breakpoint
CREATE TABLE "device_merges" (
	"jurisdiction_id" uuid NOT NULL,
	"merged_id" uuid NOT NULL,
	"into_id" uuid NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "device_merges_pkey" PRIMARY KEY("jurisdiction_id","merged_id")
);
--> statement-breakpoint
ALTER TABLE "device_merges" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "device_history" ADD COLUMN "came_by" jsonb;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "external_id" text;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "ip_address" text;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "host_name" text;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "supplier" text;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "purchase_order" text;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "invoice" text;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "warranty_until" date;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "useful_life_years" integer;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "room" text;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "rack" text;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "recorder" text;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "recorder_channel" text;--> statement-breakpoint
ALTER TABLE "imports" ADD COLUMN "undone_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "imports" ADD COLUMN "undone_by" text;--> statement-breakpoint
ALTER TABLE "imports" ADD COLUMN "undone" jsonb;--> statement-breakpoint
CREATE INDEX "device_merges_into_idx" ON "device_merges" USING btree ("jurisdiction_id","into_id");--> statement-breakpoint
CREATE INDEX "devices_tag_match_idx" ON "devices" USING btree ("jurisdiction_id",public.fold_key(asset_tag)) WHERE asset_tag is not null;--> statement-breakpoint
CREATE INDEX "devices_serial_match_idx" ON "devices" USING btree ("jurisdiction_id",public.fold_key(serial_number)) WHERE serial_number is not null;--> statement-breakpoint
CREATE INDEX "devices_mac_match_idx" ON "devices" USING btree ("jurisdiction_id","mac_address") WHERE mac_address is not null;--> statement-breakpoint
CREATE INDEX "devices_external_match_idx" ON "devices" USING btree ("jurisdiction_id",public.fold_key(external_id)) WHERE external_id is not null;--> statement-breakpoint
CREATE INDEX "devices_recorder_idx" ON "devices" USING btree ("jurisdiction_id",public.fold_key(recorder)) WHERE recorder is not null;--> statement-breakpoint
CREATE POLICY "device_merges_read" ON "device_merges" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "device_merges_insert" ON "device_merges" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "device_merges_update" ON "device_merges" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "device_merges_delete" ON "device_merges" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
-- A merge is written once; that a device became part of another is not forgotten.
ALTER TABLE "device_merges" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON "device_merges" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ("into_id") ON "device_merges" TO svc_tenant;--> statement-breakpoint
GRANT UPDATE ("undone_at", "undone_by", "undone") ON "imports" TO svc_tenant;
