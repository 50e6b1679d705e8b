CREATE TABLE "custom_fields" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"label" text NOT NULL,
	"type" text NOT NULL,
	"choices" text[] NOT NULL,
	"description" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"removed_at" timestamp with time zone,
	CONSTRAINT "custom_fields_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "custom_fields" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "custom" jsonb;--> statement-breakpoint
ALTER TABLE "custom_fields" ADD CONSTRAINT "custom_fields_jurisdiction_fk" FOREIGN KEY ("jurisdiction_id") REFERENCES "public"."jurisdictions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "custom_fields_name_key" ON "custom_fields" USING btree ("jurisdiction_id","name") WHERE removed_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "custom_fields_label_key" ON "custom_fields" USING btree ("jurisdiction_id",lower(label)) WHERE removed_at is null;--> statement-breakpoint
CREATE POLICY "custom_fields_read" ON "custom_fields" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "custom_fields_insert" ON "custom_fields" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "custom_fields_update" ON "custom_fields" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "custom_fields_delete" ON "custom_fields" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));