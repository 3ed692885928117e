use super::*;

/// What a Redis 7.0.15 answers, as far as it is looked at.
const SEVEN: &str = "# Server\r\nredis_version:7.0.15\r\nredis_git_sha1:00000000\r\nredis_mode:standalone\r\n\
os:Linux 6.1.0 x86_64\r\n\r\n# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n\r\n# Persistence\r\n\
loading:0\r\naof_enabled:1\r\n\r\n# Replication\r\nrole:master\r\nconnected_slaves:0\r\n";

fn about(change: &[(&str, &str)]) -> Result<(), RedisFault> {
    let text = change.iter().fold(SEVEN.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    examine(&text, &"redis://127.0.0.1:6379/0".parse().unwrap())
}

#[test]
fn r_8_6_servers_from_7_0_on_are_taken() {
    assert_eq!(about(&[]), Ok(()));
    for version in ["7.0.0", "7.2.4", "8.0.1", "10.0.0"] {
        assert!(about(&[("7.0.15", version)]).is_ok(), "{version}");
    }
    // A Valkey 8 says that it is compatible with Redis 7.2.4.
    assert!(
        about(&[(
            "redis_version:7.0.15\r\n",
            "redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\n"
        )])
        .is_ok()
    );
}

#[test]
fn r_8_6_an_older_server_is_refused_with_its_version() {
    for version in ["6.2.14", "5.0.7", "2.8", "6", "unknown"] {
        let refused = about(&[("7.0.15", version)]).unwrap_err();
        assert_eq!(refused.reason(), "redis_too_old", "{version}");
        let text = refused.to_string();
        assert!(text.contains(version) && text.contains("7.0 or later"), "{text}");
    }
    assert_eq!(about(&[("redis_version", "version")]).unwrap_err().reason(), "redis_refused");
}

#[test]
fn r_8_6_what_is_no_single_master_that_keeps_what_it_is_given_is_refused() {
    for (change, reason, names) in [
        (("redis_mode:standalone", "redis_mode:cluster"), "redis_mode", "cluster"),
        (("redis_mode:standalone", "redis_mode:sentinel"), "redis_mode", "sentinel"),
        (("redis_mode:standalone", "server_mode:cluster"), "redis_mode", "cluster"),
        (("noeviction", "volatile-ttl"), "redis_evicts", "volatile-ttl"),
        (
            ("role:master", "role:slave\r\nmaster_host:10.0.0.7\r\nmaster_port:6380"),
            "redis_replica",
            "10.0.0.7:6380",
        ),
    ] {
        let refused = about(&[change]).unwrap_err();
        assert_eq!(refused.reason(), reason);
        assert!(refused.to_string().contains(names), "{refused}");
    }
}
