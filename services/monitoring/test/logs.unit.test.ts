import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modeOf } from '../src/domain/alarm-rule.ts';
import { LogTemplates } from '../src/domain/log-templates.ts';
import { wordsOf } from '../src/domain/log-words.ts';
import { LOGS_EVERY_MS, LogDesk } from '../src/usecases/log-desk.ts';
import { SeriesCatalogue } from '../src/usecases/series-catalogue.ts';

const template = (text: string): string => wordsOf(text).join(' ');

describe('a template', () => {
  test.each([
    [
      'Failed password for root from 192.0.2.7 port 4711 ssh2',
      'Failed password for <*> from <*> port <*> <*>',
    ],
    ['Invalid user alice from 192.0.2.7', 'Invalid user <*> from <*>'],
    ['the password is hunter', 'the password is <*>'],
    ['token=eyJhbGciOiJIUzI1NiJ9 accepted', 'token=<*> accepted'],
    ['Authorization: Bearer abcdefghijkl', 'Authorization: <*> <*>'],
    ['opened /etc/shadow by bob', 'opened <*> by <*>'],
    ['key qwrtzpsdfghjkl loaded', 'key <*> loaded'],
    ['using zxcvbnmqwrtp now', 'using <*> now'],
    ['mail to alice@example.org', 'mail to <*>'],
    [
      'temperature above threshold, cpu clock throttled',
      'temperature above threshold, cpu clock throttled',
    ],
  ])('of %j is %j', (text, expected) => {
    expect(template(text)).toBe(expected);
  });

  test('holds no digit, and no word longer than a word is, whatever the message', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => {
        const words = wordsOf(text);
        expect(words.length).toBeLessThanOrEqual(33);
        for (const word of words) {
          expect(word).toMatch(/^\D{1,27}$/u);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('never tells what follows a word that guards a secret', () => {
    const secret = fc.stringMatching(/^[a-z]{6,12}$/);
    const guard = fc.constantFrom('password', 'Password:', 'token', 'user', 'api-key', 'secret is');
    fc.assert(
      fc.property(guard, secret, (before, said) => {
        expect(wordsOf(`login with ${before} ${said}-zq accepted`).join(' ')).not.toContain(said);
      }),
    );
  });
});

describe('templates', () => {
  test('messages that differ in a word become one, and what is new is told once', () => {
    const templates = new LogTemplates(10);
    const add = (text: string, severity = 6) => templates.add('kernel', severity, text, 1);

    expect([
      add('device eth0 left promiscuous mode now'),
      add('device eth1 left promiscuous mode now', 3),
      add('device eth1 entered promiscuous mode now'),
      add('out of memory'),
    ]).toEqual(['new', 'known', 'known', 'new']);
    expect(
      templates.templates().map(({ words, count, severity }) => [words.join(' '), count, severity]),
    ).toEqual([
      ['device <*> <*> promiscuous mode now', 3, 3],
      ['out of memory', 1, 6],
    ]);
  });

  test('programs do not share them', () => {
    const templates = new LogTemplates(10);

    expect(['nova', 'neutron'].map((app) => templates.add(app, 6, 'started', 1))).toEqual([
      'new',
      'new',
    ]);
  });

  test('are bounded, whatever comes: the longest unused go first', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 80 }), (texts) => {
        const templates = new LogTemplates(5);
        for (const [at, said] of texts.entries()) {
          templates.add('a', 6, said, at);
          expect(templates.size).toBeLessThanOrEqual(5);
          expect(templates.templates().at(-1)?.lastMs).toBe(at);
        }
      }),
    );
  });
});

