-- What operators confirmed about bodies of law: read by all, never changed.
REVOKE ALL ON "regime_statuses" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT ON "regime_statuses" TO svc_tenant;--> statement-breakpoint
GRANT SELECT, INSERT ON "regime_statuses" TO svc_operator;
