#!/bin/bash
# A standby of the server PRIMARY_HOST: copies it once, then replays what it streams. For compose's profile `replica`.
#
# REPLICA_PASSWORD  of the role yardstick_replica (deploy/postgres/20-replication.sh makes it), or the file that
#                   REPLICA_PASSWORD_FILE names
# A standby that was away until the primary had thrown the log away is made anew: remove its volume.
set -eu

primary=${PRIMARY_HOST:-postgres}
home=/var/lib/postgresql/data
data=$home/standby
if [ -z "${REPLICA_PASSWORD:-}" ] && [ -n "${REPLICA_PASSWORD_FILE:-}" ]; then
    REPLICA_PASSWORD=$(cat "$REPLICA_PASSWORD_FILE")
fi
export PGPASSWORD=${REPLICA_PASSWORD:?REPLICA_PASSWORD or REPLICA_PASSWORD_FILE must be set}

as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }

mkdir -p "$home" /var/run/postgresql
chown postgres:postgres "$home" /var/run/postgresql
if [ ! -s "$data/PG_VERSION" ]; then
    until
        rm -rf "$home/copying"
        as_postgres pg_basebackup --host="$primary" --username=yardstick_replica --no-password \
            --pgdata="$home/copying" --wal-method=stream --checkpoint=fast --write-recovery-conf
    do
        echo "postgres-replica: $primary cannot be copied yet; again in 3 s" >&2
        sleep 3
    done
    mv "$home/copying" "$data" # all of it or nothing
fi
unset PGPASSWORD REPLICA_PASSWORD
# Long reads: the primary is told not to clean up what they still see.
exec setpriv --reuid=postgres --regid=postgres --clear-groups postgres -D "$data" -c "listen_addresses=*" \
    -c hot_standby_feedback=on -c max_standby_streaming_delay=120s "$@"
