use super::reader::{Closed, Reader};
use super::summary::{Found, Reference, Summary, references, sentences};
use chancery_client::Session;
use serde::Deserialize;
use url::Url;

/// One worker, with a session of its own.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) number: usize,
    pub(super) session: Session,
    pub(super) reader: Reader,
}

/// What the service says of a document, as far as it is of interest here.
#[derive(Deserialize)]
struct Document {
    title: String,
    text: String,
}

impl Worker {
    /// Reads a document and whatever it refers to.
    pub(super) async fn sum_up(&self, number: &str) -> Result<Summary, Closed> {
        let answer = self.reader.open(&self.reader.document(number)).await?;
        let Document { title, text } = serde_json::from_value(answer)
            .map_err(|_| Closed::Refused { reason: "not_a_document".to_owned() })?;
        let mut refers_to = Vec::new();
        for path in references(&text) {
            // What a document says decides what is asked for. The token decides what comes back.
            if let Some(url) = self.reader.within(path) {
                refers_to.push(Reference { path: path.to_owned(), found: self.look(&url).await? });
            }
        }
        let mut all = sentences(&text);
        let begins = all.next().unwrap_or_default().to_owned();
        Ok(Summary {
            document: number.to_owned(),
            title,
            sentences: all.count() + usize::from(!begins.is_empty()),
            begins,
            words: text.split_whitespace().count(),
            refers_to,
        })
    }

    async fn look(&self, url: &Url) -> Result<Found, Closed> {
        match self.reader.open(url).await {
            Ok(found) => Ok(match found["title"].as_str() {
                Some(title) => Found::Title(title.to_owned()),
                None => Found::Untitled,
            }),
            Err(Closed::Refused { reason }) => Ok(Found::Refused(reason)),
            Err(closed) => Err(closed),
        }
    }
}
