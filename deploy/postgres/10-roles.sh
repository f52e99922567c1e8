#!/bin/bash
# Two roles and two databases, made once when the server's volume is new. Run again, it changes nothing but passwords:
#   docker-compose exec postgres bash /docker-entrypoint-initdb.d/10-roles.sh
#
# yardstick_owner   owns `yardstick` and `demo`: crawls write and migrate with it. No superuser.
# yardstick_reader  can only SELECT, in tables that are there and in those that migrations will add: the API's.
#
# OWNER_PASSWORD, READER_PASSWORD: from the environment, or from the file that NAME_FILE names.
set -e

secret() { # NAME, else the file of NAME_FILE
    local file="$1_FILE"
    if [ -n "${!1:-}" ]; then printf %s "${!1}"; elif [ -n "${!file:-}" ]; then cat "${!file}"; fi
}

run_sql() { psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname "$1"; }

OWNER_PASSWORD=$(secret OWNER_PASSWORD)
READER_PASSWORD=$(secret READER_PASSWORD)
export OWNER_PASSWORD READER_PASSWORD
if [ -z "$OWNER_PASSWORD" ] || [ -z "$READER_PASSWORD" ]; then
    echo "10-roles.sh: OWNER_PASSWORD and READER_PASSWORD must be set (or OWNER_PASSWORD_FILE and READER_PASSWORD_FILE)" >&2
    exit 1
fi

run_sql postgres <<'SQL'
\getenv owner_password OWNER_PASSWORD
\getenv reader_password READER_PASSWORD
SELECT format('CREATE ROLE %I LOGIN', role) FROM unnest(ARRAY['yardstick_owner', 'yardstick_reader']) role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
ALTER ROLE yardstick_owner PASSWORD :'owner_password';
ALTER ROLE yardstick_reader PASSWORD :'reader_password';
ALTER ROLE yardstick_reader SET default_transaction_read_only = on;
SELECT format('CREATE DATABASE %I OWNER yardstick_owner ENCODING ''UTF8'' TEMPLATE template0', name)
FROM unnest(ARRAY['yardstick', 'demo']) name
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec
SQL

run_sql postgres <<<'REVOKE ALL ON DATABASE postgres FROM PUBLIC'

for database in yardstick demo; do
    run_sql "$database" <<'SQL'
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO yardstick_reader', current_database()) \gexec
-- Large objects are the one thing that a role with no rights may write.
REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO yardstick_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO yardstick_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE yardstick_owner IN SCHEMA public GRANT SELECT ON TABLES TO yardstick_reader;
SQL
done
