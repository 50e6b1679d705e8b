CREATE TABLE "local_laws" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"state" char(2),
	"doc" jsonb NOT NULL,
	"recorded_at" timestamp with time zone NOT NULL,
	"recorded_by" text NOT NULL,
	"withdrawn_at" timestamp with time zone,
	"withdrawn_by" text,
	"withdrawn_because" text,
	"ends_on" date,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "local_laws_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "local_laws" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "jurisdictions_touch" ON "jurisdictions" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "local_laws_read" ON "local_laws" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "local_laws_insert" ON "local_laws" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "local_laws_update" ON "local_laws" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "local_laws_delete" ON "local_laws" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "local_laws_operator" ON "local_laws" AS PERMISSIVE FOR ALL TO "svc_operator" USING (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid) WITH CHECK (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid);--> statement-breakpoint
CREATE POLICY "local_laws_shared" ON "local_laws" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid);