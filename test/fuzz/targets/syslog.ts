import { wordsOf } from '../../../services/monitoring/src/domain/log-words.ts';
import { parseSyslog } from '../../../services/monitoring/src/domain/syslog.ts';
import { SyslogFramer } from '../../../services/monitoring/src/domain/syslog-framing.ts';
import { LogDesk } from '../../../services/monitoring/src/usecases/log-desk.ts';
import { SeriesCatalogue } from '../../../services/monitoring/src/usecases/series-catalogue.ts';
import { type FuzzTarget, hold } from '../fuzz-target.ts';

const MAX_BYTES = 8192;
const MAX_SERIES = 5000;
const texts = [
  '<165>1 2026-11-20T12:00:00.003Z compute1 nova 8710 ID47 [x@1 a="b\\"]c"][y] \ufeffAn event of user bob',
  '<34>1 - compute1 - - - - password is hunter',
  '<34>Nov  2 22:14:15 mymachine su[123]: failed for lonvick on /dev/pts/8',
  '<30>2026-11-20T12:00:00.123456+00:00 compute1 systemd[1]: Started x.\n',
];
const dictionary = [
  '<13>',
  '<191>',
  '<192>',
  '1 ',
  '- ',
  '[a b="c"]',
  '\\]',
  '"',
  ']',
  '\ufeff',
  ' - - - - ',
  'Nov  2 22:14:15 ',
  '2026-11-20T12:00:00Z ',
  'sshd[1]: ',
  'password ',
  'token=',
  '\n',
  '12 ',
  '0 ',
];
const seedsOf = (all: readonly string[]) =>
  all.map((text) => Buffer.from(text)) as [Buffer, ...Buffer[]];

/** Messages of syslog, and the desk that makes series and templates of them. */
export const syslog = (): FuzzTarget => {
  let nowMs = 1_795_207_500_000;
  let written = 0;
  const catalogue = new SeriesCatalogue(MAX_SERIES);
  const desk = new LogDesk({
    intake: {
      catalogue,
      take: ({ metric }, timeMs, value, intervalMs) => {
        written += 1;
        hold(/^host\.log[A-Za-z]+PerSecond$/.test(metric), 'only series of logs are written');
        hold(Number.isFinite(value) && value >= 0, 'a rate is finite and not negative');
        hold(timeMs === nowMs && (intervalMs ?? 0) > 0, 'a sum is of now');
      },
    },
    resourceOf: (id) => ({ kind: 'host', id, vcpus: 'unknown' }),
    maxBytes: MAX_BYTES,
    messagesPerSecond: 1e9,
  });
  return {
    name: 'syslog',
    seeds: seedsOf(texts),
    dictionary,
    run: (input) => {
      nowMs += 37;
      const { messages, refused } = desk.counts;
      const refusedBefore = [...refused.values()].reduce((sum, count) => sum + count, 0);
      const parsed = parseSyslog(input, MAX_BYTES);
      desk.syslog(input, nowMs);
      const refusedNow = [...refused.values()].reduce((sum, count) => sum + count, 0);
      hold(
        desk.counts.messages - messages + refusedNow - refusedBefore === 1,
        'a message is taken or refused, and counted once',
      );
      hold(desk.hosts <= 10_000 && desk.templates <= 100_000, 'what is kept is bounded');
      if (messages % 5000 === 0) desk.sum(nowMs);
      hold(catalogue.size <= MAX_SERIES + 1 && written >= 0, 'the series are bounded');
      if (!parsed.ok) return 'refused';
      const { severity, facility, host, app, text } = parsed.message;
      hold(severity >= 0 && severity <= 7 && facility >= 0 && facility <= 23, 'a priority is one');
      hold(/^[!-~]{1,255}$/.test(host), 'a host has a plain name');
      hold(/^[!-~]{0,48}$/.test(app), 'a program has a plain name');
      const words = wordsOf(text);
      hold(words.length <= 33, 'a template is short');
      for (const word of words)
        hold(/^\D{1,27}$/u.test(word), 'a template’s word is a short plain one');
      const again = parseSyslog(
        Buffer.from(`<${facility * 8 + severity}>1 - ${host} ${app || '-'} - - - ${text}`),
        2 * MAX_BYTES + 1000,
      );
      // A byte order mark before the message is the protocol's, not the message's.
      if (text.startsWith('\ufeff') || app === '-') return 'accepted';
      hold(again.ok, 'what was read is read again');
      hold(
        JSON.stringify(again.message) === JSON.stringify(parsed.message),
        'the message comes back',
      );
      return 'accepted';
    },
  };
};

/** Streams of syslog: the messages are the same however the network cuts them. */
export const syslogStream = (): FuzzTarget => ({
  name: 'syslog stream',
  seeds: seedsOf([
    texts.map((text) => `${Buffer.byteLength(text)} ${text}`).join(''),
    `${texts.join('\n')}\n`,
  ]),
  dictionary: [...dictionary, '99999999 ', '8193 ', 'x'.repeat(500)],
  run: (input) => {
    const whole = new SyslogFramer(1000);
    const all = whole.push(input);
    for (const frame of all.frames) hold(frame.length <= 1000, 'a frame keeps to its limit');
    const cut = new SyslogFramer(1000);
    const frames: Uint8Array[] = [];
    let readable = true;
    // Small inputs byte by byte, large ones in pieces.
    const piece = input.length < 600 ? 1 : 97;
    for (let at = 0; at < input.length && readable; at += piece) {
      const some = cut.push(input.subarray(at, at + piece));
      frames.push(...some.frames);
      readable = some.readable;
    }
    hold(readable === all.readable, 'a stream is readable however it is cut');
    hold(
      Buffer.concat(frames.map((frame) => Buffer.concat([frame, Buffer.of(0)]))).equals(
        Buffer.concat(all.frames.map((frame) => Buffer.concat([frame, Buffer.of(0)]))),
      ),
      'the frames are the same however the stream is cut',
    );
    return all.readable && all.faults.length === 0 ? 'accepted' : 'refused';
  },
});