describe('the desk', () => {
  const START_MS = Date.UTC(2026, 10, 20, 12);

  function desk(messagesPerSecond = 100_000, maxSeries = 1000) {
    const taken: [resource: string, metric: string, value: number][] = [];
    const logs = new LogDesk({
      intake: {
        catalogue: new SeriesCatalogue(maxSeries),
        take: ({ resource, metric }, _timeMs, value) => taken.push([resource, metric, value]),
      },
      resourceOf: (id) => ({ kind: 'host', id, vcpus: 'unknown' }),
      maxBytes: 2048,
      messagesPerSecond,
    });
    const sums = (nowMs: number) => {
      taken.length = 0;
      logs.sum(nowMs);
      return Object.fromEntries(
        taken.map(([resource, metric, value]) => [`${resource} ${metric}`, value]),
      );
    };
    return { logs, sums };
  }
  const said = (severity: number, text: string) =>
    Buffer.from(`<${severity}>1 - compute1 kernel - - - ${text}`);

  test('how much and how severe a host logs are series from its second sum on', () => {
    const { logs, sums } = desk();
    sums(START_MS);
    logs.syslog(said(6, 'hello'), START_MS + 1);

    expect(sums(START_MS + LOGS_EVERY_MS)).toEqual({});

    for (let at = 0; at < 30; at += 1)
      logs.syslog(said(at < 10 ? 3 : 4, 'hello'), START_MS + 11_000);

    expect(sums(START_MS + 2 * LOGS_EVERY_MS)).toEqual({
      'compute1 host.logMessagesPerSecond': 3,
      'compute1 host.logErrorsPerSecond': 1,
    });
  });

  test('a host that logs nothing in between logs 0; one that fell silent for an hour is unknown', () => {
    const { logs, sums } = desk();
    sums(START_MS);
    logs.syslog(said(6, 'hello'), START_MS + 1);
    sums(START_MS + LOGS_EVERY_MS);

    expect(sums(START_MS + 2 * LOGS_EVERY_MS)).toMatchObject({
      'compute1 host.logMessagesPerSecond': 0,
    });
    expect(sums(START_MS + 3_700_000)).toEqual({});
    expect(logs.templatesOf('compute1')).toBeUndefined();
    expect(logs.templates).toBe(0);
  });

  test('novelty is unknown while a host is new to us, and then the rate of forms not seen before', () => {
    const { logs, sums } = desk();
    sums(START_MS);
    logs.syslog(said(6, 'hello'), START_MS + 1);
    const metric = 'compute1 host.logNewTemplatesPerSecond';

    expect(sums(START_MS + 590_000)).not.toHaveProperty([metric]);

    sums(START_MS + 610_000);
    logs.syslog(said(6, 'hello'), START_MS + 612_000);
    logs.syslog(said(2, 'file system is read only now'), START_MS + 612_000);

    expect(sums(START_MS + 620_000)).toHaveProperty([metric], 0.1);
  });

  test('a flood is counted and passed over; what is malformed is counted by reason', () => {
    const { logs } = desk(10);
    for (let at = 0; at < 50; at += 1) logs.syslog(said(6, 'hello'), START_MS);
    logs.syslog(Buffer.from('nonsense'), START_MS + 1000);

    expect(logs.counts.messages).toBe(10);
    expect(logs.counts.limited).toBe(40);
    expect([...logs.counts.refused]).toEqual([['no-priority', 1]]);
  });

  test('names made up by whoever sends stay within bounds', () => {
    const { logs, sums } = desk(1e9, 300);
    for (let at = 0; at < 10_500; at += 1) {
      logs.message(`host-${at}`, 'a', 6, 'hello', START_MS);
    }

    expect(logs.hosts).toBe(10_000);
    expect(logs.templates).toBe(10_000);
    expect(logs.templatesOf('host-0')).toBeUndefined();
    sums(START_MS);
    expect(Object.keys(sums(START_MS + 1)).length).toBeLessThanOrEqual(301);
  });

  test('a rule over logs recommends at most: syslog bears no signature', () => {
    expect(modeOf({ metric: 'host.logErrorsPerSecond', mode: 'act' })).toBe('recommend');
    expect(
      modeOf({
        metric: 'expression.x',
        expression: 'host.cpuPercent + server.logMessagesPerSecond',
      }),
    ).toBe('recommend');
    expect(modeOf({ metric: 'expression.x', expression: 'host.a + host.b' })).toBe('act');
    expect(modeOf({ metric: 'host.cpuPercent' })).toBe('act');
    expect(modeOf({ metric: 'host.cpuPercent', mode: 'recommend' })).toBe('recommend');
  });
});
