ALTER TABLE "device_merges" ADD COLUMN "asset_tag" text;--> statement-breakpoint
ALTER TABLE "device_merges" ADD COLUMN "import_source" text;--> statement-breakpoint
ALTER TABLE "device_merges" ADD COLUMN "import_key" text;--> statement-breakpoint
CREATE INDEX "device_merges_tag_idx" ON "device_merges" USING btree ("jurisdiction_id",public.fold_key(asset_tag)) WHERE asset_tag is not null;--> statement-breakpoint
-- What was recorded of a device goes on with the one that it became part of.
GRANT UPDATE ("device_id") ON "firmware_installations", "plan_disposals" TO svc_tenant;
