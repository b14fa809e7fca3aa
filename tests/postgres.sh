# A PostgreSQL server of the tests' own, on a free port of 127.0.0.1; sourced by tests/run. start_postgres exports the
# address that tests look for, stop_postgres ends the server by its process id.

postgres_bin() { # the programs of the newest version
    local bin
    bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    [ -x "$bin/postgres" ] && [ -x "$bin/initdb" ] && echo "$bin"
}
install_postgres() {
    postgres_bin >/dev/null && command -v openssl >/dev/null && return
    echo "installing PostgreSQL …"
    # The package may start a cluster of its own; it is not used.
    as_root apt-get update -qq &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql openssl >/dev/null &&
        postgres_bin >/dev/null
}

postgres_process="" postgres_files=""
# The server refuses to run as root: then it runs as the user the package makes.
as_postgres() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi; }
start_postgres() {
    local bin port
    bin=$(postgres_bin) || return 1
    postgres_files=$(cd / && as_postgres mktemp -d /tmp/lorikeet-postgres.XXXXXX) || return 1
    port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    # shellcheck disable=SC2016 # for the inner shell
    (cd / && as_postgres bash -c 'echo of-the-tests >"$1/password" && "$2/initdb" --pgdata="$1/data" --username=postgres \
        --pwfile="$1/password" --auth=scram-sha-256 --encoding=UTF8 --no-locale --no-sync >"$1/initdb.log" 2>&1' \
        _ "$postgres_files" "$bin") || { cat "$postgres_files/initdb.log" >&2; return 1; }
    # exec: the process id is the server's.
    (cd / && if [ "$(id -u)" = 0 ]; then as="exec setpriv --reuid=postgres --regid=postgres --clear-groups"; else as=exec; fi
        $as "$bin/postgres" -D "$postgres_files/data" -c port="$port" -c listen_addresses=127.0.0.1 \
            -c unix_socket_directories= -c fsync=off -c max_connections=300 >"$postgres_files/log" 2>&1 </dev/null) &
    postgres_process=$!
    for _ in $(seq 100); do
        PGPASSWORD=of-the-tests "$bin/psql" -h 127.0.0.1 -p "$port" -U postgres -c 'SELECT 1' postgres >/dev/null 2>&1 && break
        kill -0 "$postgres_process" 2>/dev/null || { cat "$postgres_files/log" >&2; return 1; }
        sleep 0.1
    done
    export LORIKEET_TEST_POSTGRES="postgres://postgres:of-the-tests@127.0.0.1:$port/postgres"
}
stop_postgres() {
    # INT: at once, but in order.
    [ -n "$postgres_process" ] && kill -INT "$postgres_process" 2>/dev/null && wait "$postgres_process" 2>/dev/null
    [ -n "$postgres_files" ] && rm -rf "$postgres_files"
    postgres_process="" postgres_files=""
}
