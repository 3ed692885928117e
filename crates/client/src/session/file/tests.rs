mod child;
mod faults;
mod full_disk;
mod killed;
mod locking;
pub(super) mod scratch;
mod writing;

use super::*;
use crate::session::record::tests::{sample, text_of};
use scratch::Scratch;

/// Longer than any other holder of a lock takes in these tests.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the file holds by now, told by the text of its token.
fn text_in(file: &SessionFile) -> String {
    text_of(&file.read().unwrap().unwrap().record).to_owned()
}

async fn write(file: &SessionFile, text: &str) -> Fingerprint {
    file.lock(PATIENCE).await.unwrap().write(&sample(text)).await.unwrap()
}
