CREATE TABLE "register_readings" (
	"jurisdiction_id" uuid NOT NULL,
	"knowledge_version" integer NOT NULL,
	"late" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "register_readings_pkey" PRIMARY KEY("jurisdiction_id")
);
--> statement-breakpoint
ALTER TABLE "register_readings" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "knowledge_versions" ADD COLUMN "reaches" text[] DEFAULT '{all}' NOT NULL;--> statement-breakpoint
ALTER TABLE "register_readings" ADD CONSTRAINT "register_readings_jurisdiction_fk" FOREIGN KEY ("jurisdiction_id") REFERENCES "public"."jurisdictions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "register_readings_read" ON "register_readings" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "register_readings_insert" ON "register_readings" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "register_readings_update" ON "register_readings" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "register_readings_delete" ON "register_readings" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));