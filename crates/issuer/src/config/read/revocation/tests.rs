use super::*;
use crate::config::read::tests::{load, refused};
use crate::config::{Config, RedisSettings};
use std::path::Path;

const REDIS: &str = "[store]\nredis = \"redis://127.0.0.1:6379/0\"\n[revocation]\n";

fn settings(config: &Config) -> &RedisSettings {
    let StoreConfig::Redis(settings) = &config.store else { panic!("{:?}", config.store) };
    settings
}

#[test]
fn what_is_not_said_is_the_safe_choice() {
    let config = Config::load(None, Vec::new()).unwrap();
    assert_eq!(
        config.revocation,
        RevocationConfig {
            durability: Durability::Verified,
            on_unprovable_loss: OnUnprovableLoss::RevokeAll,
            journal_file: ".chancery/revocation.journal".into(),
            max_blind: Duration::from_mins(10),
        }
    );
    let redis = load(REDIS, &[]).unwrap();
    assert_eq!(redis.revocation.journal_file, Path::new(".chancery/revocation.journal"));
    assert_eq!(settings(&redis).durability, Durability::Verified);
    let elsewhere = load("[store]\npath = \"/var/lib/chancery/store.db\"\n", &[]).unwrap();
    assert_eq!(elsewhere.revocation.journal_file, Path::new("/var/lib/chancery/revocation.journal"));
}

#[test]
fn every_setting_of_it_can_be_made() {
    let text = format!(
        "{REDIS}durability = \"attested\"\nattested_because = \" Two machines sync. \"\non_unprovable_loss = \"union\"\n\
         journal_file = \"/state/journal\"\nmax_blind = \"1m\"\n"
    );
    let config = load(&text, &[]).unwrap();
    let because = Durability::Attested { because: "Two machines sync.".into() };
    assert_eq!(
        config.revocation,
        RevocationConfig {
            durability: because.clone(),
            on_unprovable_loss: OnUnprovableLoss::Union,
            journal_file: "/state/journal".into(),
            max_blind: Duration::from_mins(1),
        }
    );
    assert_eq!(settings(&config).durability, because);
    let volatile = load(&format!("{REDIS}durability = \"volatile\"\n"), &[]).unwrap();
    assert_eq!(settings(&volatile).durability, Durability::Volatile);
}

#[test]
fn who_attests_says_on_what_it_rests_and_who_does_not_says_nothing() {
    let missing = refused(&format!("{REDIS}durability = \"attested\"\n"));
    assert!(missing.contains(":4") && missing.contains("attested_because is missing"), "{missing}");
    for because in ["", "  ", "two\\nlines", &"x".repeat(501)] {
        let text = format!("{REDIS}durability = \"attested\"\nattested_because = \"{because}\"\n");
        assert!(refused(&text).contains("attested_because is one sentence"), "{because}");
    }
    for durability in ["", "durability = \"verified\"\n", "durability = \"volatile\"\n"] {
        let text = format!("{REDIS}{durability}attested_because = \"I think so.\"\n");
        assert!(refused(&text).contains("without durability = \"attested\""), "{durability}");
    }
    let unknown = refused(&format!("{REDIS}durability = \"always\"\n"));
    assert!(
        unknown.contains("durability is one of 'verified', 'attested', 'volatile', not 'always'"),
        "{unknown}"
    );
}

#[test]
fn a_store_in_a_file_takes_no_word_about_its_durability() {
    for line in
        ["durability = \"verified\"", "durability = \"volatile\"", "attested_because = \"I think so.\""]
    {
        let refused = refused(&format!("[revocation]\n{line}\n"));
        let key = line.split(' ').next().unwrap();
        assert!(refused.contains(&format!("[revocation] {key} is for a Redis")), "{refused}");
    }
}

#[test]
fn the_time_without_sight_has_its_bounds() {
    for (text, most) in [("59s", false), ("1m", true), ("1h", true), ("61m", false)] {
        let read = load(&format!("[revocation]\nmax_blind = \"{text}\"\n"), &[]);
        assert_eq!(read.is_ok(), most, "{text}");
    }
}
