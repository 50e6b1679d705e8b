ALTER TABLE "profiles" ADD COLUMN "firmware_patch" text;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "firmware_outlook" text;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "firmware_vulnerabilities" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
CREATE INDEX "profiles_vulnerabilities_idx" ON "profiles" USING gin ("firmware_vulnerabilities");--> statement-breakpoint
-- Every profile is evaluated again, so that it has the answer. Row security holds for the owner too, so that without
-- this nothing would be found to change.
ALTER TABLE "profiles" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "profiles" SET "firmware_version" = 0;--> statement-breakpoint
ALTER TABLE "profiles" FORCE ROW LEVEL SECURITY;
