# Sourced by ./flow: builds the cluster host and runs it.
#   ./flow silo --connection-string ... --shared-dir ... [--silo-port ...]     docs/operations.md tells what it takes

flow_silo() {
  build_silo
  [ -e "$silo_host" ] || die "the package sources of this machine carry no Microsoft Orleans, so there is no cluster host here; flow server needs none"
  exec "$silo_host" "$@"
}

# build_silo: sets `silo_host` to the program; where Orleans cannot be had there is none of that name.
build_silo() {
  need_dotnet
  silo_host=$artifacts/bin/Silo/release/OrleansFlow.Silo
  mkdir -p -- "$artifacts/log"
  exec 9>"$artifacts/silo.lock"
  flock -n 9 || { say "another ./flow is building; waiting for it" && flock 9; }
  say "building the cluster host"
  quiet_dotnet build "$root/src/Silo/Silo.csproj" -c Release -v quiet -clp:ErrorsOnly >"$artifacts/log/silo.log" 2>&1 9>&- ||
    { cat -- "$artifacts/log/silo.log" >&2 && die "the build failed"; }
  exec 9>&-
  [ -n "${DOTNET_ROOT-}" ] || DOTNET_ROOT=$(dirname -- "$(readlink -f -- "$(command -v dotnet)")")
  export DOTNET_ROOT
}
