-- What the rules say of a profile moves to answers, which profiles share.
ALTER TABLE "answers" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "answer_findings" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON "answers", "answer_findings" FROM PUBLIC;--> statement-breakpoint
-- An answer is found by what it says and never changed; FOR KEY SHARE needs UPDATE on some column.
GRANT SELECT, INSERT, UPDATE ("id"), DELETE ON "answers" TO svc_tenant;--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON "answer_findings" TO svc_tenant;--> statement-breakpoint
-- The owner is bound by the policies too, and has to see every city for this once.
ALTER TABLE "profiles" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "profile_findings" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "answers" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "answer_findings" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
INSERT INTO "answers" ("jurisdiction_id", "id", "findings", "outcomes")
  SELECT DISTINCT ON (1, 2) "jurisdiction_id", md5("findings" || ' ' || "outcomes"::text)::uuid, "findings", "outcomes" FROM "profiles";--> statement-breakpoint
UPDATE "profiles" SET "answer_id" = md5("findings" || ' ' || "outcomes"::text)::uuid;--> statement-breakpoint
INSERT INTO "answer_findings" ("jurisdiction_id", "answer_id", "regime_id", "activity", "outcome")
  SELECT DISTINCT ON (p."jurisdiction_id", p."answer_id", f."regime_id", f."activity")
    p."jurisdiction_id", p."answer_id", f."regime_id", f."activity", f."outcome"
  FROM "profiles" p JOIN "profile_findings" f ON f."jurisdiction_id" = p."jurisdiction_id" AND f."profile_id" = p."id";--> statement-breakpoint
ALTER TABLE "profiles" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "profile_findings" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "answers" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "answer_findings" FORCE ROW LEVEL SECURITY;
