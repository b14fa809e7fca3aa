# A homeserver for tests: Synapse on a free port of 127.0.0.1, stopped by process id; and what people's client is made of.
# Sourced by tests/run, after redis.sh.

# What both are installed into.
matrix_venv="$PWD/tests/.work/matrix"

install_matrix() {
    local wanted=tests/matrix/requirements.txt
    if ! cmp -s $wanted "$matrix_venv/installed.txt"; then
        # The client's encryption is a C library, which Debian has.
        if ! [ -e /usr/include/olm/olm.h ] || ! command -v gcc >/dev/null; then
            as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive \
                apt-get install -y -qq build-essential libffi-dev libolm-dev python3-dev python3-venv >/dev/null || return 1
        fi
        echo "installing Synapse and matrix-nio …"
        rm -rf "$matrix_venv" && mkdir -p tests/.work && python3 -m venv "$matrix_venv" || return 1
        "$matrix_venv/bin/pip" install --quiet --disable-pip-version-check -r $wanted || return 1
        cp $wanted "$matrix_venv/installed.txt"
    fi
    export LORIKEET_MATRIX_VENV="$matrix_venv"
    [ -x "$matrix_venv/bin/python" ]
}

matrix_pid="" matrix_files=""
stop_matrix() {
    [ -n "$matrix_pid" ] && kill "$matrix_pid" 2>/dev/null && wait "$matrix_pid" 2>/dev/null
    matrix_pid=""
    rm -rf "${matrix_files:-}"
}

start_matrix() { # the one that tests share; who breaks things starts another
    local port
    port=$(free_ports 1)
    matrix_files=$(mktemp -d)
    "$matrix_venv/bin/python" tests/matrix/homeserver.py "$matrix_files" "$port" >"$matrix_files/log" 2>&1 &
    matrix_pid=$!
    wait_for_port "$port" "$matrix_pid" "$matrix_files/log" || return 1
    export LORIKEET_MATRIX_URL="http://127.0.0.1:$port"
}
