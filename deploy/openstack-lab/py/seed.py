#!/usr/bin/python3
"""seed.py <host…>: a network, flavors, an image and the servers of a small NFV cloud. Repeatable: what exists by name stays.

Each VNF has two ports (ingress and egress of a port pair), client and web one, so that a chain
client → fw → ips → dpi → web can be built and its members moved; fw-2 and ips-2 are spare members.
"""
import sys

from lab_api import Api, ApiError, poll, url

FLAVORS = {'vnf.small': (1, 1024, 5), 'vnf.medium': (2, 2048, 10), 'vnf.large': (4, 8192, 20), 'vnf.host': (12, 24576, 20)}
VNF_PORTS = ('ingress', 'egress')
# name, flavor, ports, number of its host
SERVERS = [
    ('client', 'vnf.small', ('client',), 0),
    ('fw-1', 'vnf.small', VNF_PORTS, 1),
    ('ips-1', 'vnf.small', VNF_PORTS, 2),
    ('dpi-1', 'vnf.medium', VNF_PORTS, 3),
    ('web', 'vnf.small', ('client',), 4),
    ('fw-2', 'vnf.small', VNF_PORTS, 0),
    ('ips-2', 'vnf.medium', VNF_PORTS, 4),
]


def ensure_flavors(api):
    for name, (vcpus, ram_mib, disk_gb) in FLAVORS.items():
        try:
            api.post('nova', '/flavors', {'flavor': {'id': name, 'name': name, 'vcpus': vcpus, 'ram': ram_mib, 'disk': disk_gb}})
        except ApiError as error:
            if error.status != 409:
                raise


def ensure_image(api):
    found = api.get('glance', '/images?name=vnf')['images']
    image = found[0] if found else api.post('glance', '/images', {
        'name': 'vnf', 'disk_format': 'raw', 'container_format': 'bare', 'visibility': 'public'})
    if image['status'] == 'queued':
        api.exchange('PUT', '%s/images/%s/file' % (url('glance'), image['id']), b'\0' * 65536, 'application/octet-stream')
    return image['id']


def ensure_network(api):
    found = api.get('neutron', '/networks?name=service')['networks']
    if found:
        return found[0]['id']
    network = api.post('neutron', '/networks', {'network': {'name': 'service'}})['network']['id']
    api.post('neutron', '/subnets', {'subnet': {
        'name': 'service', 'network_id': network, 'ip_version': 4, 'cidr': '10.20.0.0/16'}})
    return network


def ensure_ports(api, network):
    """All ports in one call; answers their ids by name (<server>-<direction>)."""
    ids = {port['name']: port['id'] for port in api.get('neutron', '/ports?network_id=' + network)['ports']}
    missing = [name + '-' + direction for name, _, directions, _ in SERVERS for direction in directions
               if name + '-' + direction not in ids]
    if missing:
        made = api.post('neutron', '/ports', {'ports': [
            {'name': name, 'network_id': network, 'port_security_enabled': False} for name in missing]})
        ids.update({port['name']: port['id'] for port in made['ports']})
    return ids


def main():
    hosts = sys.argv[1:]
    api = Api()
    existing = {server['name'] for server in api.get('nova', '/servers')['servers']}
    missing = [server for server in SERVERS if server[0] not in existing]
    if missing:
        ensure_flavors(api)
        image, network = ensure_image(api), ensure_network(api)
        ports = ensure_ports(api, network)
        for name, flavor, directions, host in missing:
            api.post('nova', '/servers', {'server': {
                'name': name, 'flavorRef': flavor, 'imageRef': image, 'host': hosts[host],
                'networks': [{'port': ports[name + '-' + direction]} for direction in directions]}})

    def settled():
        servers = api.get('nova', '/servers/detail')['servers']
        for server in servers:
            if server['status'] == 'ERROR':
                raise SystemExit('server %s: %s' % (server['name'], server.get('fault')))
        return all(server['status'] != 'BUILD' for server in servers)

    poll(300, 'servers active', settled)


main()
