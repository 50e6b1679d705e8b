ALTER TABLE "profiles" ADD COLUMN "waits_for" text;--> statement-breakpoint
ALTER TABLE "profiles" ADD COLUMN "city_questions" text[] DEFAULT '{}' NOT NULL;