# Sourced by ./flow: builds the tests once, runs every project, ends with one line of totals.
#   ./flow test              all projects
#   ./flow test Unit ...     one project; further arguments go to the runner (--filter ...)

flow_test() {
  . "$root/scripts/build.sh"
  local only=${1-}
  [ -z "$only" ] || [ -f "$root/tests/$only/$only.csproj" ] ||
    { say "there is no test project '$only'. There are: $(test_projects | tr '\n' ' ')" && exit 2; }
  [ -z "$only" ] || shift

  need_dotnet
  # The end-to-end tests run the program as a user would, and must not wait for its build.
  case "$only" in "" | EndToEnd) build_and_install ;; Rpc) ;; *) need_postgres && need_python ;; esac
  case "$only" in "" | Rpc | EndToEnd) need_node ;; esac
  case "$only" in "" | EndToEnd) need_prometheus ;; esac
  local target=$root/OrleansFlow.sln
  [ -z "$only" ] || target=$root/tests/$only/$only.csproj
  say "building the tests"
  quiet_dotnet msbuild "$target" -restore -p:Configuration=Release -v:quiet -m -nologo >&2 || die "the build failed"

  local project passed=0 failed=0 skipped=0 left_out=0
  for project in ${only:-$(test_projects)}; do
    run_tests "$project" "$@"
  done
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" = 0 ] && [ $((passed + left_out)) != 0 ]
}

# The quick ones first: what is simply wrong shows early.
test_projects() {
  (
    cd -- "$root/tests"
    local first=(Architecture Unit Rpc Conformance Simulation) project
    for project in "${first[@]}"; do [ ! -f "$project/$project.csproj" ] || echo "$project"; done
    for project in */; do
      project=${project%/}
      case " ${first[*]} " in *" $project "*) ;; *) [ ! -f "$project/$project.csproj" ] || echo "$project" ;; esac
    done
  )
}

# Adds the outcome of one project to the totals. A project that crashed or ran nothing counts as one failure.
run_tests() {
  local project=$1
  shift
  local dll=$artifacts/bin/$project/release/OrleansFlow.Tests.$project.dll
  local results=$artifacts/test-results/$project
  if [ -z "$(find "$root/tests/$project" -name '*.cs' -print -quit)" ]; then
    printf '== %s has no tests yet\n' "$project"
    return
  fi
  if [ -e "$artifacts/bin/$project/release/left-out" ]; then
    printf '== %s is left out: %s\n' "$project" "$(cat "$artifacts/bin/$project/release/left-out")"
    left_out=1
    return
  fi

  printf '== %s\n' "$project"
  rm -rf -- "$results"
  local code=0
  quiet_dotnet test "$dll" --nologo --results-directory "$results" --logger "trx;LogFileName=results.trx" \
    --logger "console;verbosity=minimal" --blame-hang-timeout 8m --blame-hang-dump-type none "$@" |
    grep --line-buffered -vE '^(Starting test execution|A total of 1 test files|Data collector .Blame|Results File:|$)' || code=${PIPESTATUS[0]}

  local counters total=0 executed=0 ok=0 bad=0
  counters=$(grep -o '<Counters [^>]*' "$results/results.trx" 2>/dev/null || true)
  if [ -n "$counters" ]; then
    total=$(counter total) executed=$(counter executed) ok=$(counter passed)
    bad=$((executed - ok))
  fi
  if [ "$total" = 0 ]; then
    printf '%s: no test ran\n' "$project"
    bad=1
  elif [ "$code" != 0 ] && [ "$bad" = 0 ]; then
    printf '%s: the runner ended with code %d before all tests had ended\n' "$project" "$code"
    bad=1
  fi
  passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + total - executed))
}

# counter NAME: a number among the attributes of the results file.
counter() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters"; }
