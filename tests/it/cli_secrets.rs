use crate::support::{AUDIENCE, Chancery, Folder, Http, Server};

/// Text that must be found nowhere: the whole secret, and its random part without the prefix.
fn needles(secret: &str) -> Vec<String> {
    let body = secret.rsplit('_').next().filter(|body| body.len() > 20).unwrap_or(secret);
    vec![secret.to_owned(), body.to_owned(), body[..20.min(body.len())].to_owned()]
}

#[test]
fn r08_no_secret_is_in_any_output_log_or_file_but_its_own() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder).set("LOG__LEVEL", "trace");
    let server = Server::start(&chancery);
    let mut told = String::new();
    let mut keep = |ran: crate::support::Ran| {
        told.push_str(&ran.out);
        told.push_str(&ran.err);
    };
    keep(chancery.create_client("billing", &["--json"]).expect(0));
    keep(chancery.create_client("second", &[]).expect(0));
    keep(chancery.create_client("billing", &[]).expect(2));
    let (secret, second) = (folder.read("billing.secret"), folder.read("second.secret"));
    let (secret, second) = (secret.trim_end(), second.trim_end());
    let http = Http::new();
    let mut tokens = Vec::new();
    let mut ask = |id: &str, with: &str, form: &str| {
        let answer = http.ask_for_token(&server.url, id, with, form);
        tokens.extend(answer.body["access_token"].as_str().map(str::to_owned));
        answer.status
    };
    assert_eq!(ask("billing", secret, ""), 200);
    assert_eq!(ask("billing", second, ""), 401, "another client's secret");
    assert_eq!(ask("nobody", secret, ""), 401);
    assert_eq!(ask("billing", &secret[..secret.len() - 1], ""), 401);
    assert_eq!(ask("billing", secret, "&scope=invoices:delete"), 400);
    // In the places where it does not belong.
    let in_body = format!("&client_id=billing&client_secret={secret}");
    ask("billing", secret, &in_body);
    http.get(&server.at(&format!("/oauth2/token?client_secret={secret}")));
    http.get_with_token(&server.at("/healthz"), secret);
    let issuer = &server.url;
    let request =
        ["token", "request", "--issuer", issuer, "--client-id", "billing", "--secret-file", "billing.secret"];
    keep(
        chancery.run(&[&request[..], &["--out", "billing.token", "--resource", AUDIENCE]].concat()).expect(0),
    );
    keep(chancery.run(&[&request[..], &["--scope", "invoices:delete"]].concat()).expect(1));
    keep(chancery.run(&["client", "show", "billing"]).expect(0));
    keep(chancery.run(&["client", "list", "--json"]).expect(0));
    keep(chancery.run(&["key", "list", "--json"]).expect(0));
    keep(chancery.run(&["key", "rotate"]).expect(0));
    keep(chancery.run(&["client", "disable", "billing", "--reason", "over", "--json"]).expect(0));
    let master = folder.read("keys/master.key");
    tokens.push(folder.read("billing.token").trim_end().to_owned());
    server.signal("TERM");
    let (code, out, log) = server.ended();
    assert_eq!(code, 0);
    assert!(
        log.contains("/oauth2/token") && log.contains("TRACE")
            || log.contains("DEBUG")
            || log.contains("INFO")
    );

    let mut places = vec![
        ("output".to_owned(), told.into_bytes()),
        ("server".to_owned(), format!("{out}{log}").into_bytes()),
    ];
    for path in folder.files() {
        places.push((path.display().to_string(), std::fs::read(&path).unwrap()));
    }
    let mut searched: Vec<(&str, Vec<String>)> = vec![
        ("billing.secret", needles(secret)),
        ("second.secret", needles(second)),
        ("master.key", needles(master.trim_end())),
    ];
    for token in &tokens {
        let signature = token.rsplit('.').next().unwrap().to_owned();
        searched.push(("billing.token", vec![token.clone(), signature]));
    }
    for (own, needles) in &searched {
        let own_place = places.iter().filter(|(place, _)| place.ends_with(own)).count();
        assert_eq!(own_place, 1, "{own} was searched too, so the search finds files");
        for (place, content) in &places {
            if place.ends_with(own) {
                continue;
            }
            for needle in needles {
                let found = content.windows(needle.len()).any(|window| window == needle.as_bytes());
                assert!(!found, "what belongs in {own} is in {place}");
            }
        }
    }
}

#[test]
fn r08_the_command_line_takes_no_secret() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    let verbs = [&["token", "request"][..], &["client", "create"], &["serve"], &["init"], &["key", "rotate"]];
    for verb in
        verbs.into_iter().chain([&["agent", "login"][..], &["agent", "delegate"], &["agent", "proxy"]])
    {
        let help = chancery.run(&[verb, &["--help"]].concat()).expect(0).out;
        let takes = |line: &&str| {
            let name = line.split_whitespace().next().unwrap_or_default();
            name.starts_with("--")
                && (name.contains("secret") || name.contains("password"))
                && !line.contains("<FILE>")
        };
        let bad: Vec<&str> = help.lines().filter(takes).collect();
        assert!(bad.is_empty(), "{bad:?}");
    }
}
