# What runs in the lab, and in which order it starts and stops.

SERVICES=(mariadb epmd rabbitmq keystone placement glance neutron nova-conductor nova-scheduler nova-api computes agents)

service_ports() {
  printf '%s\n' "mariadb $DATABASE_PORT" "epmd $EPMD_PORT" "rabbitmq $BROKER_PORT" "rabbitmq $ERLANG_PORT" \
    "keystone $KEYSTONE_PORT" "placement $PLACEMENT_PORT" "glance $GLANCE_PORT" "neutron $NEUTRON_PORT" "nova-api $NOVA_PORT"
}

start_broker() {
  local data=$SIDESTEP_LAB/data/rabbitmq
  mkdir -p "$data"
  # A name server of the lab's own, and there first: Erlang would start one on all addresses and leave it behind.
  start epmd epmd -address 127.0.0.1 -port "$EPMD_PORT"
  await epmd 30 port_open "$EPMD_PORT"
  start rabbitmq env HOME="$data" ERL_EPMD_PORT="$EPMD_PORT" ERL_EPMD_ADDRESS=127.0.0.1 \
    RABBITMQ_NODENAME=sidestep@localhost RABBITMQ_DIST_PORT="$ERLANG_PORT" \
    RABBITMQ_MNESIA_BASE="$data" RABBITMQ_LOG_BASE="$SIDESTEP_LAB/log" RABBITMQ_PID_FILE="$data/pid" \
    RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_CONFIG_FILE="$SIDESTEP_LAB/conf/rabbitmq.conf" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$SIDESTEP_LAB/conf/rabbitmq-plugins" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' \
    /usr/lib/rabbitmq/bin/rabbitmq-server
}

# uwsgi closes after each answer; clients that are not told so reuse the connection and fail (hence the header).
start_wsgi() {
  local name=$1 port=$2 program=$3
  start "$name" uwsgi_python3 --http-socket "127.0.0.1:$port" --wsgi-file "$program" --master --processes 2 \
    --enable-threads --threads 2 --lazy-apps --buffer-size 65535 --socket-timeout 60 \
    --add-header 'Connection: close' --thunder-lock --die-on-term --disable-logging
}

start_identity() {
  local conf=$SIDESTEP_LAB/conf/keystone.conf
  OS_KEYSTONE_CONFIG_FILES=$conf start_wsgi keystone "$KEYSTONE_PORT" /usr/bin/keystone-wsgi-public
  [ -e "$SIDESTEP_LAB/data/catalogue-made" ] && return
  local url=http://127.0.0.1:$KEYSTONE_PORT/v3
  OS_BOOTSTRAP_PASSWORD=$(cat "$SIDESTEP_LAB/password") run_logged bootstrap keystone-manage --config-file "$conf" bootstrap \
    --bootstrap-admin-url "$url" --bootstrap-internal-url "$url" --bootstrap-public-url "$url" --bootstrap-region-id RegionOne
  await keystone 120 port_open "$KEYSTONE_PORT"
  run_logged catalogue /usr/bin/python3 "$LAB_SRC/py/catalogue.py"
  touch "$SIDESTEP_LAB/data/catalogue-made"
}

start_apis() {
  local conf=$SIDESTEP_LAB/conf
  OS_PLACEMENT_CONFIG_DIR=$conf start_wsgi placement "$PLACEMENT_PORT" /usr/bin/placement-api
  start neutron neutron-server --config-file "$conf/neutron.conf"
  start nova-api nova-api --config-file "$conf/nova.conf"
  start glance glance-api --config-file "$conf/glance.conf"
}

# These two look Placement up in the catalogue as they start, and end when it is not there.
start_workers() {
  start nova-conductor nova-conductor --config-file "$SIDESTEP_LAB/conf/nova.conf"
  start nova-scheduler nova-scheduler --config-file "$SIDESTEP_LAB/conf/nova.conf"
}

# Both wait for what they need by themselves, and load their modules meanwhile.
start_hosts() {
  start computes /usr/bin/python3 "$LAB_SRC/py/compute_fleet.py" "${HOSTS[@]}"
  start agents /usr/bin/python3 "$LAB_SRC/py/ovs_agents.py" "${HOSTS[@]}"
}

await_cloud() {
  # A compute that was killed (a test's "host down") comes back.
  kill -HUP "$(pid_of computes)" 2>/dev/null
  /usr/bin/python3 "$LAB_SRC/py/ready.py" "${#HOSTS[@]}" >>"$SIDESTEP_LAB/log/ready.log" 2>&1 9>&- &
  local ready=$! name
  while kill -0 "$ready" 2>/dev/null; do
    for name in "${SERVICES[@]}"; do
      alive "$name" || { kill "$ready" && fail "$name stopped" "$name"; }
    done
    sleep 0.2
  done
  wait "$ready" || fail 'the cloud was not ready in time' ready
}

stop_all() {
  stop 3 agents computes nova-api nova-scheduler nova-conductor neutron glance placement keystone
  rm -f "$SIDESTEP_LAB"/run/compute-*.pid
  stop 10 rabbitmq
  stop 15 mariadb epmd
}
