CREATE TABLE "list_fetches" (
	"list_id" text PRIMARY KEY NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"failures" integer NOT NULL,
	"etag" text,
	"last_modified" text,
	"list_version" integer
);
