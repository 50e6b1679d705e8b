-- Names are spelled as American English has them, in tables and in what is stored as JSON.
-- A key or a value in quotes cannot stand within a text: quotes in a text are escaped.
ALTER TABLE "licences" RENAME TO "licenses";--> statement-breakpoint
ALTER TABLE "licence_reminders" RENAME TO "license_reminders";--> statement-breakpoint
ALTER TABLE "licence_applications" RENAME TO "license_applications";--> statement-breakpoint
ALTER TABLE "license_reminders" RENAME COLUMN "licence_id" TO "license_id";--> statement-breakpoint
ALTER TABLE "firmware_installations" RENAME COLUMN "licence_id" TO "license_id";--> statement-breakpoint
ALTER POLICY "licence_applications_delete" ON "license_applications" RENAME TO "license_applications_delete";--> statement-breakpoint
ALTER POLICY "licence_applications_insert" ON "license_applications" RENAME TO "license_applications_insert";--> statement-breakpoint
ALTER POLICY "licence_applications_read" ON "license_applications" RENAME TO "license_applications_read";--> statement-breakpoint
ALTER POLICY "licence_applications_update" ON "license_applications" RENAME TO "license_applications_update";--> statement-breakpoint
ALTER POLICY "licence_reminders_delete" ON "license_reminders" RENAME TO "license_reminders_delete";--> statement-breakpoint
ALTER POLICY "licence_reminders_insert" ON "license_reminders" RENAME TO "license_reminders_insert";--> statement-breakpoint
ALTER POLICY "licence_reminders_operator" ON "license_reminders" RENAME TO "license_reminders_operator";--> statement-breakpoint
ALTER POLICY "licence_reminders_read" ON "license_reminders" RENAME TO "license_reminders_read";--> statement-breakpoint
ALTER POLICY "licence_reminders_shared" ON "license_reminders" RENAME TO "license_reminders_shared";--> statement-breakpoint
ALTER POLICY "licence_reminders_update" ON "license_reminders" RENAME TO "license_reminders_update";--> statement-breakpoint
ALTER POLICY "licences_delete" ON "licenses" RENAME TO "licenses_delete";--> statement-breakpoint
ALTER POLICY "licences_insert" ON "licenses" RENAME TO "licenses_insert";--> statement-breakpoint
ALTER POLICY "licences_operator" ON "licenses" RENAME TO "licenses_operator";--> statement-breakpoint
ALTER POLICY "licences_read" ON "licenses" RENAME TO "licenses_read";--> statement-breakpoint
ALTER POLICY "licences_shared" ON "licenses" RENAME TO "licenses_shared";--> statement-breakpoint
ALTER POLICY "licences_update" ON "licenses" RENAME TO "licenses_update";--> statement-breakpoint
ALTER TABLE "licenses" RENAME CONSTRAINT "licences_pkey" TO "licenses_pkey";--> statement-breakpoint
ALTER TABLE "license_reminders" RENAME CONSTRAINT "licence_reminders_pkey" TO "license_reminders_pkey";--> statement-breakpoint
ALTER TABLE "license_applications" RENAME CONSTRAINT "licence_applications_pkey" TO "license_applications_pkey";--> statement-breakpoint
ALTER TABLE "license_reminders" RENAME CONSTRAINT "licence_reminders_licence_fk" TO "license_reminders_license_fk";--> statement-breakpoint
ALTER INDEX "licence_reminders_due_idx" RENAME TO "license_reminders_due_idx";--> statement-breakpoint
ALTER INDEX "firmware_installations_licence_idx" RENAME TO "firmware_installations_license_idx";--> statement-breakpoint
ALTER TABLE "licenses" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "licenses" SET "doc" = replace(replace("doc"::text, '"programme"', '"program"'), '"programmes"', '"programs"')::jsonb
  WHERE "doc"::text ~ '(programme|licence|labour|catalogue)';--> statement-breakpoint
ALTER TABLE "licenses" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "license_applications" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "license_applications" SET "doc" = replace(replace("doc"::text, '"programme"', '"program"'), '"programmes"', '"programs"')::jsonb
  WHERE "doc"::text ~ '(programme|licence|labour|catalogue)';--> statement-breakpoint
ALTER TABLE "license_applications" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "list_entries" SET "doc" = replace(replace("doc"::text, '"programme"', '"program"'), '"programmes"', '"programs"')::jsonb
  WHERE "doc"::text ~ '(programme|licence|labour|catalogue)';--> statement-breakpoint
UPDATE "reference_patches" SET "patch" = replace(replace("patch"::text, '"programme"', '"program"'), '"programmes"', '"programs"')::jsonb
  WHERE "patch"::text ~ '(programme|licence|labour|catalogue)';--> statement-breakpoint
UPDATE "reference_history" SET "doc" = replace(replace("doc"::text, '"programme"', '"program"'), '"programmes"', '"programs"')::jsonb
  WHERE "doc"::text ~ '(programme|licence|labour|catalogue)';--> statement-breakpoint
UPDATE "listings" SET "doc" = replace(replace("doc"::text, '"programme"', '"program"'), '"programmes"', '"programs"')::jsonb
  WHERE "doc"::text ~ '(programme|licence|labour|catalogue)';--> statement-breakpoint
UPDATE "firmware_reference" SET "doc" = replace(replace(replace("doc"::text, '"programme"', '"program"'), '"programmes"', '"programs"'), '"licenceEnds"', '"licenseEnds"')::jsonb
  WHERE "doc"::text ~ '(programme|licence|labour|catalogue)';--> statement-breakpoint
ALTER TABLE "firmware_weights" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "firmware_weights" SET "doc" = replace("doc"::text, '"licenceEnds"', '"licenseEnds"')::jsonb
  WHERE "doc"::text ~ '(programme|licence|labour|catalogue)';--> statement-breakpoint
