#!/bin/bash
# lab.sh up | status [--json] | down [--keep] | check
# A real OpenStack control plane with five computes on this machine; README.md beside this file explains it.
set -uo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/lib/env.sh"
. "$here/lib/process.sh"
. "$here/lib/machine.sh"
. "$here/lib/services.sh"
. "$here/lib/database.sh"

step() { say "[$SECONDS s] $*"; }

# Two labs must not be built in one folder at once.
lock() {
  exec 9>"$SIDESTEP_LAB/lock"
  flock -w 900 9 || fail 'another lab.sh has been at work here for 15 minutes'
}

# What a failed or interrupted "up" started is stopped again; the logs stay.
undo_failed_up() {
  local status=$?
  trap - EXIT INT TERM
  if ((status != 0)); then
    jobs -p | xargs -r kill 2>/dev/null
    stop_all
    say "stopped again; logs in $SIDESTEP_LAB/log" >&2
  fi
  exit "$status"
}

up() {
  check_machine
  lock
  mkdir -p "$SIDESTEP_LAB"/{conf,run,log,data,virt}
  check_ports
  install_packages
  step 'packages are there'
  if ! alive mariadb; then
    trap undo_failed_up EXIT
    trap 'exit 130' INT TERM
  fi

  /usr/bin/python3 "$LAB_SRC/py/prepare.py" || fail 'the configuration could not be written'
  start_broker
  start_database
  await mariadb 120 database_answers
  make_schemas
  await rabbitmq 180 port_open "$BROKER_PORT"
  step 'MariaDB with all schemas, RabbitMQ'
  start_apis
  start_hosts
  start_identity
  start_workers
  step 'Keystone with its catalogue'
  await_cloud
  step "Nova, Neutron, Placement and Glance; ${#HOSTS[@]} computes and their network agents"
  run_logged seed /usr/bin/python3 "$LAB_SRC/py/seed.py" "${HOSTS[@]}"
  status || fail 'a service is down'
  step "ready: http://127.0.0.1:$KEYSTONE_PORT/v3, credentials in $SIDESTEP_LAB/credentials.json"
  trap - EXIT INT TERM
}

status() {
  local name
  [ -d "$SIDESTEP_LAB/run" ] || { say "no lab in $SIDESTEP_LAB" && return 1; }
  {
    for name in "${SERVICES[@]}"; do
      alive "$name" && echo "$name $(pid_of "$name")" || echo "$name 0"
    done
  } | /usr/bin/python3 "$LAB_SRC/py/status.py" "$@" "${HOSTS[@]}"
}

down() {
  [ -d "$SIDESTEP_LAB/run" ] || { say 'nothing to stop' && return; }
  lock
  stop_all
  if [ "${1:-}" = --keep ]; then
    say "stopped; data and logs stay in $SIDESTEP_LAB"
  else
    (cd "$SIDESTEP_LAB" && rm -rf conf run log data virt ./*.json ./*.jsonl password)
    say 'stopped, and its data removed (cache/ keeps the fresh schemas for the next lab)'
  fi
}

case ${1:-} in
  up) up ;;
  status)
    shift
    status "$@"
    ;;
  down)
    shift
    down "$@"
    ;;
  check) check_machine && check_ports && say 'can run here' ;;
  *)
    sed -n 2,3p "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
