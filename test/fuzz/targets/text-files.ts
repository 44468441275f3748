import { type DataSource, parseTypesDb } from '@sidestep/collectd';
import {
  principalOf,
  principalOfOther,
  tokenDigest,
} from '../../../packages/service-kit/src/auth.ts';
import {
  evaluate,
  expressionText,
  parseExpression,
} from '../../../services/monitoring/src/domain/expression.ts';
import { MalformedUsers, parseUsers } from '../../../services/monitoring/src/domain/users-file.ts';
import { type FuzzTarget, hold } from '../fuzz-target.ts';

const lineOf = (type: string, sources: readonly DataSource[]): string => {
  const bound = (value: number | 'unbounded') => (value === 'unbounded' ? 'U' : String(value));
  const texts = sources.map(
    ({ name, kind, min, max }) => `${name}:${kind.toUpperCase()}:${bound(min)}:${bound(max)}`,
  );
  return `${type} ${texts.join(', ')}`;
};

/** collectd's types.db. */
export const typesDb = (): FuzzTarget => ({
  name: 'types.db',
  seeds: [
    Buffer.from(
      '# a comment\nif_octets rx:DERIVE:0:U, tx:DERIVE:0:U\npercent value:GAUGE:0:100.1\n',
    ),
    Buffer.from('delay\tvalue:GAUGE:-1000000:1000000\ncounter value:COUNTER:U:U'),
  ],
  dictionary: [
    ':',
    ',',
    ' ',
    '\n',
    'U',
    'GAUGE',
    ':DERIVE:0:U',
    '1e309',
    '0x1',
    '__proto__ a:GAUGE:0:U',
  ],
  run: (input) => {
    const text = new TextDecoder().decode(input);
    const { types, faults } = parseTypesDb(text);
    const lines = text.split('\n').length;
    hold(types.size + faults.length <= lines, 'a line is a type or a fault');
    for (const { line, detail } of faults) {
      hold(line >= 1 && line <= lines && detail.length < 300, 'a fault names its line in short');
    }
    const written: string[] = [];
    for (const [type, sources] of types) {
      hold(type !== '' && sources.length > 0, 'a type has a source');
      for (const { min, max } of sources) {
        hold(min === 'unbounded' || Number.isFinite(min), 'a minimum is finite or unbounded');
        hold(max === 'unbounded' || Number.isFinite(max), 'a maximum is finite or unbounded');
      }
      written.push(lineOf(type, sources));
    }
    const again = parseTypesDb(written.join('\n'));
    hold(again.faults.length === 0, 'what was read is read again');
    hold(
      JSON.stringify([...again.types]) === JSON.stringify([...types]),
      'every type comes back the same',
    );
    return faults.length === 0 ? 'accepted' : 'refused';
  },
});

/** What an alarm rule may judge in place of a metric. */
export const alarmExpression = (): FuzzTarget => ({
  name: 'alarm expression',
  seeds: [
    Buffer.from('host.netRxBytesPerSecond + host.netTxBytesPerSecond'),
    Buffer.from('-(host.a / max(host.b-c, 1.5e3)) * min(2, server.x)'),
  ],
  dictionary: ['host.a', '(', ')', ',', '+', '-', '*', '/', 'min(', 'max(', ' ', '1e308', '0'],
  run: (input) => {
    const parsed = parseExpression(new TextDecoder().decode(input));
    if (!parsed.ok) {
      hold(parsed.fault !== '' && parsed.fault.length < 600, 'a fault is told in short');
      return 'refused';
    }
    const { expression, metrics } = parsed;
    hold(metrics.length >= 1 && metrics.length <= 8, 'the metrics are within the limit');
    const value = evaluate(expression, (metric) => metric.length - 6);
    hold(value === 'unknown' || Number.isFinite(value), 'a value is finite or unknown');
    const again = parseExpression(expressionText(expression));
    // With a parenthesis around every operation it may be beyond a limit.
    hold(
      !again.ok || JSON.stringify(again.expression) === JSON.stringify(expression),
      'an expression comes back the same',
    );
    return 'accepted';
  },
});

/** collectd's AuthFile. */
export const usersFile = (): FuzzTarget => ({
  name: 'users file',
  seeds: [
    Buffer.from('# who may send\nnfvmon: s3cret\nother : with: colons and  spaces\n'),
    Buffer.from('a:b'),
  ],
  dictionary: [':', ': ', '\n', ' ', '\t', '\u00a0', '#', '\r\n', 'user: password\n'],
  run: (input) => {
    let users: ReadonlyMap<string, string>;
    try {
      users = parseUsers(new TextDecoder().decode(input));
    } catch (error) {
      if (error instanceof MalformedUsers) return 'refused';
      throw error;
    }
    for (const [user, password] of users) {
      hold(user !== '' && !user.includes(':') && user.trim() === user, 'a user has a plain name');
      hold(password !== '' && password.trim() === password, 'a user has a password');
    }
    const written = [...users].map(([user, password]) => `${user}: ${password}`).join('\n');
    hold(
      JSON.stringify([...parseUsers(written)]) === JSON.stringify([...users]),
      'every user comes back the same',
    );
    return 'accepted';
  },
});

const token = 'viewer-token-of-the-fuzzer';
const entries = [{ name: 'viewer', role: 'viewer' as const, sha256: tokenDigest(token) }];

/** The Authorization header: whatever it says, nobody gets in who does not know a token. */
export const authorizationHeader = (): FuzzTarget => ({
  name: 'Authorization header',
  seeds: [
    Buffer.from(`Basic ${Buffer.from(`viewer:${token}`).toString('base64')}`),
    Buffer.from(`Token ${token}`),
  ],
  dictionary: ['Basic ', 'Token ', 'Bearer ', '=', '==', ':', ' ', token],
  run: (input) => {
    const header = Buffer.from(input).toString('latin1');
    const principal = principalOfOther(header, entries);
    if (principal === undefined) return 'refused';
    const [, given = ''] = /^(?:Token|Basic) +(\S+)$/i.exec(header) ?? [];
    const [, password = given] =
      /^[^:]*:(.*)$/s.exec(Buffer.from(given, 'base64').toString()) ?? [];
    hold(given === token || password === token, 'who gets in knows the token');
    hold(principalOf(token, entries)?.name === principal.name, 'and is who the token says');
    return 'accepted';
  },
});
