CREATE TABLE "list_checks" (
	"list_id" text PRIMARY KEY NOT NULL,
	"checked_at" timestamp with time zone NOT NULL,
	"outcome" text NOT NULL,
	"detail" text,
	"good_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "list_decisions" (
	"list_id" text NOT NULL,
	"key" text NOT NULL,
	"decided_at" timestamp with time zone NOT NULL,
	"manufacturer_id" text,
	"evidence" text NOT NULL,
	"decided_by" text NOT NULL,
	CONSTRAINT "list_decisions_list_id_key_decided_at_pk" PRIMARY KEY("list_id","key","decided_at")
);
--> statement-breakpoint
CREATE TABLE "list_entries" (
	"list_id" text NOT NULL,
	"key" text NOT NULL,
	"version_from" integer NOT NULL,
	"version_to" integer,
	"name" text NOT NULL,
	"doc" jsonb NOT NULL,
	"standing" text NOT NULL,
	"manufacturer_id" text,
	"regime_id" text,
	"why" text,
	CONSTRAINT "list_entries_list_id_key_version_from_pk" PRIMARY KEY("list_id","key","version_from")
);
--> statement-breakpoint
CREATE TABLE "list_versions" (
	"list_id" text NOT NULL,
	"version" integer NOT NULL,
	"format" text NOT NULL,
	"published_on" date NOT NULL,
	"loaded_at" timestamp with time zone NOT NULL,
	"file_sha256" char(64) NOT NULL,
	"knowledge_version" integer NOT NULL,
	"counts" jsonb NOT NULL,
	"loaded_by" text NOT NULL,
	"is_forced" boolean NOT NULL,
	CONSTRAINT "list_versions_list_id_version_pk" PRIMARY KEY("list_id","version")
);
--> statement-breakpoint
CREATE TABLE "reference_history" (
	"part" text NOT NULL,
	"id" text NOT NULL,
	"version_from" integer NOT NULL,
	"version_to" integer,
	"doc" jsonb NOT NULL,
	CONSTRAINT "reference_history_part_id_version_from_pk" PRIMARY KEY("part","id","version_from")
);
--> statement-breakpoint
CREATE TABLE "reference_patches" (
	"part" text NOT NULL,
	"id" text NOT NULL,
	"origin" text NOT NULL,
	"patch" jsonb NOT NULL,
	"changed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "reference_patches_part_id_pk" PRIMARY KEY("part","id")
);
--> statement-breakpoint
CREATE INDEX "list_entries_open_idx" ON "list_entries" USING btree ("list_id","key") WHERE version_to is null;--> statement-breakpoint
CREATE INDEX "list_entries_ended_idx" ON "list_entries" USING btree ("list_id","version_to");--> statement-breakpoint
CREATE INDEX "reference_history_open_idx" ON "reference_history" USING btree ("part","id") WHERE version_to is null;