# Sourced by ./flow: messages, and finding or installing what the machine lacks.
# Progress goes to standard error, so that the output of commands stays clean.

artifacts=$root/artifacts
readonly environment_error=3

say() { printf 'flow: %s\n' "$*" >&2; }

die() {
  say "$@"
  exit "$environment_error"
}

# Runs a command quietly; shows what it does, and on failure the end of its output.
# quietly TEXT LOG COMMAND...
quietly() {
  local text=$1 log=$artifacts/log/$2
  shift 2
  mkdir -p -- "${log%/*}"
  say "$text"
  "$@" >"$log" 2>&1 </dev/null && return
  local code=$?
  tail -n 25 -- "$log" >&2
  say "that failed; the whole output is in $log"
  return "$code"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n -- "$@"; fi
}

# True where packages can be installed without asking anybody.
can_install() {
  command -v apt-get >/dev/null || return 1
  [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

# install WHAT-FOR PACKAGE...: by apt, or stops and names the packages.
install() {
  local purpose=$1
  shift
  can_install || die "$purpose is missing. Install it, for instance on Debian or Ubuntu with:
  apt-get install --no-install-recommends $*"
  quietly "installing $* ($purpose); this happens once" "apt.log" apt_install "$@" ||
    die "$purpose could not be installed. Install it by hand and try again: $*"
}

apt_install() {
  (
    mkdir -p -- "$artifacts"
    exec 8>"$artifacts/apt.lock"
    flock 8
    apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=180 "$@"; }
    # The lists of a fresh machine are empty, those of an old one outdated: both show as a failed install.
    apt install --no-install-recommends "$@" || { apt update && apt install --no-install-recommends "$@"; }
  )
}

# Prints the folder of the newest PostgreSQL server of the machine; the program looks in the same places.
postgres_bin() {
  local bin found=
  for bin in /usr/local/pgsql/bin /usr/pgsql-*/bin /usr/libexec/postgresql* /usr/lib/postgresql/*/bin; do
    [ ! -x "$bin/initdb" ] || found+=$bin$'\n'
  done
  if [ -n "$found" ]; then
    printf '%s' "$found" | sort -V | tail -n 1
  else
    bin=$(command -v initdb) && dirname -- "$(readlink -f -- "$bin")"
  fi
}

has_postgres() {
  # The usual place first, without starting a process: every command asks.
  local server
  for server in /usr/lib/postgresql/*/bin/initdb; do [ ! -x "$server" ] || return 0; done
  [ -n "$(postgres_bin)" ]
}

# The server's binaries; Debian's package would also create and start a cluster, which nobody asked for.
need_postgres() {
  has_postgres && return
  if can_install && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    install "PostgreSQL" postgresql-common
    local conf=/etc/postgresql-common/createcluster.conf
    as_root cp -p -- "$conf" "$conf.flow"
    as_root sed -i 's/^[# ]*create_main_cluster.*/create_main_cluster = false/' "$conf"
    install "PostgreSQL" postgresql
    as_root mv -- "$conf.flow" "$conf"
  else
    install "PostgreSQL" postgresql
  fi
  has_postgres || die "PostgreSQL was installed, but no initdb was found under /usr/lib/postgresql"
}

# Python of the distribution with what the sample's tasks import.
need_python() {
  /usr/bin/python3 - <<'PY' 2>/dev/null || install "Python with pandas, scikit-learn and psycopg2" \
    python3 python3-pandas python3-sklearn python3-psycopg2
import importlib.util as u, sys
sys.exit(any(u.find_spec(name) is None for name in ("pandas", "sklearn", "joblib", "psycopg2")))
PY
}

# Node.js with the foreign clients and servers that the wire protocol is tested against.
need_node() {
  local folder=$root/tests/Rpc/interop
  { command -v node && command -v npm; } >/dev/null || install "Node.js" nodejs npm
  [ "$folder/node_modules/.package-lock.json" -ot "$folder/package-lock.json" ] || return 0
  quietly "installing the packages of tests/Rpc/interop; this happens once" npm.log env -C "$folder" npm ci ||
    die "npm could not install the packages of tests/Rpc/interop"
}

# Prometheus and promtool, unpacked beside the build: Debian's package would also start a server, which nobody asked for.
need_prometheus() {
  { command -v prometheus && command -v promtool; } >/dev/null && return
  [ ! -x "$artifacts/prometheus/usr/bin/promtool" ] || return 0
  command -v apt-get >/dev/null || { say "Prometheus is missing: its tests are skipped" && return; }
  quietly "fetching Prometheus for the tests; this happens once" prometheus.log fetch_prometheus ||
    say "Prometheus could not be fetched: its tests are skipped"
}

fetch_prometheus() {
  (
    local folder=$artifacts/prometheus
    rm -rf -- "$folder.new"
    mkdir -p -- "$folder.new"
    cd -- "$folder.new"
    apt-get -qq download prometheus || { as_root apt-get -qq update && apt-get -qq download prometheus; }
    dpkg-deb -x ./*.deb . && rm ./*.deb
    mv -T -- "$folder.new" "$folder"
  )
}

need_dotnet() {
  if ! command -v dotnet >/dev/null; then
    if command -v apt-cache >/dev/null && apt-cache show dotnet-sdk-10.0 >/dev/null 2>&1; then
      install ".NET SDK 10" dotnet-sdk-10.0
    else
      die "the .NET SDK 10 is missing. Install it (https://dot.net/download) and put dotnet on the PATH"
    fi
  fi
  local error
  error=$(cd -- "$root" && dotnet --version 2>&1 >/dev/null) ||
    die "the .NET SDK 10 is missing; dotnet says:
$error"
}

# dotnet without telemetry, banners and processes that stay behind.
quiet_dotnet() {
  DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1 \
    DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 dotnet "$@" </dev/null
}
