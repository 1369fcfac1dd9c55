# Sourced by ./flow: runs the credit default pipeline against a small bank of its own.
#   ./flow demo               prints the metrics of the model, and where everything lies
#   ./flow demo --kill-host   kills the host while it trains, starts it again, and checks that nothing was lost
#   ./flow demo --server      the same with a server apart: it is killed, and the client that waits for the run goes on

flow_demo() {
  . "$root/scripts/build.sh"
  . "$root/scripts/bank.sh"
  case "${1-}" in
    "") ;;
    --kill-host | --server) ;;
    *) say "usage: ./flow demo [--kill-host | --server]" && exit 2 ;;
  esac

  build_and_install

  dag=$root/samples/credit-default/dag.yaml
  latest=credit_default_pipeline@latest
  work=$(mktemp -d)
  trap 'exit 130' INT TERM
  trap demo_end EXIT
  bank_start
  export FLOW_CONN_CREDIT_DB=$bank_dsn

  case "${1-}" in
    --kill-host) demo_kill_host ;;
    --server) demo_server ;;
    *) demo_plain ;;
  esac
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

demo_server() {
  # The server of the data folder, whatever server the user works with otherwise.
  unset FLOW_SERVER
  export XDG_CONFIG_HOME=$work
  server_start 0 0
  say "an undisturbed run at a server (process $server), to compare with"
  program run "$dag" || return
  program runs show "$latest" -o json >"$work/undisturbed.json"

  say "the same with a slowed training, whose server is going to be killed"
  "$cli/flow" run "$dag" -p slow_training_seconds=15 >"$work/host.out" 2>&1 7>&- &
  host=$!
  until_training
  kill -KILL "$server"
  wait "$server" 2>/dev/null || true
  say "killed the server (process $server) while the training was running; starting it again, the client waits"
  server_start "$grpc_port" "$http_port"
  local code=0
  wait "$host" || code=$?
  host=
  cat -- "$work/host.out"
  [ "$code" = 0 ] || { say "the client that waited ended with code $code" && return "$code"; }

  program runs show "$(report run "$work/live.json")" -o json >"$work/disturbed.json"
  report survived "$work/disturbed.json" "$work/undisturbed.json"
}

# server_start PORT HTTP-PORT: sets `server` to its process and the ports to those that it has.
server_start() {
  "$cli/flow" dev --port "$1" --http-port "$2" >"$work/server.out" 2>"$work/server.err" 7>&- &
  server=$!
  until grep -q '^data' "$work/server.out"; do
    kill -0 "$server" 2>/dev/null || { cat -- "$work/server.err" >&2 && die "the server does not start"; }
    sleep 0.1
  done
  grpc_port=$(sed -n 's/^gRPC.*://p' "$work/server.out")
  http_port=$(sed -n 's/^HTTP.*://p' "$work/server.out")
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
  local process
  for process in ${host-} ${server-}; do { kill -TERM "$process" 2>/dev/null && wait "$process" 2>/dev/null; } || true; done
  bank_stop
  rm -rf -- "$work"
}

report() { /usr/bin/python3 "$root/scripts/report.py" "$@"; }
