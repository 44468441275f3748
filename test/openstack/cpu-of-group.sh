#!/bin/bash
# cpu-of-group.sh <usage file> <quota, thousandths of a core> <cores that the host claims> [<folder of the group>]
# Run by collectd's exec plugin on a lab host: the host's CPU is its CPU group, so busy is what the group used of its quota.
# It prints what collectd's own cpu plugin would (plugin cpu, type percent, type instances active and idle); and for each
# child group, named after a server's UUID, what the virt plugin would (virt_cpu_total: ns of CPU time), scaled so that
# the whole quota is all cores of the host.
# The usage is cpuacct.usage (cgroup v1, ns) or cpu.stat (v2, its first line "usage_usec <µs>"). No process is started a round.
LC_ALL=C
usage_file=$1 quota_thousandths=$2 cores=$3 folder=${4:-}
exec {pause}<> <(:)

usage_ns() {
  local first second
  read -r first second <"$1" || return 1
  if [ "$first" = usage_usec ]; then ns=$((second * 1000)); else ns=$first; fi
}

usage_ns "$usage_file" || exit 1
last_ns=$ns last_us=${EPOCHREALTIME/./}
while :; do
  read -r -t "$COLLECTD_INTERVAL" -u "$pause"
  now_us=${EPOCHREALTIME/./}
  usage_ns "$usage_file" || exit 0
  busy=$(((ns - last_ns) * 1000 / ((now_us - last_us) * quota_thousandths)))
  # Bandwidth of one period may be used in the next, so a round can exceed the quota a little.
  ((busy > 1000)) && busy=1000
  idle=$((1000 - busy))
  echo "PUTVAL $COLLECTD_HOSTNAME/cpu/percent-active interval=$COLLECTD_INTERVAL N:$((busy / 10)).$((busy % 10))"
  echo "PUTVAL $COLLECTD_HOSTNAME/cpu/percent-idle interval=$COLLECTD_INTERVAL N:$((idle / 10)).$((idle % 10))"
  last_ns=$ns last_us=$now_us
  for child in "$folder"/*/; do
    usage_ns "$child${usage_file##*/}" 2>/dev/null || continue
    server=${child%/} server=${server##*/}
    echo "PUTVAL $server/virt/virt_cpu_total interval=$COLLECTD_INTERVAL N:$((ns / quota_thousandths * 1000 * cores))"
  done
done
