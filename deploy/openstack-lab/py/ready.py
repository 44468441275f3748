#!/usr/bin/python3
"""ready.py <computes>: waits until Nova lists that many hypervisors as up and Neutron that many agents as alive."""
import sys

from lab_api import Api, poll


def main():
    wanted = int(sys.argv[1])
    api = poll(60, 'a token from Keystone', Api)

    def hosts_up():
        hypervisors = api.get('nova', '/os-hypervisors')['hypervisors']
        return sum(hypervisor['state'] == 'up' for hypervisor in hypervisors) >= wanted

    def agents_alive():
        return sum(agent['alive'] for agent in api.get('neutron', '/agents')['agents']) >= wanted

    poll(240, '%d hypervisors up' % wanted, hosts_up)
    poll(120, '%d network agents alive' % wanted, agents_alive)


main()
