#!/bin/sh
# Makes the database, the owner of its tables (camledger) and the login that the service works as (camledger_service),
# as far as they are not there yet, and sets their passwords. Run it as a superuser of PostgreSQL, as often as you like.
# Neither is a superuser, because row security does not hold for one, and neither can make roles, because the two that
# transactions take on are made here. The login owns nothing, so it cannot change or remove what it has written to the
# audit trail; NOINHERIT gives it no right at all outside of those two roles.
set -eu
psql -X -v ON_ERROR_STOP=1 -v owner_password="$CAMLEDGER_OWNER_PASSWORD" -v password="$CAMLEDGER_DB_PASSWORD" \
  -U "${POSTGRES_USER:-postgres}" -d postgres <<'SQL'
select format('create role %I nologin nosuperuser nobypassrls', name)
  from unnest(array['svc_tenant', 'svc_operator']) as name where not exists (select from pg_roles where rolname = name) \gexec
select format('create role %I login', name)
  from unnest(array['camledger', 'camledger_service']) as name where not exists (select from pg_roles where rolname = name) \gexec
alter role camledger nosuperuser nobypassrls nocreatedb nocreaterole password :'owner_password';
alter role camledger_service noinherit nosuperuser nobypassrls nocreatedb nocreaterole password :'password';
grant svc_tenant, svc_operator to camledger, camledger_service;
select 'create database camledger owner camledger' where not exists (select from pg_database where datname = 'camledger') \gexec
revoke connect on database camledger from public;
grant connect on database camledger to camledger_service;
SQL
