-- Sessions belong to keys, not to a city: the operator's role alone sees them, as it alone sees keys.
REVOKE ALL ON "sessions" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "sessions" TO svc_operator;
