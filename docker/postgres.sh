#!/bin/sh
# PostgreSQL for docker/compose.yml: the same roles, database and safety as servers/postgres.py.
set -eu
home=$HULING_RUN_DIR/postgres
data=$home/data
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }
single() { echo "$1" | as_postgres "$bin/postgres" --single -D "$2" postgres >/dev/null; }

mkdir -p "$home/socket"
chown postgres:postgres "$home" "$home/socket"
if [ ! -e "$data/PG_VERSION" ]; then
    rm -rf "$data.part"
    as_postgres "$bin/initdb" -D "$data.part" --username=postgres --encoding=UTF8 \
        --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C \
        --auth-local=peer --auth-host=scram-sha-256 >/dev/null
    echo "host all all samehost scram-sha-256" >>"$data.part/pg_hba.conf"
    single "CREATE ROLE huling LOGIN CREATEDB;" "$data.part"
    single "CREATE DATABASE huling OWNER huling;" "$data.part"
    mv "$data.part" "$data"
fi
# The service reaches it by the address it knows itself by (acd.runtime.settings, local_host).
case $HULING_BIND in
    0.0.0.0 | 127.0.0.1) listen=127.0.0.1 ;;
    *) listen=127.0.0.1,$HULING_BIND ;;
esac
# The password may be a new one; a quote in it is doubled.
password=$(sed "s/'/''/g" "$HULING_RUN_DIR/postgres-password")
rm -f "$data/postmaster.pid" # of a container that was killed: its process is gone
single "ALTER ROLE huling PASSWORD '$password';" "$data"
exec setpriv --reuid=postgres --regid=postgres --init-groups "$bin/postgres" -D "$data" \
    -c "listen_addresses=$listen" -c "port=$HULING_POSTGRES_PORT" \
    -c "unix_socket_directories=$home/socket" -c max_connections=60 -c shared_buffers=128MB \
    -c timezone=UTC -c log_timezone=UTC
