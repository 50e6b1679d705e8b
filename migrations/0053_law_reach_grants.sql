-- When the names and texts of each register were last read as a whole.
ALTER TABLE "register_readings" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON "register_readings" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "register_readings" TO svc_tenant;
