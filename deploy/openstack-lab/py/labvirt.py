"""nova.virt.labvirt.LabDriver: nova's own FakeDriver, made to behave like a hypervisor where tests look.

- A live migration takes time with the guest's memory, reports its progress, honours abort and force-complete.
- Guests are kept over a restart of the compute.
- Faults are injected while it runs: <control folder>/all.ctl.json and <host>.ctl.json, read at each operation. See SETTINGS.
- A host's capacity may be set in <control folder>/hosts.json: {"*": {"vcpus": 12, "memory_mb": 24576, "local_gb": 500}, "compute3": …}.
"""
import json
import os
import time

import nova.conf
from nova import exception
from nova.compute import power_state
from nova.virt import fake
from oslo_log import log as logging

CONF = nova.conf.CONF
LOG = logging.getLogger(__name__)
CONTROL_DIR = os.environ['SIDESTEP_LAB'] + '/virt'

SETTINGS = {
    'lm_base_s': 1.0,          # a live migration lasts lm_base_s + memory / lm_mb_per_s
    'lm_mb_per_s': 4096,
    'lm_hang': False,          # it copies for ever (until abort or force-complete)
    'lm_fail': False,          # the hypervisor fails half-way through the copy
    'lm_precheck_fail': None,  # this host refuses as destination, with this text
    'spawn_s': 0,              # a new guest takes so long
    'spawn_fail': False,
}


def read_json(path, otherwise):
    try:
        with open(path) as file:
            return json.load(file)
    except (OSError, ValueError):
        return otherwise


class LabDriver(fake.FakeDriver):
    # The main paper's servers.
    vcpus, memory_mb, local_gb = 12, 24576, 500

    def __init__(self, virtapi, read_only=False):
        capacities = read_json(CONTROL_DIR + '/hosts.json', {})
        for name, value in capacities.get(CONF.host, capacities.get('*', {})).items():
            setattr(self, name, value)
        super().__init__(virtapi, read_only)
        self._guests_file = '%s/data/nova/%s/guests.json' % (os.environ['SIDESTEP_LAB'], CONF.host)
        for uuid, (name, state) in read_json(self._guests_file, {}).items():
            self.instances[uuid] = fake.FakeInstance(name, state, uuid)
        self._migrations = {}

    def _save_guests(self):
        part = self._guests_file + '.part'
        with open(part, 'w') as file:
            json.dump({uuid: (guest.name, guest.state) for uuid, guest in self.instances.items()}, file)
        os.replace(part, self._guests_file)

    def _settings(self):
        return {**SETTINGS, **read_json(CONTROL_DIR + '/all.ctl.json', {}),
                **read_json('%s/%s.ctl.json' % (CONTROL_DIR, CONF.host), {})}

    def spawn(self, context, instance, *args, **more):
        settings = self._settings()
        time.sleep(settings['spawn_s'])
        if settings['spawn_fail']:
            raise exception.InstanceDeployFailure('labvirt: spawn failure injected on %s' % CONF.host)
        super().spawn(context, instance, *args, **more)
        self._save_guests()

    def destroy(self, context, instance, *args, **more):
        super().destroy(context, instance, *args, **more)
        self._save_guests()

    def power_off(self, instance, *args, **more):
        super().power_off(instance, *args, **more)
        self._save_guests()

    def power_on(self, context, instance, *args, **more):
        if instance.uuid not in self.instances:
            self.instances[instance.uuid] = fake.FakeInstance(instance.name, power_state.RUNNING, instance.uuid)
        super().power_on(context, instance, *args, **more)
        self._save_guests()

    def migrate_disk_and_power_off(self, context, instance, *args, **more):
        if instance.uuid in self.instances:
            self.instances[instance.uuid].state = power_state.SHUTDOWN
            self._save_guests()
        return super().migrate_disk_and_power_off(context, instance, *args, **more)

    def check_can_live_migrate_destination(self, context, instance, *args, **more):
        refusal = self._settings()['lm_precheck_fail']
        if refusal:
            raise exception.MigrationPreCheckError(reason=refusal)
        return super().check_can_live_migrate_destination(context, instance, *args, **more)

    def live_migration(self, context, instance, dest, post_method, recover_method,
                       block_migration=False, migrate_data=None):
        wish = self._migrations[instance.uuid] = {'abort': False, 'force': False}
        try:
            aborted = self._copy_memory(instance, migrate_data, wish)
        except exception.NovaException:
            LOG.exception('labvirt: live migration failed', instance=instance)
            recover_method(context, instance, dest, migrate_data)
            return
        finally:
            self._migrations.pop(instance.uuid, None)
        if aborted:
            recover_method(context, instance, dest, migrate_data, migration_status='cancelled')
        else:
            post_method(context, instance, dest, block_migration, migrate_data)

    def _copy_memory(self, instance, migrate_data, wish):
        """Lets the time of the copy pass and records its progress; answers whether it was aborted."""
        settings = self._settings()
        duration = settings['lm_base_s'] + instance.flavor.memory_mb / settings['lm_mb_per_s']
        record = migrate_data.migration if 'migration' in migrate_data else None
        start = time.time()
        while not wish['force'] and (settings['lm_hang'] or time.time() - start < duration):
            if wish['abort']:
                return True
            done = min(1.0, (time.time() - start) / duration)
            if settings['lm_fail'] and done > 0.5:
                raise exception.LiveMigrationURINotAvailable(virt_type='lab')
            if record is not None:
                record.memory_total = instance.flavor.memory_mb * 1024 * 1024
                record.memory_processed = int(record.memory_total * done)
                record.memory_remaining = record.memory_total - record.memory_processed
                record.disk_total = record.disk_processed = record.disk_remaining = 0
                record.save()
            time.sleep(min(0.25, max(0.02, duration / 20)))
        return False

    def live_migration_force_complete(self, instance):
        self._migrations.get(instance.uuid, {})['force'] = True

    def live_migration_abort(self, instance):
        self._migrations.get(instance.uuid, {})['abort'] = True

    def post_live_migration(self, context, instance, block_device_info, migrate_data=None):
        self.destroy(context, instance, network_info=None, block_device_info=block_device_info)

    def get_host_uptime(self):
        return ' 10:00:00 up 30 days,  0:00,  1 user,  load average: 0.10, 0.10, 0.10'
