CREATE TABLE "maker_statements" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"scope" text NOT NULL,
	"subject" text,
	"manufacturer" text,
	"model" text,
	"serial_number" text,
	"mac_address" text,
	"maker_id" text,
	"basis" text NOT NULL,
	"note" text,
	"stated_on" date NOT NULL,
	"stated_by" text NOT NULL,
	"spoken_for" text[] NOT NULL,
	"key_id" text NOT NULL,
	"key_label" text NOT NULL,
	"confirmed_at" timestamp with time zone,
	"confirmed_by" text,
	"confirmed_key_id" text,
	"confirmed_key_label" text,
	"withdrawn_at" timestamp with time zone,
	"withdrawn_by" text,
	"withdrawn_key_label" text,
	"withdrawn_reason" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "maker_statements_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "maker_statements" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "statements" jsonb;--> statement-breakpoint
ALTER TABLE "maker_statements" ADD CONSTRAINT "maker_statements_jurisdiction_fk" FOREIGN KEY ("jurisdiction_id") REFERENCES "public"."jurisdictions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "maker_statements_device_idx" ON "maker_statements" USING btree ("jurisdiction_id","device_id");--> statement-breakpoint
CREATE INDEX "maker_statements_subject_idx" ON "maker_statements" USING btree ("jurisdiction_id","subject") WHERE withdrawn_at is null and subject is not null;--> statement-breakpoint
CREATE POLICY "maker_statements_read" ON "maker_statements" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "maker_statements_insert" ON "maker_statements" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "maker_statements_update" ON "maker_statements" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "maker_statements_delete" ON "maker_statements" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
-- A statement is withdrawn, never deleted.
ALTER TABLE "maker_statements" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON "maker_statements" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "maker_statements" TO svc_tenant;
