#!/usr/bin/python3
"""Makes what a lab needs before its first start: its password, Keystone's keys, and conf/* from the templates.

The password is made once a lab and kept in files of mode 0600; templates name their blanks @LIKE_THIS@.
"""
import base64
import os
import re
import secrets

from lab_api import LAB, url, write_json

TEMPLATES = os.environ['LAB_SRC'] + '/conf'


def write_private(path, text):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as file:
        file.write(text)


def password():
    path = LAB + '/password'
    if not os.path.exists(path):
        write_private(path, secrets.token_hex(20))
    with open(path) as file:
        return file.read()


def make_keys(folder):
    """Two Fernet keys, as `keystone-manage fernet_setup` makes them (0 is staged, 1 primary), without its 4 s of imports."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    for name in ('0', '1'):
        if not os.path.exists(folder + '/' + name):
            write_private(folder + '/' + name, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())


def service_account(secret):
    return '\n'.join([
        'www_authenticate_uri = ' + url('keystone'),
        'auth_url = ' + url('keystone'),
        'auth_type = password',
        'user_domain_name = Default',
        'project_domain_name = Default',
        'project_name = service',
        'username = service',
        'password = ' + secret,
        'region_name = RegionOne'])


def main():
    secret = password()
    blanks = {name: value for name, value in os.environ.items() if name.endswith('_PORT')}
    blanks.update(
        LAB=LAB, PASSWORD=secret, SERVICE_ACCOUNT=service_account(secret),
        DATABASE='mysql+pymysql://openstack:%s@127.0.0.1:%s' % (secret, os.environ['DATABASE_PORT']),
        BROKER='rabbit://openstack:%s@127.0.0.1:%s/lab' % (secret, os.environ['BROKER_PORT']))
    for name in sorted(os.listdir(TEMPLATES)):
        with open(TEMPLATES + '/' + name) as file:
            write_private(LAB + '/conf/' + name, re.sub(r'@([A-Z_]+)@', lambda blank: blanks[blank.group(1)], file.read()))
    for folder in ('keystone/tokens', 'keystone/credentials'):
        make_keys(LAB + '/data/' + folder)
    for folder in ('conf/no-policies', 'data/nova', 'data/neutron', 'data/glance/images'):
        os.makedirs(LAB + '/' + folder, exist_ok=True)
    write_json(LAB + '/credentials.json', {
        'authUrl': url('keystone'), 'username': 'admin', 'password': secret, 'projectName': 'admin',
        'userDomainName': 'Default', 'projectDomainName': 'Default', 'regionName': 'RegionOne'})


main()
