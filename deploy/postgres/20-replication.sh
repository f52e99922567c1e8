#!/bin/bash
# Lets a standby copy this server and stream from it: role yardstick_replica, its line in pg_hba.conf, and log kept for a
# standby that was away for a while. Run once when the server's volume is new; run again, it changes nothing but the password:
#   docker-compose exec postgres bash /docker-entrypoint-initdb.d/20-replication.sh
#
# REPLICA_PASSWORD: from the environment, or from the file that REPLICA_PASSWORD_FILE names. Without it nothing is done.
set -e

if [ -z "${REPLICA_PASSWORD:-}" ] && [ -n "${REPLICA_PASSWORD_FILE:-}" ]; then
    REPLICA_PASSWORD=$(cat "$REPLICA_PASSWORD_FILE")
fi
if [ -n "${REPLICA_PASSWORD:-}" ]; then
    export REPLICA_PASSWORD
    line="host replication yardstick_replica all scram-sha-256"
    grep -qxF "$line" "$PGDATA/pg_hba.conf" || echo "$line" >>"$PGDATA/pg_hba.conf"
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv replica_password REPLICA_PASSWORD
SELECT 'CREATE ROLE yardstick_replica LOGIN REPLICATION'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'yardstick_replica') \gexec
ALTER ROLE yardstick_replica PASSWORD :'replica_password';
ALTER SYSTEM SET wal_keep_size = '1GB';
DO $$ BEGIN PERFORM pg_reload_conf(); END $$;
SQL
fi
