-- How lists of a city that come again are read.
ALTER TABLE "import_mappings" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON "import_mappings" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "import_mappings" TO svc_tenant;
