# Sourced by ./flow: runs the credit default pipeline against a small bank of its own.
#   ./flow demo               prints the metrics of the model, and where everything lies
#   ./flow demo --kill-host   kills the host while it trains, starts it again, and checks that nothing was lost

flow_demo() {
  . "$root/scripts/build.sh"
  . "$root/scripts/bank.sh"
  case "${1-}" in
    "") ;;
    --kill-host) ;;
    *) say "usage: ./flow demo [--kill-host]" && exit 2 ;;
  esac

  build_and_install

  dag=$root/samples/credit-default/dag.yaml
  latest=credit_default_pipeline@latest
  work=$(mktemp -d)
  trap 'exit 130' INT TERM
  trap demo_end EXIT
  bank_start
  export FLOW_CONN_CREDIT_DB=$bank_dsn

  if [ "${1-}" = --kill-host ]; then demo_kill_host; else demo_plain; fi
}

demo_plain() {
  program run "$dag" || return
  program runs show "$latest" -o json >"$work/run.json"
  report summary "$work/run.json"
}

# An undisturbed run first: its model is what the disturbed one must give too, to the byte.
demo_kill_host() {
  say "an undisturbed run, to compare with"
  program run "$dag" || return
  program runs show "$latest" -o json >"$work/undisturbed.json"

  say "the same with a slowed training, whose host is going to be killed"
  "$cli/flow" run "$dag" -p slow_training_seconds=15 >"$work/host.out" 2>&1 7>&- &
  host=$!
  until_training
  kill -KILL "$host"
  wait "$host" 2>/dev/null || true
  cat -- "$work/host.out"
  say "killed the host (process $host) while the training was running"

  host=

  local run
  run=$(report run "$work/live.json")
  say "starting a host again; it finds the run and goes on"
  program runs watch "$run" || return
  program runs show "$run" -o json >"$work/disturbed.json"
  report survived "$work/disturbed.json" "$work/undisturbed.json"
}

# Returns when the training has said that it started, and is still running; leaves the run's state in live.json.
until_training() {
  local deadline=$((SECONDS + 120))
  while kill -0 "$host" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do
    if program logs "$latest" train_model 2>/dev/null | grep -q 'training started' &&
      program runs show "$latest" -o json >"$work/live.json" 2>/dev/null &&
      report training "$work/live.json" "$work/undisturbed.json"; then
      return
    fi
    sleep 0.2
  done
  cat -- "$work/host.out" >&2
  say "the training was never seen running"
  return 1
}

# Without the demo's lock: what the program leaves running must not keep it.
program() { "$cli/flow" "$@" 7>&-; }

demo_end() {
  [ -z "${host-}" ] || { kill -TERM "$host" 2>/dev/null && wait "$host" 2>/dev/null; } || true
  bank_stop
  rm -rf -- "$work"
}

report() { /usr/bin/python3 "$root/scripts/report.py" "$@"; }
