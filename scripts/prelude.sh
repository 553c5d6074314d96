# shellcheck shell=bash disable=SC2034 # its variables are used by the scripts that read it
# What every script begins with: strict mode, the root of the tree, and how to say things.
#
#   . "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

set -euo pipefail

if [ "${BASH_VERSINFO[0]}${BASH_VERSINFO[1]}" -lt 44 ]; then
    echo "!! bash $BASH_VERSION is too old, 4.4 is needed (macOS: brew install bash)" >&2
    exit 1
fi

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"

TARGET="${CARGO_TARGET_DIR:-$ROOT/target}"
TOOLS="$TARGET/tools"

# Tools we install ourselves; a newer one in PATH is used instead.
NEXTEST_VERSION=0.9.143
DENY_VERSION=0.20.2
DETECT_SECRETS_VERSION=1.5.0
SCHEMATHESIS_VERSION=4.32.5

export PATH="$TOOLS/bin:$PATH"

say() { printf '%s\n' "-- $*" >&2; }
die() { printf '%s\n' "!! $*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" = 0 ]; }
in_git() { git rev-parse --is-inside-work-tree >/dev/null 2>&1; }

# A person may be in the middle of changing a Cargo.toml; the machine that judges a commit may not.
LOCKED=()
if [ -n "${CI:-}" ]; then LOCKED=(--locked); fi

# Installs a cargo tool into target/tools. Lightly optimised: such a tool runs for seconds, so an hour of link-time
# optimisation would be paid for nothing.
cargo_tool() { # name version
    say "installing $1 $2 into ${TOOLS#"$ROOT"/} (once, takes some minutes)"
    CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        CARGO_PROFILE_RELEASE_DEBUG=false \
        env -u CARGO_TARGET_DIR cargo install --locked --quiet --root "$TOOLS" --version "$2" "$1" </dev/null
}

# Prints the files of the tree as the next commit would hold them, NUL between.
tree_files() {
    if in_git; then
        git ls-files -z --cached --others --exclude-standard
    else
        find . \( -path ./target -o -path ./data -o -path ./web/dist -o -name node_modules -o -name .git \) -prune -o \
            -type f -print0
    fi
}
