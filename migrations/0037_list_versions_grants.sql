-- Everybody may read which lists are in force; the operator role writes them. What is ended stays, so nothing may be
-- deleted but attempts that a later one replaces.
REVOKE ALL ON "list_versions", "list_entries", "list_checks", "list_decisions", "reference_patches", "reference_history" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT ON "list_versions", "list_entries", "list_checks", "list_decisions", "reference_patches", "reference_history" TO svc_tenant;--> statement-breakpoint
GRANT SELECT, INSERT ON "list_versions", "list_decisions" TO svc_operator;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "list_entries", "list_checks", "reference_patches", "reference_history" TO svc_operator;--> statement-breakpoint
-- What stands now was known at the latest version; of what stood before no rows were kept.
INSERT INTO "reference_history" ("part", "id", "version_from", "doc")
SELECT r.part, r.id, v.version, r.doc FROM (
  SELECT 'vendors' AS part, id, doc FROM "manufacturers"
  UNION ALL SELECT 'relationships', id, doc FROM "relationships"
  UNION ALL SELECT 'identifiers', id, doc FROM "identifiers"
  UNION ALL SELECT 'models', id, doc FROM "models"
  UNION ALL SELECT 'regimes', id, doc FROM "regimes"
  UNION ALL SELECT 'listings', id, doc FROM "listings"
  UNION ALL SELECT 'rules', id, doc FROM "rules"
) r CROSS JOIN (SELECT max(version) AS version FROM "knowledge_versions") v WHERE v.version IS NOT NULL;
