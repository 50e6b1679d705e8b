CREATE TABLE "firmware_installations" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"licence_id" uuid,
	"installed_on" date NOT NULL,
	"kept_until" date,
	"doc" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "firmware_installations_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "firmware_installations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "risk_treatments" (
	"jurisdiction_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"device_ids" uuid[] NOT NULL,
	"site_ids" uuid[] NOT NULL,
	"expires_on" date NOT NULL,
	"ended_on" date,
	"doc" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "risk_treatments_pkey" PRIMARY KEY("jurisdiction_id","id")
);
--> statement-breakpoint
ALTER TABLE "risk_treatments" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE INDEX "firmware_installations_device_idx" ON "firmware_installations" USING btree ("jurisdiction_id","device_id");--> statement-breakpoint
CREATE INDEX "firmware_installations_licence_idx" ON "firmware_installations" USING btree ("licence_id");--> statement-breakpoint
CREATE INDEX "risk_treatments_expiry_idx" ON "risk_treatments" USING btree ("jurisdiction_id","expires_on");--> statement-breakpoint
CREATE POLICY "firmware_installations_read" ON "firmware_installations" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "firmware_installations_insert" ON "firmware_installations" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "firmware_installations_update" ON "firmware_installations" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "firmware_installations_delete" ON "firmware_installations" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "risk_treatments_read" ON "risk_treatments" AS PERMISSIVE FOR SELECT TO "svc_tenant" USING (case when (select current_setting('app.jurisdictions')) = '*' then true else jurisdiction_id = any ((select nullif(current_setting('app.jurisdictions'), '*'))::uuid[]) end);--> statement-breakpoint
CREATE POLICY "risk_treatments_insert" ON "risk_treatments" AS PERMISSIVE FOR INSERT TO "svc_tenant" WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "risk_treatments_update" ON "risk_treatments" AS PERMISSIVE FOR UPDATE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid)) WITH CHECK (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
CREATE POLICY "risk_treatments_delete" ON "risk_treatments" AS PERMISSIVE FOR DELETE TO "svc_tenant" USING (jurisdiction_id = (select current_setting('app.jurisdiction_id')::uuid));--> statement-breakpoint
-- An installation is written once; a treatment is changed and ended, never deleted.
ALTER TABLE "firmware_installations" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "risk_treatments" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON "firmware_installations", "risk_treatments" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON "firmware_installations" TO svc_tenant;--> statement-breakpoint
-- FOR UPDATE needs UPDATE on some column.
GRANT UPDATE ("id") ON "firmware_installations" TO svc_tenant;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "risk_treatments" TO svc_tenant;
