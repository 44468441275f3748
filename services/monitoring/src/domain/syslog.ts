/** One message of syslog; who sent it says so itself. When it came is the receiver's time: senders' clocks may be off. */
export interface SyslogMessage {
  /** 0 emergency … 7 debug (RFC 5424, 6.2.1). */
  readonly severity: number;
  readonly facility: number;
  readonly host: string;
  /** APP-NAME or TAG; empty where none is told. */
  readonly app: string;
  readonly text: string;
}

/** Why bytes are no message. */
export type SyslogFault =
  | 'empty'
  | 'too-long'
  | 'no-priority'
  | 'bad-priority'
  | 'bad-header'
  | 'bad-structured-data'
  | 'no-host';

export type ParsedSyslog =
  | { readonly ok: true; readonly message: SyslogMessage }
  | { readonly ok: false; readonly reason: SyslogFault };

/** Severities up to this one are errors: emergency, alert, critical, error. */
export const ERROR_SEVERITY = 3;

const NIL = '-';
const MAX_PRIORITY = 191;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

const PRIORITY = /^<(\d{1,3})>/;
// HOSTNAME, APP-NAME, PROCID and MSGID with the bounds of RFC 5424, 6.
const HEADER_5424 =
  /^1 (-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) ([!-~]{1,255}) ([!-~]{1,48}) [!-~]{1,128} [!-~]{1,32} /;
// RFC 3164, 4.1, or its form with a timestamp of RFC 3339 that rsyslog sends.
const HEADER_3164 =
  /^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) ([!-~]{1,255}) /;
const TAG = /^([!-9;-Z\\^-~]{1,48})(?:\[[^\]\s]{0,128}\])?: ?/;

/** Reads one message of RFC 5424 or RFC 3164; throws nothing, whatever the bytes. */
export function parseSyslog(bytes: Uint8Array, maxBytes: number): ParsedSyslog {
  if (bytes.length > maxBytes) return fault('too-long');
  const raw = utf8.decode(bytes).replace(/[\r\n\0]+$/, '');
  if (raw === '') return fault('empty');
  const [head, digits] = PRIORITY.exec(raw) ?? [];
  if (head === undefined) return fault('no-priority');
  const priority = Number(digits);
  if (priority > MAX_PRIORITY) return fault('bad-priority');
  const severity = priority & 7;
  const facility = priority >> 3;
  const rest = raw.slice(head.length);
  const read = rest.startsWith('1 ') ? read5424(rest) : read3164(rest);
  if (typeof read === 'string') return fault(read);
  return { ok: true, message: { severity, facility, ...read } };
}

const fault = (reason: SyslogFault): ParsedSyslog => ({ ok: false, reason });

type Read = Omit<SyslogMessage, 'severity' | 'facility'> | SyslogFault;

function read5424(text: string): Read {
  const [head, , host = NIL, app = NIL] = HEADER_5424.exec(text) ?? [];
  if (head === undefined) return 'bad-header';
  const end = endOfStructuredData(text, head.length);
  if (end === undefined) return 'bad-structured-data';
  if (host === NIL) return 'no-host';
  const told = text.slice(end + 1);
  return {
    host,
    app: app === NIL ? '' : app,
    text: told.startsWith('\ufeff') ? told.slice(1) : told,
  };
}

/** Where the structured data that begins at `from` ends; undefined where it is none. */
function endOfStructuredData(text: string, from: number): number | undefined {
  let at = from;
  if (text[at] === NIL) at += 1;
  else {
    if (text[at] !== '[') return undefined;
    while (text[at] === '[') {
      const end = endOfElement(text, at);
      if (end === undefined) return undefined;
      at = end;
    }
  }
  return at === text.length || text[at] === ' ' ? at : undefined;
}

/** An element ends at the first `]` that is neither escaped nor within a value's quotes. */
function endOfElement(text: string, from: number): number | undefined {
  let quoted = false;
  for (let at = from + 1; at < text.length; at += 1) {
    const character = text[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (character === ']' && !quoted) return at > from + 1 ? at + 1 : undefined;
  }
  return undefined;
}

function read3164(text: string): Read {
  const [head, host = NIL] = HEADER_3164.exec(text) ?? [];
  if (head === undefined) return 'bad-header';
  const told = text.slice(head.length);
  const [tag, app = ''] = TAG.exec(told) ?? [];
  return host === NIL ? 'no-host' : { host, app, text: told.slice(tag?.length ?? 0) };
}
