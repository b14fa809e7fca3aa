# An S3-compatible store of the tests' own, on a free port of 127.0.0.1; sourced by tests/run. start_s3 exports the
# endpoint and credentials that tests look for, stop_s3 ends the store by its process id.

s3_programs=tests/.work/moto
install_s3() {
    [ -x "$s3_programs/bin/moto_server" ] && return
    echo "installing moto …"
    python3 -m venv "$s3_programs" && "$s3_programs/bin/pip" install --quiet 'moto[server]==5.2.5'
}

s3_process=""
start_s3() {
    local port
    port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$s3_programs/bin/moto_server" -H 127.0.0.1 -p "$port" >tests/.work/moto.log 2>&1 &
    s3_process=$!
    for _ in $(seq 300); do
        python3 -c "import socket; socket.create_connection(('127.0.0.1', $port), 1)" 2>/dev/null && break
        kill -0 "$s3_process" 2>/dev/null || { cat tests/.work/moto.log >&2; return 1; }
        sleep 0.1
    done
    export LORIKEET_TEST_S3="http://127.0.0.1:$port"
    # It takes any.
    export AWS_ACCESS_KEY_ID=tests AWS_SECRET_ACCESS_KEY=of-the-tests-only
}
stop_s3() {
    [ -n "$s3_process" ] && kill "$s3_process" 2>/dev/null && wait "$s3_process" 2>/dev/null
    s3_process=""
}
