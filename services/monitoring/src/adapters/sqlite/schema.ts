import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SCHEMA_VERSION = 1;

const schema = `
  CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY, resource TEXT NOT NULL, metric TEXT NOT NULL, labels TEXT NOT NULL,
    UNIQUE (metric, resource, labels)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS block (
    series INTEGER NOT NULL, minute INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (series, minute)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS journal (sequence INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS rollup (
    step_ms INTEGER NOT NULL, series INTEGER NOT NULL, start_ms INTEGER NOT NULL,
    count INTEGER NOT NULL, mean REAL NOT NULL, min REAL NOT NULL, max REAL NOT NULL, last REAL NOT NULL,
    PRIMARY KEY (step_ms, series, start_ms)
  ) STRICT, WITHOUT ROWID;
`;

/** Opens the file, making it when absent; refuses one that a later version has written. */
export function openDatabase(path: string): DatabaseSync {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const db = new DatabaseSync(path);
  try {
    // NORMAL: a commit survives the end of the process; a power cut may cost the last ones. Each series' newest page is written
    // several times a minute: a log of 64 MiB writes it to the file once.
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16384;',
    );
    const row = db.prepare('PRAGMA user_version').get();
    const version = Number(row?.user_version ?? 0);
    if (version > SCHEMA_VERSION) {
      throw new Error(`${path} has schema ${version}; this version knows ${SCHEMA_VERSION}`);
    }
    db.exec(schema);
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

/** Runs the work within one transaction. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
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
}
