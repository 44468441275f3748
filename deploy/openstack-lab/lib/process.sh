# Start, stop and await the lab's own processes. Each has a session of its own, a file run/<name>.pid
# with its pid and start time (a pid alone may have been given to someone else since), and log/<name>.log.

# Prints when process $1 was started, in clock ticks since boot; nothing if it is gone.
started_at() { sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

pid_of() { cut -d ' ' -f 1 "$SIDESTEP_LAB/run/$1.pid" 2>/dev/null; }

alive() {
  local pid since
  read -r pid since 2>/dev/null <"$SIDESTEP_LAB/run/$1.pid" || return 1
  [ -n "$since" ] && [ "$(started_at "$pid")" = "$since" ]
}

# Kills what a service that died has left of its process group (a worker that still holds the port, say). The kernel
# gives no new process the number of a group that has members, so these are ours; a number that lives has been reused.
bury() {
  local pid limit=$((SECONDS + 3))
  pid=$(pid_of "$1")
  if [ -n "$pid" ] && [ ! -e "/proc/$pid" ]; then
    while kill -KILL -- "-$pid" 2>/dev/null && ((SECONDS < limit)); do sleep 0.1; done
  fi
  rm -f "$SIDESTEP_LAB/run/$1.pid"
}

# start <name> <command…>, unless it runs already. The lock's descriptor (9) is not for daemons.
start() {
  local name=$1
  shift
  alive "$name" && return
  bury "$name"
  setsid "$@" >>"$SIDESTEP_LAB/log/$name.log" 2>&1 </dev/null 9>&- &
  echo "$! $(started_at $!)" >"$SIDESTEP_LAB/run/$name.pid"
  disown # bash would report its end
}

# stop <seconds> <name…>: asks all of them, then kills the sessions that are left. uwsgi and eventlet
# servers hold open connections for a minute when asked, hence the short patience.
stop() {
  local patience=$1 name pid
  local -a running=()
  shift
  for name in "$@"; do
    if alive "$name"; then
      running+=("$name")
      kill -TERM "$(pid_of "$name")" 2>/dev/null
    else
      bury "$name"
    fi
  done
  local limit=$((SECONDS + patience))
  for name in "${running[@]}"; do
    while alive "$name" && ((SECONDS < limit)); do sleep 0.1; done
    pid=$(pid_of "$name")
    kill -KILL -- "-$pid" 2>/dev/null
    rm -f "$SIDESTEP_LAB/run/$name.pid"
  done
}

# fail <text> [name]: ends the run with the last lines of that service's log.
fail() {
  say "FAILED: $1" >&2
  if [ -n "${2:-}" ]; then
    echo "--- last lines of $SIDESTEP_LAB/log/$2.log" >&2
    tail -n 30 "$SIDESTEP_LAB/log/$2.log" >&2
  fi
  exit 1
}

# await <name> <seconds> <command…>: polls until the command succeeds; a service that has died or is late fails.
await() {
  local name=$1 limit=$((SECONDS + $2)) allowed=$2
  shift 2
  until "$@"; do
    alive "$name" || fail "$name stopped while starting" "$name"
    ((SECONDS < limit)) || fail "$name was not ready within $allowed s" "$name"
    sleep 0.2
  done
}

port_open() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# run_logged <name> <command…>: a step that ends by itself; fails with its log.
run_logged() {
  local name=$1
  shift
  "$@" >>"$SIDESTEP_LAB/log/$name.log" 2>&1 9>&- || fail "$name (exit $?)" "$name"
}
