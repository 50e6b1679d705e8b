#!/bin/sh
# Makes the database and the service's own user, once, on an empty cluster. The user is no superuser, because
# row security does not hold for one, and cannot make roles, because the two it takes on are made here.
set -eu
psql -X -v ON_ERROR_STOP=1 -v password="$CAMLEDGER_DB_PASSWORD" -U "${POSTGRES_USER:-postgres}" -d postgres <<'SQL'
create role svc_tenant nologin nosuperuser nobypassrls;
create role svc_operator nologin nosuperuser nobypassrls;
create role camledger login nosuperuser nobypassrls nocreatedb nocreaterole password :'password';
grant svc_tenant, svc_operator to camledger;
create database camledger owner camledger;
revoke connect on database camledger from public;
SQL
