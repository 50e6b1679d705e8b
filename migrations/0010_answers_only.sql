ALTER TABLE "profile_findings" DISABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP POLICY "profile_findings_read" ON "profile_findings" CASCADE;--> statement-breakpoint
DROP POLICY "profile_findings_insert" ON "profile_findings" CASCADE;--> statement-breakpoint
DROP POLICY "profile_findings_update" ON "profile_findings" CASCADE;--> statement-breakpoint
DROP POLICY "profile_findings_delete" ON "profile_findings" CASCADE;--> statement-breakpoint
DROP TABLE "profile_findings" CASCADE;--> statement-breakpoint
ALTER TABLE "profiles" ALTER COLUMN "answer_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "profiles" DROP COLUMN "findings";--> statement-breakpoint
ALTER TABLE "profiles" DROP COLUMN "outcomes";