-- Row security holds for the owner too, so that without this nothing would be found to change.
ALTER TABLE "idempotency_keys" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "idempotency_keys" SET "headers" = jsonb_build_object('location', "location") WHERE "location" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "idempotency_keys" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "idempotency_keys" DROP COLUMN "location";
