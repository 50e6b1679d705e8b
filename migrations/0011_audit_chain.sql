CREATE TABLE "audit_chain" (
	"jurisdiction_id" uuid NOT NULL,
	"sequence" bigint NOT NULL,
	"event_id" uuid NOT NULL,
	"hash" char(64) NOT NULL,
	CONSTRAINT "audit_chain_pkey" PRIMARY KEY("jurisdiction_id","sequence")
);
--> statement-breakpoint
ALTER TABLE "audit_chain" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "audit_heads" (
	"jurisdiction_id" uuid NOT NULL,
	"sequence" bigint NOT NULL,
	"hash" char(64) NOT NULL,
	CONSTRAINT "audit_heads_pkey" PRIMARY KEY("jurisdiction_id")
);
--> statement-breakpoint
ALTER TABLE "audit_heads" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "actor_label" text;--> statement-breakpoint
CREATE UNIQUE INDEX "audit_chain_event_key" ON "audit_chain" USING btree ("jurisdiction_id","event_id");--> statement-breakpoint
CREATE POLICY "audit_chain_read" ON "audit_chain" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "audit_chain_insert" ON "audit_chain" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "audit_chain_update" ON "audit_chain" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "audit_chain_delete" ON "audit_chain" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "audit_chain_operator" ON "audit_chain" AS PERMISSIVE FOR ALL TO "svc_operator" USING (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid) WITH CHECK (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid);--> statement-breakpoint
CREATE POLICY "audit_heads_read" ON "audit_heads" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "audit_heads_insert" ON "audit_heads" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "audit_heads_update" ON "audit_heads" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "audit_heads_delete" ON "audit_heads" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "audit_heads_operator" ON "audit_heads" AS PERMISSIVE FOR ALL TO "svc_operator" USING (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid) WITH CHECK (jurisdiction_id = '00000000-0000-0000-0000-000000000000'::uuid);