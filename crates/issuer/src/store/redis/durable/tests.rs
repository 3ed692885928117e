use super::*;

const ABOUT: &str = "# Persistence\r\naof_rewrite_in_progress:0\r\naof_rewrite_scheduled:0\r\n\
aof_last_bgrewrite_status:ok\r\naof_base_size:2079\r\n\r\n# Replication\r\nrole:master\r\nconnected_slaves:0\r\n";

fn judged(change: &[(&str, &str)], about: &[(&str, &str)]) -> Durable {
    let good = DEMANDED.into_iter().chain([(REPLICAS_TO_WRITE, "0")]).chain(change.iter().copied());
    let settings = good.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let about = about.iter().fold(ABOUT.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    judge(&settings, &about)
}

fn demands(judged: Durable) -> String {
    let Durable::Demands(demands) = judged else { panic!("{judged:?}") };
    demands
}

#[test]
fn a_server_that_syncs_every_write_keeps_what_it_acknowledges() {
    assert_eq!(judged(&[], &[]), Durable::Yes(Witness::Disk));
    let with_replicas = [("connected_slaves:0", "connected_slaves:2")];
    assert_eq!(judged(&[(REPLICAS_TO_WRITE, "1")], &with_replicas), Durable::Yes(Witness::Replica));
    assert_eq!(judged(&[(REPLICAS_TO_WRITE, "2")], &[]), Durable::Yes(Witness::Disk));
    // It is writing its file anew, beside the one that counts; or it is new, and has none yet.
    assert_eq!(judged(&[], &[("in_progress:0", "in_progress:1")]), Durable::Yes(Witness::Disk));
    assert_eq!(judged(&[], &[("aof_base_size:2079", "aof_base_size:0")]), Durable::Yes(Witness::Disk));
}

#[test]
fn r_2_7_each_setting_that_loses_something_is_named_with_what_to_do() {
    for (name, found, line) in [
        ("appendonly", "no", "appendonly yes"),
        ("appendfsync", "everysec", "appendfsync always"),
        ("appendfsync", "no", "appendfsync always"),
        ("no-appendfsync-on-rewrite", "yes", "no-appendfsync-on-rewrite no"),
    ] {
        let text = demands(judged(&[(name, found)], &[]));
        let wanted = format!(
            "its {name} is '{found}': write the line '{line}' into redis.conf, and run CONFIG SET {line}"
        );
        assert_eq!(text, wanted);
    }
    let both = demands(judged(&[("appendonly", "no"), ("appendfsync", "everysec")], &[]));
    assert!(both.contains("CONFIG SET appendonly yes; its appendfsync is"), "{both}");
}

#[test]
fn r_2_7_a_master_that_would_go_on_without_its_replicas_is_refused() {
    let text = demands(judged(&[], &[("connected_slaves:0", "connected_slaves:1")]));
    assert!(text.contains("CONFIG SET min-replicas-to-write 1"), "{text}");
}

#[test]
fn r_2_7_a_first_file_that_is_not_complete_keeps_nothing_yet() {
    let no_base = ("aof_base_size:2079", "aof_base_size:0");
    for under_way in
        [("in_progress:0", "in_progress:1"), ("scheduled:0", "scheduled:1"), ("status:ok", "status:err")]
    {
        let text = demands(judged(&[], &[no_base, under_way]));
        assert!(text.contains("not complete yet"), "{text}");
    }
}

#[test]
fn r_2_7_what_is_not_said_is_not_taken_for_granted() {
    assert!(demands(judge(&HashMap::new(), ABOUT)).contains("its appendfsync is 'unknown'"));
    // Without a word about replicas there may be some.
    let all = DEMANDED.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    assert!(demands(judge(&all, "")).contains("min-replicas-to-write"));
}
