# shellcheck shell=bash
# A private PostgreSQL for one test run: its own folder, a free port, gone afterwards.
# Source it after prelude.sh; call postgres_start, and postgres_stop from a trap.
#
# Durability is left on: Bulq refuses a server whose fsync is off, and so should its tests.

PG_HOME=''
PG_PORT=''

# Prints the folder that holds initdb, pg_ctl and postgres; fails if there is none.
postgres_bin() {
    local dir newest=''
    if [ -n "${BULQ_PG_BIN:-}" ]; then
        printf '%s\n' "$BULQ_PG_BIN"
        return
    fi
    for dir in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
        if [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ]; then newest="$newest$dir"$'\n'; fi
    done
    if [ -n "$newest" ]; then
        printf '%s' "$newest" | sort -V | tail -n 1
    elif have initdb && have postgres && have pg_ctl; then
        dirname "$(command -v initdb)"
    else
        return 1
    fi
}

# PostgreSQL refuses to run as root; then its files and processes belong to the user postgres (or nobody).
postgres_user() {
    if id -u postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}

as_postgres() {
    if ! is_root; then
        "$@"
    elif have runuser; then
        runuser -u "$(postgres_user)" -- "$@"
    else
        su -s /bin/sh "$(postgres_user)" -c "$(printf '%q ' "$@")"
    fi
}

# Below the range from which systems hand out ports by themselves.
postgres_free_port() {
    local port tries
    for tries in $(seq 50); do
        port=$((20000 + (RANDOM * 7 + tries) % 12000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
    return 1
}

# Starts the server and exports BULQ_TEST_POSTGRES_URL, a superuser's address on which tests create their databases.
postgres_start() {
    local bin log try
    bin=$(postgres_bin) || die "PostgreSQL's binaries are missing: scripts/setup test"
    PG_HOME=$(mktemp -d "${TMPDIR:-/tmp}/bulq-postgres.XXXXXX")
    log="$PG_HOME/server.log"
    if is_root; then chown "$(postgres_user)" "$PG_HOME"; fi

    say "PostgreSQL: making a cluster in $PG_HOME"
    (cd "$PG_HOME" && as_postgres "$bin/initdb" -D "$PG_HOME/data" -U postgres -A trust -E UTF8 --locale=C --no-sync) \
        >"$PG_HOME/initdb.log" 2>&1 || { cat "$PG_HOME/initdb.log" >&2; die "initdb failed"; }

    for try in 1 2 3 4 5; do
        PG_PORT=$(postgres_free_port) || die "no free port between 20000 and 32000"
        if (cd "$PG_HOME" && as_postgres "$bin/pg_ctl" -D "$PG_HOME/data" -l "$log" -w -t 60 -s start -o \
            "-p $PG_PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200 -c fsync=on -c synchronous_commit=on -c full_page_writes=on -c shared_buffers=64MB") </dev/null >/dev/null 2>&1; then
            export BULQ_TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:$PG_PORT/postgres"
            say "PostgreSQL: $("$bin/postgres" --version | cut -d' ' -f3) on port $PG_PORT, pid $(postgres_pid)"
            return
        fi
        say "PostgreSQL did not start on port $PG_PORT (attempt $try)"
    done
    cat "$log" >&2
    die "PostgreSQL did not start"
}

postgres_pid() {
    head -n 1 "$PG_HOME/data/postmaster.pid" 2>/dev/null
}

# Stops the server we started, by its pid, and removes its folder. Safe to call twice.
postgres_stop() {
    [ -n "$PG_HOME" ] || return 0
    local pid tick
    if pid=$(postgres_pid) && [ -n "$pid" ]; then
        kill -INT "$pid" 2>/dev/null || true # fast shutdown: roll back, disconnect, stop
        for tick in $(seq 100); do
            kill -0 "$pid" 2>/dev/null || break
            if [ "$tick" = 80 ]; then kill -QUIT "$pid" 2>/dev/null || true; fi
            sleep 0.1
        done
    fi
    rm -rf "$PG_HOME"
    PG_HOME=''
    say "PostgreSQL: stopped and removed"
}
