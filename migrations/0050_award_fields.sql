ALTER TABLE "devices" ADD COLUMN "award_number" text;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "assistance_listing" text;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "pass_through_entity" text;