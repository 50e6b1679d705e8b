-- When an official list is fetched next: for the operator alone.
REVOKE ALL ON "list_fetches" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "list_fetches" TO svc_operator;
