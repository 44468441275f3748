#!/usr/bin/python3
"""ovs_agents.py <host…>: the Open vSwitch agents of all hosts as far as Neutron can tell, in one process.

It speaks Neutron's own agent RPC: heartbeats, tunnel endpoints, ports that become ACTIVE (so Nova gets its
network-vif-plugged), and networking-sfc's flow rules. No packet is switched. What each host was told to switch stands in
  sfc-flows.json    the rules in force: {host: {<rule id>/<port>/<fwd|rev>: rule}}
  sfc-flows.jsonl   every instruction, in order: {"seq", "at", "op": "update"|"delete", "host", "key", "rule"}
Hosts named in agents-down.json (a list) fall silent: Neutron calls them dead after 30 s.
"""
import eventlet

eventlet.monkey_patch()

import json
import os
import sys
import time

import oslo_messaging
from neutron.agent import rpc as agent_rpc
from neutron.common import config as common_config
from neutron.conf.agent import common as agent_config
from neutron_lib import context as neutron_context
from neutron_lib import rpc as neutron_rpc
from neutron_lib.agent import topics
from oslo_config import cfg
from oslo_log import log as logging

from lab_api import LAB, Api, poll, tunnel_ips, write_json

HOSTS = sys.argv[1:]
LOG = logging.getLogger('ovs_agents')
CONTEXT = neutron_context.get_admin_context_without_session()
TUNNEL_IP = tunnel_ips(HOSTS)


class FlowRules:
    """The rules in force and the journal of how they came to be."""

    def __init__(self):
        self.file, self.journal = LAB + '/sfc-flows.json', LAB + '/sfc-flows.jsonl'
        self.seq, self.rules = 0, {}
        try:
            with open(self.file) as file:
                self.rules = json.load(file)
            with open(self.journal) as file:
                self.seq = sum(1 for _ in file)
        except (OSError, ValueError):
            self.dump()

    def dump(self):
        write_json(self.file, self.rules)

    def record(self, op, host, rule):
        # The port pairs of one group share an id, so the key carries the port and the direction too.
        key = '%s/%s/%s' % (rule.get('id'), rule.get('ingress') or rule.get('egress'),
                            'fwd' if rule.get('fwd_path', True) else 'rev')
        of_host = self.rules.setdefault(host, {})
        if op == 'update':
            of_host[key] = rule
        else:
            of_host.pop(key, None)
        self.seq += 1
        with open(self.journal, 'a') as file:
            file.write(json.dumps({'seq': self.seq, 'at': time.time(), 'op': op, 'host': host, 'key': key, 'rule': rule}) + '\n')
        self.dump()


class Neutron:
    """The calls that an agent makes."""

    def __init__(self):
        self.state = agent_rpc.PluginReportStateAPI(topics.REPORTS)
        self.plugin = agent_rpc.PluginApi(topics.PLUGIN)
        self.chains = neutron_rpc.get_client(oslo_messaging.Target(topic='q-sfc-plugin', version='1.0'))


def silent_hosts():
    try:
        with open(LAB + '/agents-down.json') as file:
            return set(json.load(file))
    except (OSError, ValueError):
        return set()


def agent_state(host):
    return {
        'binary': 'neutron-openvswitch-agent', 'host': host, 'topic': 'N/A', 'agent_type': 'Open vSwitch agent', 'start_flag': True,
        'configurations': {
            'bridge_mappings': {'physnet1': 'br-phys'}, 'tunnel_types': ['vxlan'], 'tunneling_ip': TUNNEL_IP[host],
            'l2_population': False, 'arp_responder_enabled': False, 'enable_distributed_routing': False,
            'log_agent_heartbeats': False, 'extensions': ['sfc'], 'ovs_hybrid_plug': False, 'datapath_type': 'system',
            'vhostuser_socket_dir': '/var/run/openvswitch', 'integration_bridge': 'br-int', 'in_distributed_mode': False, 'devices': 0,
            'ovs_capabilities': {'datapath_types': ['netdev', 'system'], 'iface_types': ['internal', 'vxlan', 'tap']}}}


