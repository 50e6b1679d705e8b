-- The chain is written by the owner's function alone: no role of the service may add, change or remove a link.
ALTER TABLE "audit_chain" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "audit_heads" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
REVOKE ALL ON "audit_chain", "audit_heads" FROM PUBLIC;--> statement-breakpoint
GRANT SELECT ON "audit_chain", "audit_heads" TO svc_tenant, svc_operator;--> statement-breakpoint
-- Row security binds the owner too; its function works on every chain.
CREATE POLICY "audit_chain_owner" ON "audit_chain" FOR ALL TO CURRENT_USER USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "audit_heads_owner" ON "audit_heads" FOR ALL TO CURRENT_USER USING (true) WITH CHECK (true);--> statement-breakpoint
-- A field of the text that is hashed: its length in bytes before it, so that no two entries have the same text.
CREATE FUNCTION "public"."audit_field"(value text) RETURNS text LANGUAGE sql STABLE
  AS $$ SELECT coalesce(octet_length(convert_to(value, 'UTF8')) || ':' || value, '-') || E'\n' $$;--> statement-breakpoint
-- What src/audit-chain.ts works out too when a chain is verified.
CREATE FUNCTION "public"."audit_hash"(previous text, sequence bigint, entry "public"."audit_events") RETURNS text LANGUAGE sql STABLE
  AS $$ SELECT encode(sha256(convert_to(
    E'camledger audit 1\n' || previous || E'\n' || sequence || E'\n'
    || public.audit_field(entry.jurisdiction_id::text)
    || public.audit_field(entry.id::text)
    || public.audit_field(to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    || public.audit_field(entry.actor)
    || public.audit_field(entry.actor_label)
    || public.audit_field(entry.actor_role)
    || public.audit_field(entry.action)
    || public.audit_field(entry.target)
    || public.audit_field(entry.detail::text)
    || public.audit_field(entry.request_id)
    || public.audit_field(entry.remote_address), 'UTF8')), 'hex') $$;--> statement-breakpoint
-- Adds an entry to its chain. The row of the head is what writers of one chain wait for.
CREATE FUNCTION "public"."audit_append"(entry "public"."audit_events") RETURNS void LANGUAGE plpgsql
  AS $$
DECLARE
  added public.audit_heads;
BEGIN
  LOOP
    UPDATE public.audit_heads h SET sequence = h.sequence + 1, hash = public.audit_hash(h.hash, h.sequence + 1, entry)
      WHERE h.jurisdiction_id = entry.jurisdiction_id RETURNING h.* INTO added;
    EXIT WHEN FOUND;
    INSERT INTO public.audit_heads (jurisdiction_id, sequence, hash) VALUES (entry.jurisdiction_id, 0, repeat('0', 64))
      ON CONFLICT DO NOTHING;
  END LOOP;
  INSERT INTO public.audit_chain (jurisdiction_id, sequence, event_id, hash)
    VALUES (added.jurisdiction_id, added.sequence, entry.id, added.hash);
END $$;--> statement-breakpoint
CREATE FUNCTION "public"."audit_append_new"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  PERFORM public.audit_append(NEW);
  RETURN NULL;
END $$;--> statement-breakpoint
REVOKE ALL ON FUNCTION "public"."audit_field"(text), "public"."audit_hash"(text, bigint, "public"."audit_events"), "public"."audit_append"("public"."audit_events"), "public"."audit_append_new"() FROM PUBLIC;--> statement-breakpoint
-- Entries of earlier versions, in the order of their ids, which are made of the time.
ALTER TABLE "audit_events" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
DO $$
DECLARE
  entry public.audit_events;
BEGIN
  FOR entry IN SELECT * FROM public.audit_events ORDER BY jurisdiction_id, id LOOP
    PERFORM public.audit_append(entry);
  END LOOP;
END $$;--> statement-breakpoint
ALTER TABLE "audit_events" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
-- At the commit, so that a long import does not make others wait for the chain while it works. What anybody else than
-- the service writes gets no place in the chain, and is found by `camledger audit verify`.
CREATE CONSTRAINT TRIGGER "audit_events_chain" AFTER INSERT ON "audit_events" DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (current_user IN ('svc_tenant', 'svc_operator')) EXECUTE FUNCTION "public"."audit_append_new"();--> statement-breakpoint
-- A login that owns nothing has to see whether the tables are those of its version.
GRANT USAGE ON SCHEMA "drizzle" TO svc_operator;--> statement-breakpoint
GRANT SELECT ON "drizzle"."__drizzle_migrations" TO svc_operator;--> statement-breakpoint
-- The default since PostgreSQL 15; a database that was made before has it otherwise.
REVOKE CREATE ON SCHEMA "public" FROM PUBLIC;
