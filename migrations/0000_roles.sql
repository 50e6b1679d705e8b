-- Roles belong to the whole cluster, so a second database of the same cluster finds them there.
-- Neither is a superuser and neither can log in: the service's own user takes one on for each transaction.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'svc_tenant') THEN
    CREATE ROLE svc_tenant NOLOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
--> statement-breakpoint
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'svc_operator') THEN
    CREATE ROLE svc_operator NOLOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
--> statement-breakpoint
-- Since PostgreSQL 16 the creator of a role may not SET ROLE to it without an explicit grant.
DO $$
BEGIN
  IF NOT pg_has_role(current_user, 'svc_tenant', 'MEMBER') THEN
    EXECUTE format('GRANT svc_tenant TO %I', current_user);
  END IF;
  IF NOT pg_has_role(current_user, 'svc_operator', 'MEMBER') THEN
    EXECUTE format('GRANT svc_operator TO %I', current_user);
  END IF;
END $$;
