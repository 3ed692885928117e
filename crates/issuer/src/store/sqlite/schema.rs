//! The tables, and how an SQLite file says that it is ours.

use rusqlite::Connection;

/// Stands at byte 68 of the file (SQLite file format, section 1.3): "chan".
pub(super) const APPLICATION_ID: i64 = 0x6368_616e;

/// The layout of the tables: 2 has the revocation log, 3 the families.
pub(super) const VERSION: i64 = 3;

/// Layout 1.
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

/// What layout 2 adds. Rows bear the name of their log: those of one that is to begin lie there before it does, and
/// those of the one before are taken away after. The name of the first one stays for good. Up to the anchor several rows may bear one sequence.
const LOG_TABLES: &str = "
CREATE TABLE log (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id BLOB NOT NULL,
    start INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    head BLOB NOT NULL,
    anchor INTEGER NOT NULL,
    anchor_head BLOB NOT NULL,
    floor INTEGER NOT NULL
) STRICT;
CREATE TABLE first_log (one INTEGER PRIMARY KEY CHECK (one = 1), id BLOB NOT NULL) STRICT;
CREATE TABLE log_rows (
    log BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    entry BLOB NOT NULL,
    PRIMARY KEY (log, sequence, entry)
) STRICT, WITHOUT ROWID;
CREATE TABLE log_marks (
    time INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (time, sequence)
) STRICT, WITHOUT ROWID;
";

/// What layout 3 adds. Beside the record of a family stand the times by which families are counted and let go: `ends`
/// moves with each rotation, `over` is when its row may go, and `unused` when it began, until its first token is shown.
const FAMILY_TABLES: &str = "
CREATE TABLE families (
    id BLOB PRIMARY KEY,
    client TEXT NOT NULL,
    tenant TEXT NOT NULL,
    ends INTEGER NOT NULL,
    over INTEGER NOT NULL,
    unused INTEGER,
    record BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX families_of ON families (client, tenant, ends);
CREATE INDEX families_over ON families (over);
CREATE TABLE ended_families (
    id BLOB PRIMARY KEY,
    client TEXT NOT NULL,
    tenant TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE first_uses (digest BLOB PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX first_uses_until ON first_uses (until);
";

/// Writes the tables into an empty database.
pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE;{TABLES}{LOG_TABLES}{FAMILY_TABLES}PRAGMA application_id = {APPLICATION_ID};\
         PRAGMA user_version = {VERSION};COMMIT;"
    ))
}

/// Takes a store of an earlier layout to this one, whole or not at all. Of processes that start together one does it.
pub(super) fn upgrade(connection: &Connection) -> rusqlite::Result<()> {
    let step = rusqlite::Transaction::new_unchecked(connection, rusqlite::TransactionBehavior::Immediate)?;
    let found: i64 = step.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found == 1 {
        step.execute_batch(LOG_TABLES)?;
    }
    if found < VERSION {
        step.execute_batch(&format!("{FAMILY_TABLES}PRAGMA user_version = {VERSION};"))?;
    }
    step.commit()
}
