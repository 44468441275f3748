# Can this machine run the lab, and does it have the packages? "Cannot" is exit 2 with the reason.

cannot() {
  say "cannot run here: $1" >&2
  exit 2
}

wanted_packages() { sed 's/#.*//' "$LAB_SRC/packages.txt" | xargs; }

missing_packages() {
  local package
  for package in $(wanted_packages); do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

check_machine() {
  local system
  system=$( . /etc/os-release 2>/dev/null && echo "$ID $VERSION_ID")
  [ "$system" = 'debian 12' ] || cannot "it needs Debian 12's OpenStack packages, and this is '${system:-unknown}'"
  [ "$(id -u)" = 0 ] || cannot 'it needs root (to install packages and to run the services)'
  command -v apt-get >/dev/null || cannot "there is no apt-get to install: $(missing_packages | xargs)"

  local free_mib disk_mib
  mkdir -p "$SIDESTEP_LAB" && chmod 700 "$SIDESTEP_LAB"
  free_mib=$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
  disk_mib=$(df -m --output=avail "$SIDESTEP_LAB" | tail -n 1)
  if ! alive mariadb; then
    ((free_mib >= 3500)) || cannot "it needs 3500 MiB of free memory, and there are $free_mib"
    ((disk_mib >= 2500)) || cannot "it needs 2500 MiB on the disk of $SIDESTEP_LAB, and there are $((disk_mib))"
  fi
}

check_ports() {
  local name port
  while read -r name port; do
    if ! alive "$name" && bury "$name" && port_open "$port"; then
      cannot "port $port, which $name needs, is in use by another process (SIDESTEP_LAB_PORT_OFFSET moves all ports)"
    fi
  done < <(service_ports)
}

install_packages() {
  local missing policy=/usr/sbin/policy-rc.d own_policy=
  missing=$(missing_packages | xargs)
  [ -z "$missing" ] && return
  say "installing from Debian (about 350 packages with what they need, 620 MB on disk; listed in deploy/openstack-lab/packages.txt): $missing"

  # Debian starts a service as soon as it is installed; the lab starts its own, with its own settings.
  if [ ! -e $policy ]; then
    own_policy=yes
    trap "rm -f $policy" EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy
  fi
  local status=0 before
  before=$(dpkg-query -W -f '${Package}\n' | sort)
  apt_step update || status=$?
  [ $status = 0 ] && { apt_step install $missing || status=$?; }
  [ -n "$own_policy" ] && rm -f $policy && trap - EXIT
  [ $status = 0 ] || fail "apt-get (exit $status)" apt
  [ -d /run/systemd/system ] && disable_services_of "$(comm -13 <(echo "$before") <(dpkg-query -W -f '${Package}\n' | sort))"
  return 0
}

# apt-get with its log kept and a line each 20 % (the whole takes one to three minutes).
apt_step() {
  local action=$1
  shift
  # force-unsafe-io: no fsync for each of 30,000 files.
  DEBIAN_FRONTEND=noninteractive apt-get -qy --no-install-recommends -o DPkg::Lock::Timeout=600 \
    -o Dpkg::Options::=--force-unsafe-io -o APT::Status-Fd=7 "$action" "$@" \
    7> >(report_percent) >>"$SIDESTEP_LAB/log/apt.log" 2>&1 9>&- </dev/null
}

report_percent() {
  local line percent last=0
  while read -r line; do
    [[ $line =~ ^pmstatus:.*:([0-9]+)\.[0-9]+: ]] || continue
    percent=${BASH_REMATCH[1]}
    if ((percent >= last + 20)); then
      last=$((percent / 20 * 20))
      say "  packages $last %"
    fi
  done
}

# On a machine with systemd the packages' own services would start with the next boot; the lab does not need them.
disable_services_of() {
  local unit
  for unit in $(dpkg -L $1 2>/dev/null | sed -n 's|^/lib/systemd/system/\([^@]*\.\(service\|socket\)\)$|\1|p'); do
    case $unit in nova-* | neutron-* | keystone* | glance-* | placement-* | rabbitmq-* | epmd* | mariadb*)
      systemctl disable --quiet "$unit" 2>/dev/null ;;
    esac
  done
  return 0
}
