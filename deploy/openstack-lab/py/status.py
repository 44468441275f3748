#!/usr/bin/python3
"""status.py [--json] <host…>, with "<service> <pid or 0>" a line on stdin: one line a service, and lab.json for programs.

lab.json is what tests connect with: addresses, files, hosts, and the servers as they are now. Exits 1 if a service is down.
"""
import json
import os
import sys

from lab_api import LAB, Api, ApiError, tunnel_ips, url, write_json

PORTS = {'mariadb': 'DATABASE_PORT', 'epmd': 'EPMD_PORT', 'rabbitmq': 'BROKER_PORT', 'keystone': 'KEYSTONE_PORT',
         'placement': 'PLACEMENT_PORT', 'glance': 'GLANCE_PORT', 'neutron': 'NEUTRON_PORT', 'nova-api': 'NOVA_PORT'}


def services():
    for line in sys.stdin:
        name, pid = line.split()
        port = os.environ.get(PORTS.get(name, ''))
        yield {'name': name, 'up': pid != '0', 'pid': int(pid) or None, 'port': port and int(port)}


def compute_pid(host):
    try:
        with open('%s/run/compute-%s.pid' % (LAB, host)) as file:
            return int(file.read())
    except (OSError, ValueError):
        return None


def hosts(api, names):
    states = {hypervisor['hypervisor_hostname']: hypervisor['state'] for hypervisor in api.get('nova', '/os-hypervisors')['hypervisors']}
    alive = {agent['host']: agent['alive'] for agent in api.get('neutron', '/agents')['agents']}
    return [{'name': name, 'tunnelIp': tunnel_ip, 'state': states.get(name, 'unknown'), 'agentAlive': alive.get(name, False),
             'computePid': compute_pid(name)} for name, tunnel_ip in tunnel_ips(names).items()]


def servers(api):
    ports = api.get('neutron', '/ports')['ports']
    for server in api.get('nova', '/servers/detail')['servers']:
        own = [port for port in ports if port['device_id'] == server['id']]
        yield {'id': server['id'], 'name': server['name'], 'status': server['status'], 'host': server['OS-EXT-SRV-ATTR:host'],
               'ports': {port['name'].rsplit('-', 1)[-1]: port['id'] for port in own}}


def describe(names):
    lab = {
        'authUrl': url('keystone'), 'regionName': 'RegionOne', 'credentialsFile': LAB + '/credentials.json',
        'sfcFlowsFile': LAB + '/sfc-flows.json', 'sfcJournalFile': LAB + '/sfc-flows.jsonl',
        'virtControlDir': LAB + '/virt', 'agentsDownFile': LAB + '/agents-down.json', 'logDir': LAB + '/log',
        'services': list(services()), 'servers': [],
        'hosts': [{'name': name, 'tunnelIp': tunnel_ip, 'state': 'unknown'} for name, tunnel_ip in tunnel_ips(names).items()]}
    if all(service['up'] for service in lab['services']):
        api = Api()
        network = api.get('neutron', '/networks?name=service')['networks']
        lab.update(hosts=hosts(api, names), servers=sorted(servers(api), key=lambda server: server['name']),
                   networkId=network[0]['id'] if network else None)
    return lab


def print_lines(lab):
    for service in lab['services']:
        print('%-4s %-15s %s%s' % ('up' if service['up'] else 'DOWN', service['name'],
                                   'pid %d' % service['pid'] if service['pid'] else '',
                                   '  127.0.0.1:%d' % service['port'] if service['port'] else ''))
    for host in lab['hosts']:
        guests = [server['name'] for server in lab['servers'] if server['host'] == host['name']]
        print('%-4s %-15s %s' % (host['state'], host['name'], ' '.join(guests)))


def main():
    arguments = sys.argv[1:]
    as_json = '--json' in arguments
    try:
        lab = describe([argument for argument in arguments if argument != '--json'])
    except (ApiError, OSError) as error:
        sys.exit('lab: the services run, but do not answer: %s' % error)
    if os.path.exists(LAB + '/credentials.json'):
        write_json(LAB + '/lab.json', lab)
    if as_json:
        print(json.dumps(lab, indent=1))
    else:
        print_lines(lab)
    healthy = all(service['up'] for service in lab['services']) and all(host['state'] == 'up' for host in lab['hosts'])
    sys.exit(0 if healthy else 1)


main()
