#!/usr/bin/python3
"""Fills Keystone after its bootstrap: the services' account and the catalogue of RegionOne. Repeatable."""
from lab_api import LAB, Api, poll, url


def ensure(api, collection, kind, name, more):
    found = api.get('keystone', '/%s?name=%s' % (collection, name))[collection]
    return found[0] if found else api.post('keystone', '/' + collection, {kind: {'name': name, **more}})[kind]


def main():
    api = poll(60, 'a token from Keystone', Api)
    project = ensure(api, 'projects', 'project', 'service', {'domain_id': 'default'})
    with open(LAB + '/password') as file:
        user = ensure(api, 'users', 'user', 'service', {'domain_id': 'default', 'password': file.read()})
    for name in ('admin', 'service'):
        role = ensure(api, 'roles', 'role', name, {})
        api.call('PUT', 'keystone', '/projects/%s/users/%s/roles/%s' % (project['id'], user['id'], role['id']))
    for name, kind in (('nova', 'compute'), ('placement', 'placement'), ('neutron', 'network'), ('glance', 'image')):
        service = ensure(api, 'services', 'service', name, {'type': kind})
        # A client appends /v2.0 and /v2 to the addresses of Neutron and Glance by itself.
        address = url(name) if name in ('nova', 'placement') else url(name).rsplit('/', 1)[0]
        known = {endpoint['interface'] for endpoint in api.get('keystone', '/endpoints?service_id=' + service['id'])['endpoints']}
        for interface in {'public', 'internal', 'admin'} - known:
            api.post('keystone', '/endpoints', {'endpoint': {
                'service_id': service['id'], 'interface': interface, 'region_id': 'RegionOne', 'url': address}})


main()
