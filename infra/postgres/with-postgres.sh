#!/bin/sh
# Runs a command with a PostgreSQL server of its own:
#   infra/postgres/with-postgres.sh npx vitest run
# The server lives in a temporary folder, listens on a Unix socket in it only, and is stopped when
# the command ends. DATABASE_URL_TEST tells the command where it is. Where PostgreSQL cannot be
# installed the command runs without it and the tests that need it say so; with CI=true that is an error.
set -eu

if [ "$#" -eq 0 ]; then
  echo "usage: $0 command [argument...]" >&2
  exit 2
fi

# A server that is there already is used as it is.
if [ -n "${DATABASE_URL_TEST:-}" ]; then
  exec "$@"
fi

find_programs() {
  for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -rn) \
    /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin; do
    if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
      echo "$folder"
      return
    fi
  done
  if command -v initdb >/dev/null 2>&1 && command -v pg_ctl >/dev/null 2>&1; then
    dirname "$(command -v initdb)"
  fi
}

install_debian() {
  command -v apt-get >/dev/null 2>&1 || return 1
  as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true >/dev/null 2>&1 || return 1
    as_root="sudo -n"
  fi
  echo "with-postgres: installing Debian's postgresql" >&2
  # Without this the package starts a server of its own.
  $as_root mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] ||
    echo "create_main_cluster = false" | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
  log=$(mktemp)
  install="$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql"
  if $install >"$log" 2>&1 || { $as_root apt-get update >>"$log" 2>&1 && $install >>"$log" 2>&1; }; then
    rm -f "$log"
    return 0
  fi
  tail -n 5 "$log" >&2
  rm -f "$log"
  return 1
}

programs=$(find_programs)
if [ -z "$programs" ] && install_debian; then
  programs=$(find_programs)
fi
if [ -z "$programs" ]; then
  if [ "${CI:-}" = "true" ]; then
    echo "with-postgres: PostgreSQL is not installed and could not be installed; in CI its tests must run" >&2
    exit 1
  fi
  echo "with-postgres: PostgreSQL is not installed and could not be installed; its tests are skipped" >&2
  exec "$@"
fi

# The server refuses to run as root.
user=$(id -un)
as_user=""
if [ "$(id -u)" -eq 0 ]; then
  user=postgres
  id -u "$user" >/dev/null 2>&1 || user=nobody
  if command -v runuser >/dev/null 2>&1; then
    as_user="runuser -u $user --"
  else
    as_user="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups --"
  fi
fi

# Short: a socket's path may have some 100 characters.
folder=$(mktemp -d /tmp/hearth-pg.XXXXXX)
command_pid=""

cleanup() {
  status=$?
  trap - EXIT INT TERM HUP
  if [ -n "$command_pid" ]; then
    kill -TERM "$command_pid" 2>/dev/null || true
    wait "$command_pid" 2>/dev/null || true
  fi
  if [ -s "$folder/cluster/postmaster.pid" ]; then
    $as_user "$programs/pg_ctl" -D "$folder/cluster" -m immediate -w -t 20 stop >/dev/null 2>&1 ||
      kill -KILL "$(head -n 1 "$folder/cluster/postmaster.pid")" 2>/dev/null || true
  fi
  rm -rf "$folder"
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

chmod 700 "$folder"
if [ -n "$as_user" ]; then chown "$user" "$folder"; fi
cd_back=$(pwd)
# The server's user may not be allowed to stand in the checkout.
cd /
# Only this folder's owner reaches the socket, so no password is needed; nothing here outlives the run, so no fsync.
$as_user "$programs/initdb" -D "$folder/cluster" -U hearth -A trust -E UTF8 --locale=C --no-sync >"$folder/initdb.log" 2>&1 || {
  cat "$folder/initdb.log" >&2
  exit 1
}
options="-k $folder -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"
$as_user "$programs/pg_ctl" -D "$folder/cluster" -l "$folder/server.log" -w -t 60 -o "$options" start >/dev/null || {
  cat "$folder/server.log" >&2
  exit 1
}
cd "$cd_back"

DATABASE_URL_TEST="postgres://hearth@localhost/postgres?host=$folder"
export DATABASE_URL_TEST
"$@" &
command_pid=$!
status=0
wait "$command_pid" || status=$?
command_pid=""
exit "$status"