def beat(neutron, host):
    state, has_tunnel = agent_state(host), False
    while True:
        if host not in silent_hosts():
            try:
                if not has_tunnel:
                    # Registers the tunnel endpoint: without it networking-sfc's driver cannot make a port pair.
                    neutron.plugin.tunnel_sync(CONTEXT, TUNNEL_IP[host], 'vxlan', host)
                    has_tunnel = True
                neutron.state.report_state(CONTEXT, state, True)
                state.pop('start_flag', None)
            except Exception as error:
                LOG.warning('heartbeat of %s: %s', host, error)
        eventlet.sleep(cfg.CONF.AGENT.report_interval)


class PortEvents:
    """What Neutron tells all agents about ports; a port that is plugged here goes up."""
    target = oslo_messaging.Target(version='1.5')

    def __init__(self, neutron, flows):
        self.neutron, self.flows = neutron, flows

    def port_update(self, context, **message):
        port = message['port']
        if port.get('binding:vif_type') == 'ovs' and port.get('status') != 'ACTIVE' and port.get('device_id'):
            eventlet.spawn_n(self.plug, port['id'], port.get('binding:host_id'))

    def binding_activate(self, context, **message):
        eventlet.spawn_n(self.plug, message['port_id'], message['host'])

    def port_delete(self, context, **message):
        """Nothing is plugged, so nothing to unplug."""

    binding_deactivate = network_update = network_delete = port_delete

    def plug(self, port_id, host):
        if host not in TUNNEL_IP or host in silent_hosts():
            return
        for _ in range(3):
            try:
                # As the agent does: details (the port goes to BUILD), up (ACTIVE), then the SFC extension fetches its rules.
                self.neutron.plugin.get_device_details(CONTEXT, port_id, 'ovs-agent-' + host, host)
                self.neutron.plugin.update_device_up(CONTEXT, port_id, 'ovs-agent-' + host, host)
                for rule in self.neutron.chains.prepare().call(CONTEXT, 'get_flowrules_by_host_portid', host=host, port_id=port_id) or []:
                    self.flows.record('update', host, rule)
                return
            except Exception as error:
                LOG.warning('port %s on %s: %s', port_id, host, error)
                eventlet.sleep(1)


class ChainEvents:
    """What networking-sfc tells one host's agent."""
    target = oslo_messaging.Target(version='1.0')

    def __init__(self, neutron, flows, host):
        self.neutron, self.flows, self.host = neutron, flows, host

    def update_flow_rules(self, context, **message):
        self.take('update', message['flowrule_entries'])

    def delete_flow_rules(self, context, **message):
        self.take('delete', message['flowrule_entries'])

    def take(self, op, rule):
        if not rule:
            return
        self.flows.record(op, self.host, rule)
        status = {'id': rule['id'], 'status': 'ACTIVE' if op == 'update' else 'INACTIVE'}
        try:
            self.neutron.chains.prepare().cast(CONTEXT, 'update_flowrules_status', flowrules_status=[status])
        except Exception as error:
            LOG.warning('status of %s: %s', rule['id'], error)


def main():
    common_config.register_common_config_options()
    agent_config.register_agent_state_opts_helper(cfg.CONF)
    common_config.init(['--config-file', LAB + '/conf/neutron.conf'])
    common_config.setup_logging()
    poll(300, 'Neutron', lambda: Api().get('neutron', '/agents'))
    neutron, flows = Neutron(), FlowRules()
    connections = [agent_rpc.create_consumers([PortEvents(neutron, flows)], topics.AGENT, [
        [topics.PORT, topics.UPDATE], [topics.PORT, topics.DELETE], [topics.NETWORK, topics.UPDATE],
        [topics.PORT_BINDING, topics.ACTIVATE], [topics.PORT_BINDING, topics.DEACTIVATE]])]
    for host in HOSTS:
        connection = neutron_rpc.Connection()
        for op in (topics.UPDATE, topics.DELETE):
            topic = topics.get_topic_name('q-sfc-agent', 'portflowrule', op)
            connection.servers.append(neutron_rpc.get_server(
                oslo_messaging.Target(topic=topic, server=host), [ChainEvents(neutron, flows, host)]))
        connection.consume_in_threads()
        connections.append(connection)
        eventlet.spawn_n(beat, neutron, host)
    LOG.info('agents of %s', HOSTS)
    while True:
        eventlet.sleep(3600)


main()
