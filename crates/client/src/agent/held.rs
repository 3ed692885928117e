//! The token that an agent gave, as one process uses it again.

use crate::access_token::AccessToken;
use crate::binding::Binding;
use chancery_token::UnixTime;
use std::time::Duration;

/// While its token is good, an agent that stands still is waited for this long at most.
const PATIENCE: Duration = Duration::from_secs(3);
/// While the agent is away and its token is good, it is asked this often.
const PAUSE: Duration = Duration::from_secs(1);

/// What there is, and when the agent is asked for another.
#[derive(Debug, Default)]
pub(super) struct Held {
    state: State,
    /// What was forgotten last.
    refused: Option<AccessToken>,
    /// How often something was forgotten.
    forgotten: u64,
}

#[derive(Debug, Default)]
enum State {
    /// Nothing.
    #[default]
    Nothing,
    /// A token.
    Token {
        /// It.
        token: AccessToken,
        /// When it was given.
        given_at: UnixTime,
        /// From when on another is asked for.
        half_life: UnixTime,
        /// The same by the monotonic clock, which nobody sets back.
        half_way: Duration,
        /// When it is over, by that clock.
        end: Duration,
        /// The agent was away: until then, by the monotonic clock, it is left alone.
        no_question_before: Duration,
    },
}

impl Held {
    /// Holds `token`, which the agent gave at `now`: half of what is left of it is used without asking again. It was asked
    /// when so many tokens had been [`Self::forgotten`]: one that was refused since then does not come back.
    pub(super) fn give(&mut self, token: &AccessToken, now: UnixTime, monotonic: Duration, forgotten: u64) {
        let is_late = self.forgotten != forgotten;
        if is_late && self.refused.as_ref().is_some_and(|refused| refused.expose() == token.expose()) {
            return;
        }
        let left = token.ttl(now);
        self.state = State::Token {
            token: token.clone(),
            given_at: now,
            half_life: now.plus(left / 2),
            half_way: monotonic.saturating_add(left / 2),
            end: monotonic.saturating_add(left),
            no_question_before: Duration::ZERO,
        };
    }

    /// How what is held is shown, however old it is.
    pub(super) fn binding(&self) -> Option<Binding> {
        match &self.state {
            State::Token { token, .. } => Some(token.binding()),
            State::Nothing => None,
        }
    }

    /// The token that serves without asking the agent.
    pub(super) fn take(&self, now: UnixTime, monotonic: Duration, min_ttl: Duration) -> Option<&AccessToken> {
        match &self.state {
            State::Token { token, given_at, half_life, half_way, no_question_before, .. }
                if self.lives(now, monotonic, min_ttl) =>
            {
                // A clock that went back proves nothing about how old it is.
                let fresh = (*given_at..*half_life).contains(&now) && monotonic < *half_way;
                (fresh || monotonic < *no_question_before).then_some(token)
            }
            State::Token { .. } | State::Nothing => None,
        }
    }

    /// Whether there is a token that lives longer than `min_ttl`, by both clocks.
    pub(super) fn lives(&self, now: UnixTime, monotonic: Duration, min_ttl: Duration) -> bool {
        self.left(now, monotonic) > min_ttl
    }

    /// How long the agent is waited for where there is such a token; for as long as it takes, where there is none.
    pub(super) fn patience(&self, now: UnixTime, monotonic: Duration, min_ttl: Duration) -> Option<Duration> {
        let over = self.left(now, monotonic).saturating_sub(min_ttl);
        (!over.is_zero()).then(|| PATIENCE.min(over / 2))
    }

    fn left(&self, now: UnixTime, monotonic: Duration) -> Duration {
        match &self.state {
            State::Token { token, end, .. } => token.ttl(now).min(end.saturating_sub(monotonic)),
            State::Nothing => Duration::ZERO,
        }
    }

