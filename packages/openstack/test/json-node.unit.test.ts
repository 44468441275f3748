import { expect, test } from 'vitest';
import { jsonNode } from '../src/http/json-node.ts';

const faultOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    return String((error as Error).message);
  }
  return 'none';
};
const node = jsonNode(
  {
    ports: [{}, { fixed_ips: [{ ip: '192.0.2.1' }, { ip: 7 }] }],
    addresses: { net: [{ addr: 'a' }, 'x'] },
    rules: { max: {} },
    names: ['a', 1],
  },
  '',
  (field, wanted) => {
    throw new Error(`${field} is not ${wanted}`);
  },
);

test('what is missing or mistyped is named by its whole path', () => {
  const [first, second] = node.list('ports');
  const ips = second?.list('fixed_ips') ?? [];

  expect(ips[0]?.string('ip')).toBe('192.0.2.1');
  expect(faultOf(() => first?.string('id'))).toBe('ports[0].id is not a string');
  expect(faultOf(() => ips[1]?.string('ip'))).toBe('ports[1].fixed_ips[1].ip is not a string');
  expect(faultOf(() => node.listsByKey('addresses'))).toBe('addresses.net[1] is not an object');
  expect(faultOf(() => node.object('rules').number('max'))).toBe('rules.max is not a number');
  expect(faultOf(() => node.strings('names'))).toBe('names[1] is not a string');
  expect(faultOf(() => node.object('gone'))).toBe('gone is not an object');
  expect(faultOf(() => jsonNode([], '', (field, wanted) => node.fail(field, wanted)))).toBe(
    '(body) is not an object',
  );
});
