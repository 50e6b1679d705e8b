DROP INDEX "devices_recorder_idx";--> statement-breakpoint
DROP INDEX "device_merges_tag_idx";--> statement-breakpoint
DROP INDEX "devices_tag_match_idx";--> statement-breakpoint
DROP INDEX "devices_serial_match_idx";--> statement-breakpoint
DROP INDEX "devices_external_match_idx";--> statement-breakpoint
ALTER TABLE "device_merges" ADD COLUMN "asset_tag_folded" text GENERATED ALWAYS AS (public.fold_key(asset_tag)) STORED;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "asset_tag_folded" text GENERATED ALWAYS AS (public.fold_key(asset_tag)) STORED;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "serial_number_folded" text GENERATED ALWAYS AS (public.fold_key(serial_number)) STORED;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "external_id_folded" text GENERATED ALWAYS AS (public.fold_key(external_id)) STORED;--> statement-breakpoint
CREATE INDEX "device_merges_tag_idx" ON "device_merges" USING btree ("jurisdiction_id","asset_tag_folded") WHERE asset_tag_folded is not null;--> statement-breakpoint
CREATE INDEX "devices_tag_match_idx" ON "devices" USING btree ("jurisdiction_id","asset_tag_folded") WHERE asset_tag_folded is not null;--> statement-breakpoint
CREATE INDEX "devices_serial_match_idx" ON "devices" USING btree ("jurisdiction_id","serial_number_folded") WHERE serial_number_folded is not null;--> statement-breakpoint
CREATE INDEX "devices_external_match_idx" ON "devices" USING btree ("jurisdiction_id","external_id_folded") WHERE external_id_folded is not null;