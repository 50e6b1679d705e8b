ALTER TABLE "device_merges" ADD COLUMN "moved" jsonb;--> statement-breakpoint
GRANT DELETE ON "device_merges" TO svc_tenant;
