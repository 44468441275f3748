# Where the lab keeps its things and which ports it takes. Sourced by lab.sh.

LAB_SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SIDESTEP_LAB=${SIDESTEP_LAB:-${HOME:-~}/.cache/sidestep-lab}
export LAB_SRC SIDESTEP_LAB
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

# Debian's own Python and modules, whose byte code its packages bring; the lab's folder stays clean of it.
unset PYTHONPATH PYTHONHOME
export PYTHONDONTWRITEBYTECODE=1
# No proxy serves loopback.
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost

# All on 127.0.0.1. An offset moves every one of them, e.g. to run beside another OpenStack.
OFFSET=${SIDESTEP_LAB_PORT_OFFSET:-0}
case $OFFSET in '' | *[!0-9]*) echo "lab: SIDESTEP_LAB_PORT_OFFSET must be a number, not '$OFFSET'" >&2 && exit 2 ;; esac
export KEYSTONE_PORT=$((5000 + OFFSET)) NOVA_PORT=$((8774 + OFFSET)) PLACEMENT_PORT=$((8778 + OFFSET))
export GLANCE_PORT=$((9292 + OFFSET)) NEUTRON_PORT=$((9696 + OFFSET))
export DATABASE_PORT=$((3307 + OFFSET)) BROKER_PORT=$((5673 + OFFSET))
export ERLANG_PORT=$((25673 + OFFSET)) EPMD_PORT=$((4370 + OFFSET))

HOSTS=(compute1 compute2 compute3 compute4 compute5)

say() { printf 'lab: %s\n' "$*"; }
