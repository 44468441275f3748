/** Where a VNF's collectd reports to, by its network plugin, and how it signs. */
export type MonitoringTarget = {
  readonly host: string;
  readonly port: number;
  /** A user of Monitoring's that guests sign as; null: what they report is unsigned. */
  readonly signer: { readonly user: string; readonly password: string } | null;
};

export type UserData =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unknown-kind'; readonly why: string };

/**
 * A script for cloud-init that makes a guest report itself: collectd is installed where the image has none, with the
 * server's UUID as its Hostname (cloud-init's OpenStack data source has it as the instance id).
 */
export function monitoringScript({ host, port, signer }: MonitoringTarget): string {
  return `#!/bin/sh
# Reports this server to Sidestep's Monitoring under its UUID.
set -u
id=$(cat /var/lib/cloud/data/instance-id)
[ -n "$id" ] || exit 1
if ! command -v collectd >/dev/null 2>&1; then
  if command -v apt-get >/dev/null 2>&1; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q && apt-get install -q -y --no-install-recommends collectd-core
  elif command -v dnf >/dev/null 2>&1; then
    dnf install -q -y collectd
  elif command -v apk >/dev/null 2>&1; then
    apk add -q collectd collectd-network
  fi
fi
command -v collectd >/dev/null 2>&1 || exit 1
if [ -d /etc/collectd ] || [ ! -f /etc/collectd.conf ]; then
  mkdir -p /etc/collectd
  conf=/etc/collectd/collectd.conf
else
  conf=/etc/collectd.conf
fi
umask 077
rm -f "$conf"
cat >"$conf" <<END
Hostname "$id"
FQDNLookup false
Interval 1
LoadPlugin cpu
LoadPlugin memory
LoadPlugin load
LoadPlugin disk
LoadPlugin interface
LoadPlugin network
<Plugin cpu>
  ReportByCpu false
  ReportByState true
  ValuesPercentage true
</Plugin>
<Plugin memory>
  ValuesAbsolute true
  ValuesPercentage true
</Plugin>
<Plugin interface>
  Interface "lo"
  IgnoreSelected true
</Plugin>
<Plugin network>
  <Server "${host}" "${port}">${signed(signer)}
  </Server>
</Plugin>
END
if command -v systemctl >/dev/null 2>&1; then
  systemctl enable collectd
  systemctl restart collectd
elif command -v rc-service >/dev/null 2>&1; then
  rc-update add collectd default
  rc-service collectd restart
else
  collectd -C "$conf"
fi
`;
}

function signed(signer: MonitoringTarget['signer']): string {
  if (signer === null) return '';
  const { user, password } = signer;
  return `\n    SecurityLevel Sign\n    Username "${user}"\n    Password "${password}"`;
}

/** cloud-init's kinds of user data, by how each begins (cloud-init, "User data formats"). */
const kinds = [
  ['## template: jinja', 'text/jinja2'],
  ['#cloud-config-archive', 'text/cloud-config-archive'],
  ['#cloud-config', 'text/cloud-config'],
  ['#cloud-boothook', 'text/cloud-boothook'],
  ['#include-once', 'text/x-include-once-url'],
  ['#include', 'text/x-include-url'],
  ['#part-handler', 'text/part-handler'],
  ['#!', 'text/x-shellscript'],
] as const;

/** The caller's user data and a script of ours as one multipart document (RFC 2046); the script alone where there is none. */
export function withScript(userData: string | undefined, script: string): UserData {
  if (userData === undefined || userData.trim() === '') return { kind: 'text', text: script };
  const own = part('text/x-shellscript', script, 'sidestep-monitoring.sh');
  const theirs = partOf(userData);
  if (theirs === undefined)
    return {
      kind: 'unknown-kind',
      why: 'begins like no kind of user data that cloud-init knows, so nothing can be put beside it',
    };
  const boundary = boundaryFor(`${theirs}${own}`);
  const text = [
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    'MIME-Version: 1.0',
    '',
    `--${boundary}`,
    theirs,
    `--${boundary}`,
    own,
    `--${boundary}--`,
    '',
  ].join('\n');
  return { kind: 'text', text };
}

/** A multipart document of the caller's becomes a part as it is: cloud-init walks nested ones. */
function partOf(userData: string): string | undefined {
  if (/^(content-type|mime-version):/i.test(userData)) return userData;
  const [, type] = kinds.find(([beginning]) => userData.startsWith(beginning)) ?? [];
  return type === undefined ? undefined : part(type, userData, 'user-data');
}

function part(type: string, text: string, name: string): string {
  const plain = isPlain(text);
  const lines = plain ? text : base64Lines(text);
  return [
    `Content-Type: ${type}; charset="utf-8"`,
    'MIME-Version: 1.0',
    `Content-Transfer-Encoding: ${plain ? '7bit' : 'base64'}`,
    `Content-Disposition: attachment; filename="${name}"`,
    '',
    lines,
  ].join('\n');
}

/** 7bit (RFC 2045): ASCII without NUL, lines of at most 998 characters, and no CR that could be lost. */
function isPlain(text: string): boolean {
  return (
    [...text].every((letter) => letter !== '\0' && letter !== '\r' && letter <= '\u007f') &&
    text.split('\n').every((line) => line.length <= 998)
  );
}

function base64Lines(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const letters = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return (letters.match(/.{1,76}/g) ?? []).join('\n');
}

function boundaryFor(content: string): string {
  for (let number = 0; ; number++) {
    const boundary = `sidestep-part-${number}`;
    if (!content.includes(boundary)) return boundary;
  }
}
