"""A small client of the lab's OpenStack APIs, for the lab's own scripts (standard library only)."""
import json
import os
import time
import urllib.error
import urllib.request

LAB = os.environ['SIDESTEP_LAB']


def url(service):
    """The service's address: each has its port in the environment (lib/env.sh)."""
    path = {'keystone': '/v3', 'nova': '/v2.1', 'neutron': '/v2.0', 'glance': '/v2', 'placement': ''}[service]
    return 'http://127.0.0.1:%s%s' % (os.environ[service.upper() + '_PORT'], path)


def tunnel_ips(hosts):
    """The hosts' addresses in flow rules; nothing listens there."""
    return {host: '10.77.0.%d' % (number + 1) for number, host in enumerate(hosts)}


def write_json(path, value, mode=0o600):
    """Writes the file at once, never half of it."""
    part = path + '.part'
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), 'w') as file:
        json.dump(value, file, indent=1)
        file.write('\n')
    os.replace(part, path)


class ApiError(Exception):
    def __init__(self, method, address, status, body):
        super().__init__('%s %s: %s %s' % (method, address, status, json.dumps(body)[:500]))
        self.status = status


class Api:
    """An administrator's session: one token, then calls that answer parsed JSON or raise ApiError."""

    def __init__(self):
        with open(LAB + '/credentials.json') as file:
            account = json.load(file)
        domain = {'name': account['userDomainName']}
        user = {'name': account['username'], 'domain': domain, 'password': account['password']}
        self.headers = {}
        _, headers = self.exchange('POST', url('keystone') + '/auth/tokens', {'auth': {
            'identity': {'methods': ['password'], 'password': {'user': user}},
            'scope': {'project': {'name': account['projectName'], 'domain': domain}}}})
        self.headers = {'X-Auth-Token': headers['X-Subject-Token'], 'OpenStack-API-Version': 'compute 2.90'}

    def exchange(self, method, address, body=None, content_type='application/json'):
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, data, {'Content-Type': content_type, **self.headers}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                text, headers = response.read(), response.headers
        except urllib.error.HTTPError as error:
            raise ApiError(method, address, error.code, error.read().decode(errors='replace')) from error
        return (json.loads(text) if text else None), headers

    def call(self, method, service, path, body=None):
        return self.exchange(method, url(service) + path, body)[0]

    def get(self, service, path):
        return self.call('GET', service, path)

    def post(self, service, path, body):
        return self.call('POST', service, path, body)


def poll(seconds, what, question):
    """Asks until the answer is true; a failing question counts as false. Raises TimeoutError with the last one's reason."""
    deadline, reason = time.time() + seconds, 'no answer'
    while time.time() < deadline:
        try:
            answer = question()
            if answer:
                return answer
            reason = 'not yet'
        except (ApiError, OSError, KeyError) as error:
            reason = error
        time.sleep(0.5)
    raise TimeoutError('%s: not within %s s (%s)' % (what, seconds, reason))
