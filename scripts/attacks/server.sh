# shellcheck shell=bash disable=SC2034 # its variables are used by the scripts that read it
# A server of its own for a tool that attacks it, on a free port and in a temporary folder, without limits per minute.
# Read prelude.sh first.

SERVER_URL='' SERVER_WORK='' server_pid=''

server_start() { # arguments of serve…
    local bin="${BULQ_BIN:-$TARGET/debug/bulq}" port
    [ -n "${BULQ_BIN:-}" ] || cargo build -p bulq "${LOCKED[@]}" </dev/null
    SERVER_WORK=$(mktemp -d)
    trap server_end EXIT
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    SERVER_URL="http://127.0.0.1:$port"
    env -u DATABASE_URL -u REDIS_URL BULQ_RATE_LIMITS=off RUST_LOG="${RUST_LOG:-warn,actix_http=off}" NO_COLOR=1 \
        "$bin" serve --listen "127.0.0.1:$port" --data "$SERVER_WORK/data" "$@" >"$SERVER_WORK/server.log" 2>&1 &
    server_pid=$!
    for _ in $(seq 150); do
        if python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1])' "$SERVER_URL/readyz" 2>>"$SERVER_WORK/waiting.log"; then
            return
        fi
        sleep 0.2
    done
    cat "$SERVER_WORK/server.log" >&2
    die "the server does not answer"
}

# What the server logged as an error is a finding, whatever the tool thinks.
server_stop() {
    kill -TERM "$server_pid"
    wait "$server_pid" || die "the server did not end well on SIGTERM: $(tail -n 20 "$SERVER_WORK/server.log")"
    server_pid=''
    if grep -E 'ERROR|panicked' "$SERVER_WORK/server.log" >&2; then die "the server logged errors"; fi
}

# shellcheck disable=SC2329 # called by the trap
server_end() {
    if [ -n "$server_pid" ]; then
        kill "$server_pid" 2>/dev/null || true
        wait "$server_pid" 2>/dev/null || true
        grep -E 'ERROR|panicked' "$SERVER_WORK/server.log" >&2 || true
    fi
    rm -rf "$SERVER_WORK"
}
