//! What outlives the process, and how the next one begins with it.

use super::disk::{LogDisk, Writing};
use super::question::HeldKeys;
use super::task::LogCourse;
use chancery_revocation::{Follow, Outcome, Restored, RevocationKeys};
use std::fmt::Display;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A disk that takes longer is left alone until the next time: news matter more than their copy.
const DISK_TIMEOUT: Duration = Duration::from_secs(5);

/// What is on the disk after a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// As much as is right.
    Short,
    /// So much that a snapshot should take the place of all.
    Long,
}

impl LogCourse {
    /// Takes over what an earlier process knew: the keys of the log, and the documents, opened anew.
    pub(in crate::follow) fn restore(&self) {
        let Some(disk) = &self.disk else { return };
        let (issuer, now) = (self.verifier.issuer(), self.now());
        let mut disk = lock(disk);
        let path = disk.path();
        let ignored = |why: &dyn Display| {
            tracing::warn!(issuer, path = %path.display(), error = %why, "the revocation log on disk is not used");
        };
        let keys = match self.restore_keys(&disk) {
            Ok(Some(keys)) => keys,
            Ok(None) => return,
            Err(why) => return ignored(&*why),
        };
        if let Err(why) = self.verifier.shares_no_key_with(&keys) {
            return ignored(&why);
        }
        let documents = match disk.read_documents() {
            Ok(documents) => documents,
            Err(why) => return ignored(&why),
        };
        let Restored { follow, refused } =
            Follow::restore(documents.iter().map(String::as_str), &keys, issuer, now);
        if let Some((document, why)) = refused.into_iter().next() {
            // What is left would be less than what was known: a token that was refused would be good again.
            return ignored(&format!("document {document} of it: {why}"));
        }
        let follows = |text: &String| match follow.clone().receive(text, &keys, issuer, now).1 {
            Ok(Outcome::NeedSnapshot(_)) | Err(_) => false,
            Ok(_) => true,
        };
        if !documents.iter().all(follows) {
            return ignored(&"a document of it is missing");
        }
        if let Some(age) = follow.age(now) {
            tracing::info!(
                issuer,
                revocation_list_age_seconds = age.as_secs(),
                "started with the revocation log on disk"
            );
            self.verifier.restore_revocations(&follow);
        }
    }

    fn restore_keys(&self, disk: &LogDisk) -> Result<Option<RevocationKeys>, Box<dyn Display>> {
        if let Some(pinned) = self.asker.pinned() {
            return Ok(Some(pinned.clone()));
        }
        let issuer = self.verifier.issuer();
        let kept = disk.read_keys(issuer).map_err(|why| -> Box<dyn Display> { Box::new(why) })?;
        let Some(kept) = kept else { return Ok(None) };
        let now = self.clock.now();
        if kept.confirmed_at > now || now.since(kept.confirmed_at) >= self.max_stale {
            return Err(Box::new("its keys are too old, or from the future: was the clock set back?"));
        }
        let read = RevocationKeys::read(kept.document.as_bytes());
        let keys = read.map_err(|why| -> Box<dyn Display> { Box::new(why) })?.keys;
        let (text, confirmed_at) = (Some(kept.document), kept.confirmed_at);
        self.ledger().restored_keys(HeldKeys { keys: keys.clone(), text, confirmed_at, lifetime: None });
        Ok(Some(keys))
    }

    pub(super) async fn keep_keys(&self, keys: &HeldKeys) {
        let Some(text) = keys.text.clone() else { return };
        let (issuer, confirmed_at, nonce) =
            (self.verifier.issuer().to_owned(), keys.confirmed_at, self.draw());
        self.write(move |disk| disk.write_keys(&issuer, confirmed_at, &text, nonce)).await;
    }

    pub(super) async fn keep_document(&self, text: String, writing: Writing) -> Kept {
        let nonce = self.draw();
        self.write(move |disk| disk.write(&text, writing, nonce)).await;
        let Some(disk) = &self.disk else { return Kept::Short };
        // Held by a write that takes too long: then the next one tells.
        let Ok(mut disk) = disk.try_lock() else { return Kept::Short };
        if !disk.is_long() {
            return Kept::Short;
        }
        // One snapshot is asked for, and another one when as much has come again.
        disk.keep_long();
        Kept::Long
    }

    async fn write(&self, change: impl FnOnce(&mut LogDisk) -> io::Result<()> + Send + 'static) {
        let Some(disk) = self.disk.clone() else { return };
        let writing = tokio::task::spawn_blocking(move || change(&mut lock(&disk)));
        let failed = match tokio::time::timeout(DISK_TIMEOUT, writing).await {
            Ok(Ok(Ok(()))) => return,
            Ok(Ok(Err(why))) => why.to_string(),
            Ok(Err(why)) => why.to_string(),
            Err(_) => format!("the disk took longer than {}s", DISK_TIMEOUT.as_secs()),
        };
        tracing::warn!(
            issuer = self.verifier.issuer(),
            error = failed,
            "the revocation log is not kept on disk: a restart depends on the issuer",
        );
    }
}

fn lock(disk: &Arc<Mutex<LogDisk>>) -> MutexGuard<'_, LogDisk> {
    // What panicked elsewhere left a count that is off by one at worst.
    disk.lock().unwrap_or_else(PoisonError::into_inner)
}
