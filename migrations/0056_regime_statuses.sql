CREATE TABLE "regime_statuses" (
	"regime_id" text NOT NULL,
	"recorded_at" timestamp with time zone NOT NULL,
	"status" text NOT NULL,
	"valid_from" date NOT NULL,
	"valid_to" date,
	"evidence" text NOT NULL,
	"recorded_by" text NOT NULL,
	CONSTRAINT "regime_statuses_regime_id_recorded_at_pk" PRIMARY KEY("regime_id","recorded_at")
);
