import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Clock } from './clock.ts';
import {
  type Fence,
  FenceLost,
  type Records,
  type Stored,
  VersionConflict,
  type Write,
} from './records.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS documents (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL,
    UNIQUE (kind, id)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS document_keys (
    sequence INTEGER NOT NULL REFERENCES documents (sequence) ON DELETE CASCADE,
    name TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (name, value, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS document_keys_of ON document_keys (sequence);
  CREATE TABLE IF NOT EXISTS leases (
    name TEXT PRIMARY KEY, holder TEXT NOT NULL, epoch INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS outbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, payload TEXT NOT NULL
  ) STRICT;
`;

type DocumentRow = { sequence: number; id: string; version: number; value: string };

/** Records in one SQLite file; a commit is on the disk when its promise is kept (synchronous=FULL). */
export function sqliteRecords(path: string, clock: Clock): Records {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const db = new DatabaseSync(path);
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;',
  );
  db.exec(schema);
  const statements = new Map<string, StatementSync>();
  const sql = (text: string): StatementSync => {
    const known = statements.get(text);
    if (known) return known;
    const made = db.prepare(text);
    statements.set(text, made);
    return made;
  };

  const transaction = <T>(work: () => T): T => {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk has rolled it back already: a second time would hide the reason.
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  };

  const demandFence = (fence: Fence) => {
    const row = sql('SELECT epoch FROM leases WHERE name = ?').get(fence.lease) as
      | { epoch: number }
      | undefined;
    if (row?.epoch !== fence.epoch) throw new FenceLost(fence.lease);
  };

  const apply = (write: Write) => {
    const row = sql('SELECT sequence, version FROM documents WHERE kind = ? AND id = ?').get(
      write.kind,
      write.id,
    ) as { sequence: number; version: number } | undefined;
    if ((row?.version ?? 'absent') !== write.expected)
      throw new VersionConflict(write.kind, write.id);
    if (write.value === null) {
      if (row) sql('DELETE FROM documents WHERE sequence = ?').run(row.sequence);
      return;
    }
    const value = JSON.stringify(write.value);
    let sequence = row?.sequence;
    if (sequence === undefined) {
      const made = sql('INSERT INTO documents (kind, id, version, value) VALUES (?, ?, 1, ?)').run(
        write.kind,
        write.id,
        value,
      );
      sequence = Number(made.lastInsertRowid);
    } else {
      sql('UPDATE documents SET version = version + 1, value = ? WHERE sequence = ?').run(
        value,
        sequence,
      );
      sql('DELETE FROM document_keys WHERE sequence = ?').run(sequence);
    }
    for (const [name, key] of Object.entries(write.keys ?? {})) {
      sql('INSERT INTO document_keys (sequence, name, value) VALUES (?, ?, ?)').run(
        sequence,
        name,
        key,
      );
    }
  };

  return {
    get: async <T extends object>(kind: string, id: string) => {
      const row = sql(
        'SELECT sequence, id, version, value FROM documents WHERE kind = ? AND id = ?',
      ).get(kind, id);
      return row === undefined ? undefined : stored<T>(row as DocumentRow);
    },

    list: async <T extends object>(kind: string, query: Parameters<Records['list']>[1]) => {
      const newest = (query.order ?? 'newest') === 'newest';
      const where = Object.entries(query.where ?? {});
      const bound: SQLInputValue[] = [kind];
      const conditions = where.map(([name, value]) => {
        bound.push(name, value);
        return ' AND sequence IN (SELECT sequence FROM document_keys WHERE name = ? AND value = ?)';
      });
      if (query.cursor !== undefined) {
        bound.push(Number.parseInt(query.cursor, 36));
        conditions.push(newest ? ' AND sequence < ?' : ' AND sequence > ?');
      }
      bound.push(query.limit + 1);
      const rows = sql(
        `SELECT sequence, id, version, value FROM documents WHERE kind = ?${conditions.join('')} ORDER BY sequence ${newest ? 'DESC' : 'ASC'} LIMIT ?`,
      ).all(...bound) as DocumentRow[];
      const page = rows.slice(0, query.limit);
      const last = page.at(-1);
      return {
        items: page.map((row) => stored<T>(row)),
        nextCursor:
          rows.length > query.limit && last !== undefined ? last.sequence.toString(36) : null,
      };
    },

    commit: async (writes, options = {}) => {
      transaction(() => {
        if (options.fence) demandFence(options.fence);
        for (const write of writes) apply(write);
        for (const event of options.events ?? []) {
          sql('INSERT INTO outbox (topic, payload) VALUES (?, ?)').run(
            event.topic,
            JSON.stringify(event.payload),
          );
        }
      });
    },

    acquireLease: async (name, holder, ttlMs) =>
      transaction(() => {
        const now = clock.now();
        const row = sql(
          'SELECT epoch, expires_at_ms AS expiresAtMs FROM leases WHERE name = ?',
        ).get(name) as { epoch: number; expiresAtMs: number } | undefined;
        if (row !== undefined && row.expiresAtMs > now) return undefined;
        const epoch = (row?.epoch ?? 0) + 1;
        sql(
          'INSERT INTO leases (name, holder, epoch, expires_at_ms) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, epoch = excluded.epoch, expires_at_ms = excluded.expires_at_ms',
        ).run(name, holder, epoch, now + ttlMs);
        return { lease: name, epoch };
      }),

    renewLease: async (fence, ttlMs) =>
      Number(
        sql('UPDATE leases SET expires_at_ms = ? WHERE name = ? AND epoch = ?').run(
          clock.now() + ttlMs,
          fence.lease,
          fence.epoch,
        ).changes,
      ) === 1,

    // The row stays, so that the next holder's epoch is higher than every one before.
    releaseLease: async (fence) => {
      sql('UPDATE leases SET expires_at_ms = 0 WHERE name = ? AND epoch = ?').run(
        fence.lease,
        fence.epoch,
      );
    },

    pendingEvents: async (limit) =>
      (
        sql('SELECT sequence, topic, payload FROM outbox ORDER BY sequence LIMIT ?').all(limit) as {
          sequence: number;
          topic: string;
          payload: string;
        }[]
      ).map((row) => ({ ...row, payload: JSON.parse(row.payload) as object })),

    settleEvent: async (sequence) => {
      sql('DELETE FROM outbox WHERE sequence = ?').run(sequence);
    },

    close: async () => db.close(),
  };
}

function stored<T extends object>(row: DocumentRow): Stored<T> {
  return { id: row.id, version: row.version, value: JSON.parse(row.value) as T };
}
