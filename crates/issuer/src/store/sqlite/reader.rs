//! Reading, on connections of its own, while the writer writes.

use super::open::connect_to_read;
use crate::store::StoreFault;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Reads at the same time. Each takes microseconds; more connections would only hold more memory.
const CONNECTIONS: usize = 4;

/// Connections that read.
pub(super) struct Readers {
    path: PathBuf,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.into(), permits: Arc::new(Semaphore::new(CONNECTIONS)), idle: Arc::default() }
    }

    /// Runs `query` on a connection, on a thread where blocking is allowed.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| StoreFault::Stopped)?;
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        let read = tokio::task::spawn_blocking(move || {
            let waiting = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match waiting {
                Some(connection) => connection,
                None => connect_to_read(&path)?,
            };
            let answer = query(&connection);
            // One that failed is closed: the next one may find the file in better order.
            if answer.is_ok() {
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            }
            drop(permit);
            answer
        });
        read.await.unwrap_or(Err(StoreFault::Stopped))
    }
}