ALTER TABLE "firmware_weights" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "plan_candidates" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "plan_candidates" SET "screening" = replace(replace(replace("screening"::text, '"licence"', '"license"'), '"programme"', '"program"'), '"programmes"', '"programs"')::jsonb
  WHERE "screening"::text ~ '(programme|licence|labour|catalogue)';--> statement-breakpoint
ALTER TABLE "plan_candidates" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "plans" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "plans" SET "settings" = replace(replace("settings"::text, '"new-licence"', '"new-license"'), '"move-licence"', '"move-license"')::jsonb
  WHERE "settings"::text ~ '(programme|licence|labour|catalogue)';--> statement-breakpoint
ALTER TABLE "plans" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "plan_revisions" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "plan_revisions" SET "settings" = replace(replace("settings"::text, '"new-licence"', '"new-license"'), '"move-licence"', '"move-license"')::jsonb
  WHERE "settings"::text ~ '(programme|licence|labour|catalogue)';--> statement-breakpoint
ALTER TABLE "plan_revisions" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "plan_estimates" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "plan_estimates" SET "document" = replace(replace(replace(replace(replace(replace(replace(replace("document"::text, '"new-licence"', '"new-license"'), '"move-licence"', '"move-license"'), '"labour"', '"labor"'), '"labour.install"', '"labor.install"'), '"labour.rate"', '"labor.rate"'), '"labour.hours"', '"labor.hours"'), '"catalogue"', '"catalog"'), '"catalogueVersion"', '"catalogVersion"')::json,
  "lines" = replace(replace(replace(replace(replace(replace(replace(replace("lines"::text, '"new-licence"', '"new-license"'), '"move-licence"', '"move-license"'), '"labour"', '"labor"'), '"labour.install"', '"labor.install"'), '"labour.rate"', '"labor.rate"'), '"labour.hours"', '"labor.hours"'), '"catalogue"', '"catalog"'), '"catalogueVersion"', '"catalogVersion"')::json
  WHERE "document"::text ~ '(programme|licence|labour|catalogue)' OR "lines"::text ~ '(programme|licence|labour|catalogue)';--> statement-breakpoint
ALTER TABLE "plan_estimates" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "plan_schedules" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "plan_schedules" SET "document" = replace(replace(replace(replace(replace(replace(replace(replace("document"::text, '"new-licence"', '"new-license"'), '"move-licence"', '"move-license"'), '"labour"', '"labor"'), '"labour.install"', '"labor.install"'), '"labour.rate"', '"labor.rate"'), '"labour.hours"', '"labor.hours"'), '"catalogue"', '"catalog"'), '"catalogueVersion"', '"catalogVersion"')::json,
  "lines" = replace(replace(replace(replace(replace(replace(replace(replace("lines"::text, '"new-licence"', '"new-license"'), '"move-licence"', '"move-license"'), '"labour"', '"labor"'), '"labour.install"', '"labor.install"'), '"labour.rate"', '"labor.rate"'), '"labour.hours"', '"labor.hours"'), '"catalogue"', '"catalog"'), '"catalogueVersion"', '"catalogVersion"')::json
  WHERE "document"::text ~ '(programme|licence|labour|catalogue)' OR "lines"::text ~ '(programme|licence|labour|catalogue)';--> statement-breakpoint
ALTER TABLE "plan_schedules" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "scenarios" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "scenarios" SET "document" = replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace("document"::text, '"programme"', '"program"'), '"programmes"', '"programs"'), '"licence"', '"license"'), '"new-licence"', '"new-license"'), '"move-licence"', '"move-license"'), '"labour"', '"labor"'), '"labour.install"', '"labor.install"'), '"labour.rate"', '"labor.rate"'), '"labour.hours"', '"labor.hours"'), '"catalogue"', '"catalog"'), '"catalogueVersion"', '"catalogVersion"'), '"licence-covers"', '"license-covers"'), '"licence-needed"', '"license-needed"'), '"no-licence-path"', '"no-license-path"'), '"licence-fails"', '"license-fails"'), '"apply-for-licence"', '"apply-for-license"'), '"licence-ends"', '"license-ends"')::json,
  "devices" = replace(replace(replace(replace(replace(replace(replace(replace(replace("devices"::text, '"programme"', '"program"'), '"programmes"', '"programs"'), '"licence"', '"license"'), '"licence-covers"', '"license-covers"'), '"licence-needed"', '"license-needed"'), '"no-licence-path"', '"no-license-path"'), '"licence-fails"', '"license-fails"'), '"apply-for-licence"', '"apply-for-license"'), '"licence-ends"', '"license-ends"')::json
  WHERE "document"::text ~ '(programme|licence|labour|catalogue)' OR "devices"::text ~ '(programme|licence|labour|catalogue)';--> statement-breakpoint
ALTER TABLE "scenarios" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "decided_findings" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "decided_findings" SET "basis" = replace(replace(replace("basis"::text, '"licence"', '"license"'), '"programme"', '"program"'), '"programmes"', '"programs"')::jsonb
  WHERE "basis"::text ~ '(programme|licence|labour|catalogue)';--> statement-breakpoint
ALTER TABLE "decided_findings" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "license_reminders" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "license_reminders" SET "about" = 'license-end' WHERE "about" = 'licence-end';--> statement-breakpoint
ALTER TABLE "license_reminders" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "plan_actuals" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "plan_actuals" SET "delay_reason" = 'labor' WHERE "delay_reason" = 'labour';--> statement-breakpoint
ALTER TABLE "plan_actuals" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "firmware_versions" SET "kind" = 'license' WHERE "kind" = 'licence';
