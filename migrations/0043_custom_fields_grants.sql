-- Fields that cities add to their devices. None is deleted: values of past days are read by them.
ALTER TABLE "custom_fields" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON "custom_fields" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "custom_fields" TO svc_tenant;
