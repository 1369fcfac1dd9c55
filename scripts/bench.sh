# Sourced by ./flow: builds and runs the benchmarks. Their names and options are those of the program.
#   ./flow bench [NAME] [OPTION...]

flow_bench() {
  . "$root/scripts/build.sh"
  need_dotnet
  need_postgres
  local project=$root/benchmarks/Bench/Bench.csproj
  [ -f "$project" ] || die "this checkout has no benchmarks"
  say "building the benchmarks"
  quiet_dotnet msbuild "$project" -restore -p:Configuration=Release -v:quiet -nologo >&2 || die "the build failed"
  bench_needs rpc "$@" && need_node
  # The program as users have it, for the benches that run it.
  bench_needs 'rpc|dev|failover|cluster' "$@" && build_cli
  local silo=()
  if bench_needs cluster "$@"; then
    . "$root/scripts/silo.sh"
    build_silo
    [ ! -e "$silo_host" ] || silo=(--silo "$silo_host")
  fi
  exec dotnet "$artifacts/bin/Bench/release/OrleansFlow.Bench.dll" --results "$root/benchmarks/results" --program "$cli/flow" "${silo[@]}" "$@"
}

# bench_needs PATTERN WORD...: true when a bench of that name was asked for, or none by name.
bench_needs() {
  local pattern="^($1)\$" names='^(transitions|throughput|throughput-api|rpc|watch|dev|failover|cluster)$' word named=
  shift
  for word in "$@"; do
    [[ ! $word =~ $names ]] || named=yes
    [[ ! $word =~ $pattern ]] || return 0
  done
  [ -z "$named" ]
}
