import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { monitoringScript, withScript } from '../src/domain/user-data.ts';

const script = monitoringScript({
  host: 'monitoring.example',
  port: 25_826,
  signer: null,
});

/** The parts of a multipart document of ours: type and decoded text. */
function partsOf(text: string): { type: string; body: string }[] {
  const boundary = /^Content-Type: multipart\/mixed; boundary="([^"]+)"\n/.exec(text)?.[1] ?? '';
  return text
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const [head = '', ...rest] = part.replace(/^\n/, '').replace(/\n$/, '').split('\n\n');
      const body = rest.join('\n\n');
      const type = /^Content-Type: ([^;\n]+)/.exec(head)?.[1] ?? '';
      const coded = /Content-Transfer-Encoding: base64/.test(head);
      return { type, body: coded ? Buffer.from(body, 'base64').toString() : body };
    });
}

test('a guest reports under its UUID, with the plugins that Monitoring reads, to the address of the settings', () => {
  for (const line of [
    'id=$(cat /var/lib/cloud/data/instance-id)',
    'Hostname "$id"',
    'ValuesPercentage true',
    'LoadPlugin memory',
    'LoadPlugin disk',
    'LoadPlugin interface',
    '<Server "monitoring.example" "25826">',
  ])
    expect(script).toContain(line);
});

test('the script is one that a POSIX shell reads', () => {
  const { status, stderr } = spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' });

  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('a guest signs what it reports where the settings name a user, and hides the password from its own users', () => {
  const signer = { user: 'vnf', password: 'p4ss-word' };
  const signing = monitoringScript({ host: 'monitoring.example', port: 25_826, signer });
  const { status, stderr } = spawnSync('sh', ['-n'], { input: signing, encoding: 'utf8' });

  expect(signing).toContain(`  <Server "monitoring.example" "25826">
    SecurityLevel Sign
    Username "vnf"
    Password "p4ss-word"
  </Server>`);
  expect(signing.indexOf('umask 077')).toBeLessThan(signing.indexOf('p4ss-word'));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(script).not.toContain('SecurityLevel');
});

test('without user data the script stands alone', () => {
  expect(withScript(undefined, script)).toEqual({ kind: 'text', text: script });
  expect(withScript(' \n', script)).toEqual({ kind: 'text', text: script });
});

test.each([
  ['#cloud-config\npackages: [nftables]\n', 'text/cloud-config'],
  ['#cloud-config-archive\n- type: text/plain\n', 'text/cloud-config-archive'],
  ['## template: jinja\n#cloud-config\nhostname: {{ v1.region }}\n', 'text/jinja2'],
  ['#!/bin/sh\nip link\n', 'text/x-shellscript'],
  ['#include\nhttps://example.org/one\n', 'text/x-include-url'],
  ['#include-once\nhttps://example.org/one\n', 'text/x-include-once-url'],
  ['#cloud-boothook\n#!/bin/sh\n', 'text/cloud-boothook'],
  ['#part-handler\n', 'text/part-handler'],
])('%j is kept beside the script as %s', (userData, type) => {
  const merged = withScript(userData, script);

  expect(merged.kind === 'text' && partsOf(merged.text)).toEqual([
    { type, body: userData },
    { type: 'text/x-shellscript', body: script },
  ]);
});

test('a multipart document of the caller’s is nested as it is', () => {
  const theirs =
    'Content-Type: multipart/mixed; boundary="sidestep-part-0"\nMIME-Version: 1.0\n\n--sidestep-part-0\nContent-Type: text/cloud-config\n\n#cloud-config\n--sidestep-part-0--\n';

  const merged = withScript(theirs, script);

  expect(merged.kind === 'text' && merged.text).toContain(theirs);
  expect(merged.kind === 'text' && merged.text).toContain('boundary="sidestep-part-1"');
});

test('what cloud-init does not know is refused, not dropped', () => {
  expect(withScript('packages: [nftables]', script)).toMatchObject({ kind: 'unknown-kind' });
});

test('whatever letters the caller’s text has, they come through', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 2_000 }), fc.boolean(), (body, long) => {
      const userData = `#!/bin/sh\n${body}${long ? 'x'.repeat(1_200) : ''}`;
      const merged = withScript(userData, script);

      const decoded = merged.kind === 'text' ? partsOf(merged.text)[0]?.body : undefined;
      // The end of a 7bit part is its boundary's: one line's end there is nobody's.
      expect(decoded?.replace(/\n$/, '')).toBe(userData.replace(/\n$/, ''));
    }),
    { numRuns: 200, seed: 5 },
  );
});
