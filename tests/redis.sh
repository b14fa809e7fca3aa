# Redis for tests: one server, a cluster, and one behind a Sentinel, on free ports of 127.0.0.1, stopped by process id.
# Sourced by tests/run and tests/bench. Each start_… exports the address that tests look for.

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# install_package COMMAND PACKAGE...: what the system lacks.
install_package() {
    command -v "$1" >/dev/null && return
    echo "installing ${*:2} …"
    as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${@:2}" >/dev/null
}

free_ports() { # N: different ones
    python3 - "$1" <<'PY'
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for one in sockets:
    one.bind(("127.0.0.1", 0))
print(*[one.getsockname()[1] for one in sockets])
PY
}

wait_for_port() { # PORT PID LOG
    for _ in $(seq 200); do
        python3 -c "import socket; socket.create_connection(('127.0.0.1', $1), 1)" 2>/dev/null && return
        kill -0 "$2" 2>/dev/null || break
        sleep 0.1
    done
    cat "$3" >&2
    return 1
}

redis_pids=()
stop_redis() {
    local pid
    for pid in "${redis_pids[@]}"; do kill "$pid" 2>/dev/null; done
    for pid in "${redis_pids[@]}"; do wait "$pid" 2>/dev/null; done
    redis_pids=()
    rm -rf "${redis_files:-}"
}
redis_files=$(mktemp -d)

# redis PORT [SETTING...]: one server; its files are gone with the test.
redis() {
    local port=$1 directory="$redis_files/redis-$1"
    mkdir -p "$directory"
    # Debian's configuration is not read: all is said here.
    redis-server --port "$port" --bind 127.0.0.1 --dir "$directory" --save '' --maxmemory-policy noeviction \
        "${@:2}" >"$directory/log" 2>&1 &
    redis_pids+=($!)
    wait_for_port "$port" $! "$directory/log"
}

install_redis() {
    install_package redis-server redis-server
    # The package starts a service of its own where there is an init system; it is not ours and is left alone.
    command -v redis-server >/dev/null && command -v redis-cli >/dev/null
}

# Processes whose clocks are wrong.
install_faketime() { install_package faketime faketime libfaketime; }

start_redis() {
    local port
    port=$(free_ports 1)
    redis "$port" || return 1
    export LORIKEET_TEST_REDIS="redis://127.0.0.1:$port"
}

# Three primaries that share the slots.
start_redis_cluster() {
    local ports port bus nodes=() urls=()
    read -ra ports < <(free_ports 6)
    for index in 0 1 2; do
        port=${ports[$index]} bus=${ports[$((index + 3))]}
        redis "$port" --cluster-enabled yes --cluster-port "$bus" --cluster-node-timeout 3000 || return 1
        nodes+=("127.0.0.1:$port")
    done
    redis-cli --cluster create "${nodes[@]}" --cluster-yes >"$redis_files/cluster.log" 2>&1 || { cat "$redis_files/cluster.log" >&2; return 1; }
    for port in "${ports[@]:0:3}"; do
        for _ in $(seq 100); do
            redis-cli -p "$port" cluster info | grep -q 'cluster_state:ok' && break
            sleep 0.1
        done
    done
    printf -v urls '%s,' "${nodes[@]}"
    export LORIKEET_TEST_REDIS_CLUSTER="redis+cluster://${urls%,}"
}

# A primary, its replica and a Sentinel that knows them.
start_redis_sentinel() {
    local primary replica sentinel directory="$redis_files/sentinel"
    read -r primary replica sentinel < <(free_ports 3)
    redis "$primary" || return 1
    redis "$replica" --replicaof 127.0.0.1 "$primary" || return 1
    mkdir -p "$directory"
    printf 'port %s\nbind 127.0.0.1\ndir %s\nsentinel monitor primary 127.0.0.1 %s 1\n' \
        "$sentinel" "$directory" "$primary" >"$directory/sentinel.conf"
    redis-server "$directory/sentinel.conf" --sentinel >"$directory/log" 2>&1 &
    redis_pids+=($!)
    wait_for_port "$sentinel" $! "$directory/log" || return 1
    export LORIKEET_TEST_REDIS_SENTINEL="redis+sentinel://127.0.0.1:$sentinel/primary"
}
