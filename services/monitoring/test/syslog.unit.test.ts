import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ParsedSyslog, parseSyslog } from '../src/domain/syslog.ts';
import { SyslogFramer } from '../src/domain/syslog-framing.ts';

const MAX_BYTES = 2048;
const parse = (text: string): ParsedSyslog => parseSyslog(Buffer.from(text), MAX_BYTES);
const message = (text: string) => {
  const parsed = parse(text);
  return parsed.ok ? parsed.message : parsed.reason;
};

test.each([
  [
    'RFC 5424 with structured data',
    '<165>1 2026-11-20T12:00:00.003Z compute1 nova 8710 ID47 [x@1 a="b\\"]c"][y] \ufeffAn event',
    { facility: 20, severity: 5, host: 'compute1', app: 'nova', text: 'An event' },
  ],
  [
    'RFC 5424 without any',
    '<34>1 - compute1 - - - - it failed\n',
    { facility: 4, severity: 2, host: 'compute1', app: '', text: 'it failed' },
  ],
  [
    'RFC 5424 without a message',
    '<13>1 2026-11-20T12:00:00+01:00 h a p m [x@1]',
    { facility: 1, severity: 5, host: 'h', app: 'a', text: '' },
  ],
  [
    'RFC 3164',
    '<34>Nov  2 22:14:15 mymachine su[123]: failed on /dev/pts/8',
    { facility: 4, severity: 2, host: 'mymachine', app: 'su', text: 'failed on /dev/pts/8' },
  ],
  [
    'RFC 3164 without a tag',
    '<13>Nov 20 22:14:15 mymachine hello there',
    { facility: 1, severity: 5, host: 'mymachine', app: '', text: 'hello there' },
  ],
  [
    'rsyslog’s form of it',
    '<30>2026-11-20T12:00:00.123456+00:00 compute1 systemd[1]: Started x.',
    { facility: 3, severity: 6, host: 'compute1', app: 'systemd', text: 'Started x.' },
  ],
])('%s is read', (_what, text, expected) => {
  expect(message(text)).toEqual(expected);
});

test.each([
  ['', 'empty'],
  ['\n', 'empty'],
  ['hello', 'no-priority'],
  ['<1234>1 - h a p m - x', 'no-priority'],
  ['<192>1 - h a p m - x', 'bad-priority'],
  ['<13>1 yesterday h a p m - x', 'bad-header'],
  ['<13>1 - h a p', 'bad-header'],
  ['<13>1 - h a p m [x@1 a="b x', 'bad-structured-data'],
  ['<13>1 - h a p m -x', 'bad-structured-data'],
  ['<13>1 - - a p m - x', 'no-host'],
  ['<13>no time at all', 'bad-header'],
  [`<13>1 - h a p m - ${'x'.repeat(MAX_BYTES)}`, 'too-long'],
])('%j is refused: %s', (text, reason) => {
  expect(message(text)).toBe(reason);
});

test('what is written by the book is read as it was meant', () => {
  const name = (maxLength: number) =>
    fc.stringMatching(/^[!-~]+$/).map((text) => text.slice(0, maxLength));
  const value = fc.string().map((text) => text.replaceAll(/["\\\]]/g, '\\$&'));
  const data = fc.oneof(
    fc.constant('-'),
    fc
      .array(value, { minLength: 1, maxLength: 3 })
      .map((values) => `[x@1 a="${values.join('" b="')}"]`),
  );
  const text = fc.string().filter((each) => !/[\r\n\0]$|^\ufeff/.test(each));
  fc.assert(
    fc.property(fc.nat(191), name(255), name(48), data, text, (priority, host, app, sd, said) => {
      const parsed = parseSyslog(
        Buffer.from(`<${priority}>1 - ${host} ${app} - - ${sd} ${said}`),
        65_507,
      );

      expect(parsed).toEqual(
        host === '-'
          ? { ok: false, reason: 'no-host' }
          : {
              ok: true,
              message: {
                facility: priority >> 3,
                severity: priority & 7,
                host,
                app: app === '-' ? '' : app,
                text: said,
              },
            },
      );
    }),
  );
});

test('whatever the bytes, they are read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(typeof parseSyslog(bytes, MAX_BYTES).ok).toBe('boolean');
    }),
    { numRuns: 2000 },
  );
});

describe('a stream', () => {
  const framed = (pieces: readonly string[], maxBytes = 100) => {
    const framer = new SyslogFramer(maxBytes);
    const results = pieces.map((piece) => framer.push(Buffer.from(piece)));
    return {
      frames: results.flatMap(({ frames }) => frames.map((frame) => Buffer.from(frame).toString())),
      faults: results.flatMap(({ faults }) => faults),
      readable: results.every(({ readable }) => readable),
    };
  };

  test('is cut by counts and by newlines, as each message says', () => {
    expect(framed(['5 <1>ab', '<2>c\nd', '\n3 a\nb'])).toEqual({
      frames: ['<1>ab', '<2>c', 'd', 'a\nb'],
      faults: [],
      readable: true,
    });
  });

  test('gives the same messages however it is cut into pieces', () => {
    const text = fc.stringMatching(/^<[a-z ]{0,40}$/);
    const counted = fc.boolean();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, counted), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (messages, cuts) => {
          const whole = messages
            .map(([said, isCounted]) => (isCounted ? `${said.length} ${said}` : `${said}\n`))
            .join('');
          const pieces: string[] = [];
          for (let at = 0, cut = 0; at < whole.length; cut += 1) {
            const length = cuts[cut % cuts.length] ?? 1;
            pieces.push(whole.slice(at, at + length));
            at += length;
          }

          expect(framed(pieces).frames).toEqual(messages.map(([said]) => said));
        },
      ),
    );
  });

  test('passes over a line that is too long, and counts it', () => {
    expect(framed([`<${'x'.repeat(90)}`, 'x'.repeat(90), 'yz\n<next\n'])).toEqual({
      frames: ['<next'],
      faults: ['too-long'],
      readable: true,
    });
  });

  test.each([
    ['a count that lies beyond the limit', '101 <1>', 'too-long'],
    ['a count that is none', '12<1>', 'bad-frame'],
    ['a count of nothing', '0 ', 'bad-frame'],
  ])('with %s cannot be read any further', (_what, text, fault) => {
    expect(framed([text])).toEqual({ frames: [], faults: [fault], readable: false });
  });
});
