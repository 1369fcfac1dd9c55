# Sourced by ./flow: builds and runs the benchmarks. Their names and options are those of the program.
#   ./flow bench [NAME] [OPTION...]

flow_bench() {
  need_dotnet
  need_postgres
  local project=$root/benchmarks/Bench/Bench.csproj
  [ -f "$project" ] || die "this checkout has no benchmarks"
  say "building the benchmarks"
  quiet_dotnet msbuild "$project" -restore -p:Configuration=Release -v:quiet -nologo >&2 || die "the build failed"
  exec dotnet "$artifacts/bin/Bench/release/OrleansFlow.Bench.dll" --results "$root/benchmarks/results" "$@"
}
