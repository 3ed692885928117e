use crate::store::StoreFault;
use rusqlite::ErrorCode;

/// What an error of SQLite means to the operator.
impl From<rusqlite::Error> for StoreFault {
    fn from(error: rusqlite::Error) -> Self {
        let detail = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            // Without a code it is a column of another type than the schema has: somebody else wrote it.
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::TypeMismatch) | None => {
                Self::Corrupt { detail }
            }
            Some(_) => Self::Io { detail },
        }
    }
}
