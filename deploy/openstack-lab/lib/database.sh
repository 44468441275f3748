# MariaDB, and the databases' schemas. Making fresh schemas takes about a minute of alembic, so the data
# folder is copied once they are made (no password, user or row of ours is in it) and the next lab starts from the copy.

DATABASE_DIR=$SIDESTEP_LAB/data/mariadb

# Names the copy by what made it, so that upgraded packages make their own schemas.
schema_copy() {
  local key
  key=$({ dpkg-query -W -f '${Package}=${Version}\n' $(wanted_packages) && cat "$LAB_SRC/lib/database.sh" "$LAB_SRC/conf/mariadb.cnf"; } | sha256sum | cut -c 1-16)
  echo "$SIDESTEP_LAB/cache/schemas-$key"
}

start_database() {
  if [ ! -d "$DATABASE_DIR/mysql" ]; then
    rm -rf "$DATABASE_DIR"
    if [ -d "$(schema_copy)" ]; then
      cp -a --sparse=always "$(schema_copy)" "$DATABASE_DIR"
      touch "$SIDESTEP_LAB/data/schemas-made"
    else
      run_logged mariadb-install mariadb-install-db --no-defaults --user=root --datadir="$DATABASE_DIR" \
        --auth-root-authentication-method=socket --skip-test-db --skip-name-resolve
    fi
  fi
  # init.sql makes the databases, and the one account with this lab's password.
  start mariadb mariadbd --defaults-file="$SIDESTEP_LAB/conf/mariadb.cnf"
}

# Connections are answered once init.sql is through; the greeting says so.
database_answers() { [ -n "$(timeout 5 bash -c "head -c 5 </dev/tcp/127.0.0.1/$DATABASE_PORT" 2>/dev/null | tr -d '\0')" ]; }

make_schemas() {
  [ -e "$SIDESTEP_LAB/data/schemas-made" ] && return
  say 'making the schemas of keystone, placement, glance, nova and neutron (kept for the next lab)'
  local conf=$SIDESTEP_LAB/conf lane
  local -A lanes=()
  run_logged schema-keystone keystone-manage --config-file "$conf/keystone.conf" db_sync &
  lanes[schema-keystone]=$!
  run_logged schema-neutron neutron-db-manage --config-file "$conf/neutron.conf" upgrade heads &
  lanes[schema-neutron]=$!
  make_nova_schemas &
  lanes[schema-nova]=$!
  {
    OS_PLACEMENT_CONFIG_DIR=$conf run_logged schema-placement placement-manage --config-file "$conf/placement.conf" db sync
    run_logged schema-glance glance-manage --config-file "$conf/glance.conf" db_sync
  } &
  lanes[schema-glance]=$!
  for lane in "${!lanes[@]}"; do wait "${lanes[$lane]}" || exit 1; done
  keep_schemas
  touch "$SIDESTEP_LAB/data/schemas-made"
}

make_nova_schemas() {
  local manage=(run_logged schema-nova nova-manage --config-file "$SIDESTEP_LAB/conf/nova.conf")
  # Cell mappings as templates: nova fills in user, password and address from its configuration.
  local database='{scheme}://{username}:{password}@{hostname}:{port}'
  "${manage[@]}" api_db sync
  "${manage[@]}" cell_v2 map_cell0 --database_connection "$database/nova_cell0"
  "${manage[@]}" db sync
  "${manage[@]}" cell_v2 create_cell --name cell1 --database_connection "$database/nova" \
    --transport-url '{scheme}://{username}:{password}@{hostname}:{port}/{path}'
}

# A copy must be of a stopped database.
keep_schemas() {
  local copy
  copy=$(schema_copy)
  stop 30 mariadb
  rm -rf "$SIDESTEP_LAB"/cache/schemas-*
  mkdir -p "$SIDESTEP_LAB/cache"
  cp -a --sparse=always "$DATABASE_DIR" "$copy.part" && mv "$copy.part" "$copy"
  start_database
  await mariadb 60 database_answers
}
