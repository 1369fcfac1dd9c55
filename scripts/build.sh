# Sourced by ./flow: builds the program when its sources changed. The warm path starts three small processes, never dotnet.
#
# artifacts/cli/<fingerprint>/   one built program; never overwritten, as a host may be running from it
# artifacts/cli/current          link to the newest
# artifacts/cli/<...>/.sources   the folders and files that the fingerprint covers, one per line

cli=$artifacts/cli/current

# build_cli: sets `cli` to the folder of a program that is up to date.
build_cli() {
  local sources
  if [ -r "$cli/.sources" ]; then
    mapfile -t sources <"$cli/.sources"
    fingerprint "${sources[@]}"
  fi
  if [ ! -e "$cli/flow" ] || [ "${cli_key-}" != "$(readlink -- "$cli")" ]; then
    mkdir -p -- "$artifacts/cli"
    exec 9>"$artifacts/cli/lock"
    flock -n 9 || { say "another ./flow is building; waiting for it" && flock 9; }
    build_changed_cli
    exec 9>&-
  fi
  cli=$artifacts/cli/$(readlink -- "$cli")
  use_dotnet_of_build
}

# Installs what is missing while the program is built: neither waits for the other.
build_and_install() {
  (need_postgres && need_python) &
  local packages=$!
  build_cli
  wait "$packages" || exit "$environment_error"
}

# Under the lock: somebody else may have built meanwhile.
build_changed_cli() {
  local sources
  mapfile -t sources < <(cli_sources)
  fingerprint "${sources[@]}"
  local out=$artifacts/cli/$cli_key
  if [ ! -e "$out/flow" ]; then
    need_dotnet
    local tmp=$artifacts/cli/.new
    rm -rf -- "$tmp"
    # The compiler's server lives on for a while and must not keep the lock.
    publish_cli "$tmp" 9>&- || die "the build failed"
    printf '%s\n' "${sources[@]}" >"$tmp/.sources"
    dirname -- "$(readlink -f -- "$(command -v dotnet)")" >"$tmp/.dotnet"
    rm -rf -- "$out"
    mv -- "$tmp" "$out"
  fi
  ln -sfn -- "$cli_key" "$artifacts/cli/.current"
  mv -T -- "$artifacts/cli/.current" "$cli"
  remove_old_builds
}

# Native images halve what `flow run` costs, but need packages that some feeds lack: the framework and its compiler for `composite`,
# the compiler for `own`. FlowImages=none builds fastest, for work on the program itself.
publish_cli() {
  local publish=(quiet_dotnet publish "$root/src/Cli/Cli.csproj" -c Release -o "$1" -v quiet -clp:ErrorsOnly)
  mkdir -p -- "$artifacts/log"
  local log=$artifacts/log/build.log images
  case "${FlowImages-composite}" in
    composite) set -- composite own none ;;
    own) set -- own none ;;
    none) set -- none ;;
    *) die "FlowImages is '$FlowImages', which is none of composite, own and none" ;;
  esac
  say "building (two or three minutes the first time)"
  for images; do
    "${publish[@]}" -p:FlowImages="$images" >"$log" 2>&1 && return
    # No source has a package of that name or version, or there is none for this system.
    grep -qE 'error (NU1|NETSDK1094)' "$log" || break
  done
  # Each error once: the summary repeats them.
  grep -E 'error [A-Z]+[0-9]+' "$log" | sort -u | head -n 40 >&2 || cat -- "$log" >&2
  return 1
}

# What the program is built from: its project with all that it references, and what applies to every project.
cli_sources() {
  (
    cd -- "$root"
    printf '%s\n' global.json Directory.Build.props Directory.Build.targets Directory.Packages.props build
    local queue=(src/Cli) seen=" " project reference
    while [ ${#queue[@]} -gt 0 ]; do
      project=${queue[0]}
      queue=("${queue[@]:1}")
      case "$seen" in *" $project "*) continue ;; esac
      seen="$seen$project "
      printf '%s\n' "$project"
      while read -r reference; do queue+=("src/$reference"); done < <(
        sed -n 's|.*<ProjectReference .*Include="\.\./\([^/]*\)/.*|\1|p' "$project/${project##*/}.csproj")
    done
  )
}

# Sets `cli_key` to a hash of names, sizes and times of all files in the given folders, and of the images that are wanted.
fingerprint() {
  cli_key=$(cd -- "$root" && { find "$@" -type f -printf '%p %s %T@\n' 2>/dev/null || true; echo "${FlowImages-}"; } | LC_ALL=C sort | sha1sum)
  cli_key=${cli_key%% *}
}

# The launcher of a .NET program looks in system places only; say where the one that built it lives.
use_dotnet_of_build() {
  local home
  [ -n "${DOTNET_ROOT-}" ] || [ ! -r "$cli/.dotnet" ] || { read -r home <"$cli/.dotnet" && export DOTNET_ROOT="$home"; }
}

# Earlier builds go, except those that a process still runs from.
remove_old_builds() {
  local used old
  used=$(readlink /proc/[0-9]*/exe 2>/dev/null || true)
  for old in "$artifacts"/cli/*/; do
    old=${old%/}
    case "${old##*/}" in current | "$cli_key") continue ;; esac
    case "$used" in *"$old/"*) ;; *) rm -rf -- "$old" ;; esac
  done
}

# False for commands that never open a store, so that they run on a machine without PostgreSQL.
needs_database() {
  case " $* " in *" --help "* | *" -h "*) return 1 ;; esac
  case "${1-}" in "" | -* | validate | schema | version | help | context | completion | "["*) return 1 ;; esac
  [ -z "${FLOW_POSTGRES-}" ] || return 1
  case "${1-}" in dev | server | migrate) return 0 ;; esac
  case " $* " in *" --server"[\ =]*) return 1 ;; esac
  [ -z "${FLOW_SERVER-}" ] || return 1
  ! names_context "$@"
}

# Whether a server is meant by its context: one that is named, or the current one where nothing names a folder.
names_context() {
  case " $* " in *" --context local "* | *" --context=local "*) return 1 ;; *" --context"[\ =]*) return 0 ;; *" --data-dir"[\ =]*) return 1 ;; esac
  [ -z "${FLOW_DATA_DIR-}" ] || return 1
  grep -qs '"current": *"' "${XDG_CONFIG_HOME:-${HOME-}/.config}/orleansflow/contexts.json"
}