    /// The token that serves while the agent is away.
    pub(super) fn outlive(
        &mut self,
        now: UnixTime,
        monotonic: Duration,
        min_ttl: Duration,
    ) -> Option<&AccessToken> {
        let lives = self.lives(now, monotonic, min_ttl);
        match &mut self.state {
            State::Token { token, no_question_before, .. } if lives => {
                *no_question_before = monotonic + PAUSE;
                Some(token)
            }
            State::Token { .. } | State::Nothing => None,
        }
    }

    /// Lets a token go that a resource server refused, if it is the one that is held.
    pub(super) fn forget(&mut self, refused: &AccessToken) {
        self.forgotten += 1;
        self.refused = Some(refused.clone());
        if let State::Token { token, .. } = &self.state
            && token.expose() == refused.expose()
        {
            self.state = State::Nothing;
        }
    }

    /// How often something was forgotten.
    pub(super) const fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn token(text: &str) -> AccessToken {
        let text = Zeroizing::new(text.to_owned());
        AccessToken::received(text, (NOW, NOW.plus(secs(900))), None, Binding::Dpop)
    }

    fn holding() -> Held {
        let mut held = Held::default();
        held.give(&token("t"), NOW, Duration::ZERO, 0);
        held
    }

    fn serves(held: &Held, after: u64, min_ttl: u64) -> bool {
        held.take(NOW.plus(secs(after)), secs(after), secs(min_ttl)).is_some()
    }

    #[test]
    fn a_token_serves_until_half_of_what_was_left_of_it_is_over() {
        let held = holding();
        assert!(serves(&held, 0, 30) && serves(&held, 449, 30));
        assert!(!serves(&held, 450, 30));
        assert!(!serves(&held, 300, 600), "who wants more than is left asks");
        assert!(!serves(&Held::default(), 0, 0));
    }

    #[test]
    fn while_the_agent_is_away_a_good_token_serves_and_the_agent_is_asked_once_a_second() {
        let mut held = holding();
        let (now, monotonic) = (NOW.plus(secs(500)), secs(500));
        assert!(held.outlive(now, monotonic, secs(30)).is_some());
        assert!(serves(&held, 500, 30) && !serves(&held, 501, 30));
        assert!(held.outlive(NOW.plus(secs(899)), secs(899), Duration::ZERO).is_some(), "to its last second");
        assert!(held.outlive(NOW.plus(secs(900)), secs(900), Duration::ZERO).is_none());
    }

    #[test]
    fn a_clock_that_goes_back_makes_no_token_younger() {
        let held = holding();
        assert!(held.take(NOW.minus(secs(1)), secs(5), secs(30)).is_none());
        assert!(held.take(NOW.plus(secs(100)), secs(449), secs(30)).is_some());
        assert!(
            held.take(NOW.plus(secs(100)), secs(450), secs(30)).is_none(),
            "the other clock saw its half"
        );
    }

    #[test]
    fn a_clock_that_goes_back_makes_no_token_live_longer() {
        let mut held = holding();
        assert!(held.outlive(NOW.plus(secs(100)), secs(899), Duration::ZERO).is_some());
        assert!(
            held.outlive(NOW.plus(secs(100)), secs(900), Duration::ZERO).is_none(),
            "the other saw its end"
        );
    }

    #[test]
    fn an_answer_that_comes_late_does_not_bring_a_refused_token_back() {
        let mut held = holding();
        let asked = held.forgotten();
        held.forget(&token("t"));
        held.give(&token("t"), NOW, Duration::ZERO, asked);
        assert!(!serves(&held, 0, 0));
        held.give(&token("u"), NOW, Duration::ZERO, asked);
        assert!(serves(&held, 0, 0), "another one is another");
        // Whoever asks after that and is given the same again has to take it.
        held.forget(&token("u"));
        held.give(&token("u"), NOW, Duration::ZERO, held.forgotten());
        assert!(serves(&held, 0, 0));
    }

    #[test]
    fn only_the_refused_token_is_let_go() {
        let mut held = holding();
        held.forget(&token("another"));
        assert!(serves(&held, 0, 30));
        held.forget(&token("t"));
        assert!(!serves(&held, 0, 0));
    }
}
