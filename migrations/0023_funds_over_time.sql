ALTER TABLE "funding_sources" ADD COLUMN "period_of" text DEFAULT 'work' NOT NULL;--> statement-breakpoint
ALTER TABLE "funding_sources" ADD COLUMN "share_of" text DEFAULT 'award' NOT NULL;--> statement-breakpoint
ALTER TABLE "funding_sources" ADD COLUMN "match_sources" uuid[];--> statement-breakpoint
ALTER TABLE "funding_sources" ADD COLUMN "carries_forward" boolean DEFAULT false NOT NULL;