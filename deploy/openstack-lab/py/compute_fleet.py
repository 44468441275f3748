#!/usr/bin/python3
"""compute_fleet.py <host…>: one real nova-compute process a host, forked from a parent that has imported nova already
(two seconds each instead of eight, and memory shared).

run/compute-<host>.pid names each. One killed by a signal stays dead, as a lost host does, until the parent gets SIGHUP;
one that ends by itself (Keystone was not ready, say) is started again. SIGTERM ends all.
"""
import gc
import importlib.util
import os
import signal
import sys
import time

# "Start the dead ones" may come while the modules are still being loaded, when none is dead.
signal.signal(signal.SIGHUP, signal.SIG_IGN)

import nova.cmd.compute  # monkey-patches eventlet, so before the rest of nova
import nova.compute.manager  # noqa: F401  (this and the next are imported for the children)
import nova.network.neutron  # noqa: F401
import nova.virt

from lab_api import LAB, Api, poll

HOSTS = sys.argv[1:]
children = {}
stopping = False
revive = False


def plant_driver():
    """Nova loads only drivers below nova.virt; the lab's stands in this folder."""
    spec = importlib.util.spec_from_file_location('nova.virt.labvirt', os.path.dirname(os.path.abspath(__file__)) + '/labvirt.py')
    module = importlib.util.module_from_spec(spec)
    sys.modules['nova.virt.labvirt'] = nova.virt.labvirt = module
    spec.loader.exec_module(module)


def pid_file(host):
    return '%s/run/compute-%s.pid' % (LAB, host)


def run_compute(host):
    """In the child: becomes the host's nova-compute. Does not return."""
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_DFL)
    log = os.open('%s/log/compute-%s.log' % (LAB, host), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    state, settings = '%s/data/nova/%s' % (LAB, host), '%s/conf/%s.conf' % (LAB, host)
    os.makedirs(state, exist_ok=True)
    with open(settings, 'w') as file:
        file.write('[DEFAULT]\nhost = %s\nstate_path = %s\n' % (host, state))
    sys.argv = ['nova-compute', '--config-file', LAB + '/conf/nova.conf', '--config-file', settings]
    plant_driver()
    try:
        nova.cmd.compute.main()
    finally:
        os._exit(3)


def spawn(host):
    pid = os.fork()
    if pid == 0:
        run_compute(host)
    children[pid] = host
    with open(pid_file(host), 'w') as file:
        file.write(str(pid))


def on_term(*_):
    global stopping
    stopping = True
    for pid in list(children):
        os.kill(pid, signal.SIGTERM)


def on_hangup(*_):
    global revive
    revive = True


def reap():
    """Buries ended children; starts those again that ended by themselves."""
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        host = children.pop(pid)
        os.remove(pid_file(host))
        print('compute', host, 'ended with', status, flush=True)
        if not os.WIFSIGNALED(status) and not stopping:
            spawn(host)


def main():
    global revive
    # Computes report their resources to Placement as soon as they start.
    poll(300, 'the catalogue', lambda: Api().get('placement', '/resource_providers') and Api().get('neutron', '/agents'))
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGTERM, on_term)
    signal.signal(signal.SIGHUP, on_hangup)
    for host in HOSTS:
        spawn(host)
    while not stopping or children:
        reap()
        if revive and not stopping:
            revive = False
            for host in set(HOSTS) - set(children.values()):
                spawn(host)
        time.sleep(0.5)


main()
