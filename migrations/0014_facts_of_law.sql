ALTER TABLE "devices" ADD COLUMN "fcc_subsidy" boolean;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "produced_in" char(2);--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "consumer_grade" boolean;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "model_authorized_on" date;--> statement-breakpoint
ALTER TABLE "jurisdictions" ADD COLUMN "defense_contract" boolean;--> statement-breakpoint
ALTER TABLE "jurisdictions" ADD COLUMN "receives_fcc_support" boolean;--> statement-breakpoint
ALTER TABLE "jurisdictions" ADD COLUMN "shares_bulk_data" boolean;