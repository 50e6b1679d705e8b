ALTER TABLE "devices" ADD COLUMN "covered_component" boolean;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "soc_maker" text;