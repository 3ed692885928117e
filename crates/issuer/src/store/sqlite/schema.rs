//! The tables, and how an SQLite file says that it is ours.

use rusqlite::Connection;

/// Stands at byte 68 of the file (SQLite file format, section 1.3): "chan".
pub(super) const APPLICATION_ID: i64 = 0x6368_616e;

/// The layout of the tables.
pub(super) const VERSION: i64 = 1;

const TABLES: &str = "
CREATE TABLE identity (one INTEGER PRIMARY KEY CHECK (one = 1), record TEXT NOT NULL) STRICT;
CREATE TABLE keyring (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    blob BLOB NOT NULL,
    changed INTEGER NOT NULL
) STRICT;
CREATE TABLE clients (id TEXT PRIMARY KEY, record TEXT NOT NULL, changed INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX clients_changed ON clients (changed);
CREATE TABLE counter (one INTEGER PRIMARY KEY CHECK (one = 1), value INTEGER NOT NULL) STRICT;
INSERT INTO counter VALUES (1, 0);
";

/// Writes the tables into an empty database.
pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE;{TABLES}PRAGMA application_id = {APPLICATION_ID};PRAGMA user_version = {VERSION};COMMIT;"
    ))
}
