# Sourced by the demo: the bank whose loans the sample reads. A PostgreSQL server of its own, reached by a Unix socket only,
# run by another user where the demo runs as root, with generated data that may be thrown away at any time.

# bank_start: starts the server, fills the table once, and sets `bank_dsn`.
bank_start() {
  bank=$(data_folder)/demo-bank
  bank_bin=$(postgres_bin)
  bank_user=$(server_account)

  bank_folder
  exec 7>"$bank/lock"
  flock -n 7 || die "another ./flow demo is running"
  bank_stop_server

  local version
  version=$("$bank_bin/postgres" --version | grep -oE '[0-9]+' | head -n 1)
  [ "$(cat "$bank/ready" 2>/dev/null)" = "$version" ] || bank_create
  # Short, whatever the data folder is called: the path of a socket is limited to 107 bytes.
  bank_socket=$(mktemp -d /tmp/flow-bank.XXXXXX)
  chown -- "$bank_user" "$bank_socket"
  as_bank "$bank_bin/pg_ctl" start -D "$bank/data" -w -t 60 -l "$bank/server.log" \
    -o "-c listen_addresses= -c unix_socket_directories=$bank_socket -c fsync=off" >/dev/null 2>&1 7>&- ||
    { tail -n 15 -- "$bank/server.log" >&2 && die "the bank's PostgreSQL does not start; its log is $bank/server.log"; }

  if [ ! -e "$bank/ready" ]; then
    as_bank "$bank_bin/createdb" -h "$bank_socket" -U bank credit_db
    printf '%s\n' "$version" >"$bank/ready"
  fi
  bank_dsn="postgresql://bank@/credit_db?host=$bank_socket"
  /usr/bin/python3 "$root/samples/credit-default/bank.py" "$bank_dsn"
}

# Inside the data folder, which stays closed: as root, the server's account may only pass through it.
bank_folder() {
  local data=${bank%/*}
  mkdir -p -- "${data%/*}"
  [ -d "$data" ] || mkdir -m 700 -- "$data"
  mkdir -p -- "$bank"
  [ "$(id -u)" = 0 ] || return 0
  chgrp -- "$(id -gn "$bank_user")" "$data"
  chmod g=x -- "$data"
  chown -- "$bank_user" "$bank"
  as_bank test -w "$bank" ||
    die "$bank_user, the account that PostgreSQL runs as, cannot enter $bank. Choose another folder with FLOW_DATA_DIR"
}

bank_create() {
  say "creating the bank's database"
  rm -rf -- "$bank/data" "$bank/ready"
  as_bank "$bank_bin/initdb" -D "$bank/data" -U bank -A trust -E UTF8 --no-locale --no-sync >"$bank/initdb.log" 2>&1 ||
    { tail -n 15 -- "$bank/initdb.log" >&2 && die "the bank's database could not be created"; }
}

bank_stop() {
  [ -n "${bank_socket-}" ] || return 0
  bank_stop_server
  rm -rf -- "$bank_socket"
}

# Also what a killed demo left running.
bank_stop_server() {
  local socket
  socket=$(sed -n 5p "$bank/data/postmaster.pid" 2>/dev/null) || return 0
  as_bank "$bank_bin/pg_ctl" stop -D "$bank/data" -m fast -w >/dev/null 2>&1 || true
  case "$socket" in /tmp/flow-bank.*) rm -rf -- "$socket" ;; esac
}

# PostgreSQL refuses to run as root.
as_bank() {
  (
    cd /
    if [ "$(id -u)" = 0 ]; then exec runuser -u "$bank_user" -- "$@"; else exec "$@"; fi
  )
}

# The account that the server runs as: one of the usual ones where the demo runs as root.
server_account() {
  local account
  if [ "$(id -u)" != 0 ]; then id -un && return; fi
  for account in orleansflow postgres _postgres; do ! id -u "$account" >/dev/null 2>&1 || { echo "$account" && return; }; done
  die "PostgreSQL does not run as root, and there is no account 'postgres' to run it as"
}

# Where the program keeps its data: the same choice.
data_folder() {
  if [ -n "${FLOW_DATA_DIR-}" ]; then
    readlink -m -- "$FLOW_DATA_DIR"
  elif [ "$(id -u)" = 0 ]; then
    echo /var/lib/orleansflow
  else
    local shared=${XDG_DATA_HOME-}
    [ "${shared#/}" != "$shared" ] || shared=$HOME/.local/share
    echo "$shared/orleansflow"
  fi
}
