//! The sessions of an office.

use super::Asked;

/// All of them, the oldest first.
#[derive(Default)]
pub(super) struct Families {
    all: Vec<Family>,
    tokens: u64,
    /// Whether nobody may refresh.
    are_refused: bool,
}

struct Family {
    /// How often it has rotated.
    generation: u64,
    /// Why it is over, if it is.
    over: Option<&'static str>,
}

pub(super) struct Granted {
    pub(super) number: u64,
    pub(super) refresh_token: String,
}

pub(super) struct Refusal {
    pub(super) error: &'static str,
    pub(super) reason: &'static str,
}

const fn gone(reason: &'static str) -> Refusal {
    Refusal { error: "invalid_grant", reason }
}

impl Families {
    /// What a client gets that asks like this.
    pub(super) fn grant(&mut self, asked: &Asked) -> Result<Granted, Refusal> {
        let (family, generation) = match asked.grant() {
            "refresh_token" if self.are_refused => {
                return Err(Refusal { error: "unauthorized_client", reason: "refresh_not_granted" });
            }
            "refresh_token" => self.refresh(asked.get("refresh_token"))?,
            "token-exchange" if !asked.get("subject_token").starts_with("token-") => {
                return Err(Refusal { error: "invalid_request", reason: "subject_token_refused" });
            }
            "client_credentials" | "token-exchange" => {
                self.all.push(Family { generation: 0, over: None });
                (self.all.len() - 1, 0)
            }
            other => panic!("nobody asks by {other}"),
        };
        self.tokens += 1;
        Ok(Granted { number: self.tokens, refresh_token: format!("refresh-{family}-{generation}") })
    }

    /// The newest rotates, the one before it is answered again, and anything older is a replay.
    fn refresh(&mut self, token: &str) -> Result<(usize, u64), Refusal> {
        let (number, generation) = read(token).ok_or(gone("refresh_token_malformed"))?;
        let family = self.all.get_mut(number).ok_or(gone("refresh_token_unknown"))?;
        if let Some(reason) = family.over {
            return Err(gone(reason));
        }
        if generation == family.generation {
            family.generation += 1;
        } else if generation + 1 != family.generation {
            return Err(gone("refresh_token_replayed"));
        }
        Ok((number, family.generation))
    }

    pub(super) fn end(&mut self, token: &str) {
        if let Some(family) = read(token).and_then(|(number, _)| self.all.get_mut(number)) {
            family.over = Some("refresh_token_ended");
        }
    }

    pub(super) fn refuse_all(&mut self) {
        self.are_refused = true;
    }

    pub(super) fn end_all(&mut self, reason: &'static str) {
        self.all.iter_mut().for_each(|family| family.over = Some(reason));
    }
}

fn read(token: &str) -> Option<(usize, u64)> {
    let (family, generation) = token.strip_prefix("refresh-")?.split_once('-')?;
    Some((family.parse().ok()?, generation.parse().ok()?))
}
