//! One client, as it must be found after the kill.

use crate::support::{Office, Told};
use serde_json::{Value, json};

/// What was acknowledged, and the one write that was not.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: String,
    acknowledged: State,
    open: Option<Write>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Absent,
    There { purpose: String, disabled: bool, secrets: usize },
}

/// A secret whose value was told, and whether it was dropped.
#[derive(Debug)]
struct Secret {
    id: String,
    value: String,
}

/// The writes that each client goes through, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Write {
    Create,
    Describe,
    AddSecret,
    Disable,
    Enable,
    DropFirstSecret,
    DescribeAgain,
}

const COURSE: [Write; 7] = [
    Write::Create,
    Write::Describe,
    Write::AddSecret,
    Write::Disable,
    Write::Enable,
    Write::DropFirstSecret,
    Write::DescribeAgain,
];

/// A record with the secrets that belong to it.
pub(super) struct Written {
    pub(super) record: Record,
    secrets: Vec<Secret>,
}

impl Written {
    pub(super) fn new(id: String) -> Self {
        let record = Record { id, acknowledged: State::Absent, open: None };
        Self { record, secrets: Vec::new() }
    }

    /// Goes through all writes, or until one has no answer. `acknowledged` hears of each that has.
    pub(super) fn go(&mut self, office: &Office, acknowledged: &dyn Fn()) {
        for write in COURSE {
            let (method, path, body) = self.request(write);
            match office.write(method, &path, &body) {
                Told::Done(answer) => {
                    self.record.acknowledged = write.applied(&self.record.acknowledged);
                    self.take(write, &answer);
                    acknowledged();
                }
                Told::Unknown => {
                    self.record.open = Some(write);
                    return;
                }
            }
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.record.open.is_some()
    }

    pub(super) fn must_be_listed(&self) -> bool {
        self.record.acknowledged != State::Absent
    }

    fn request(&self, write: Write) -> (&'static str, String, Value) {
        let id = &self.record.id;
        let of = |rest: &str| format!("/clients/{id}{rest}");
        match write {
            Write::Create => ("POST", "/clients".to_owned(), draft(id)),
            Write::Describe | Write::DescribeAgain => ("PATCH", of(""), json!({"purpose": purpose(write)})),
            Write::AddSecret => ("POST", of("/secrets"), json!({})),
            Write::Disable => ("POST", of("/disable"), json!({"reason": "a storm"})),
            Write::Enable => ("POST", of("/enable"), json!({})),
            Write::DropFirstSecret => ("DELETE", of(&format!("/secrets/{}", self.secrets[0].id)), json!({})),
        }
    }

    fn take(&mut self, write: Write, answer: &Value) {
        match write {
            Write::Create | Write::AddSecret => {
                let value = answer["client_secret"].as_str().unwrap().to_owned();
                let of_client = answer["client"]["secrets"].as_array().unwrap();
                let is_new = |id: &&str| self.secrets.iter().all(|secret| secret.id != *id);
                let ids: Vec<_> =
                    of_client.iter().map(|secret| secret["id"].as_str().unwrap()).filter(is_new).collect();
                assert_eq!(ids.len(), 1, "{answer}");
                self.secrets.push(Secret { id: ids[0].to_owned(), value });
            }
            Write::DropFirstSecret => drop(self.secrets.remove(0)),
            Write::Describe | Write::Disable | Write::Enable | Write::DescribeAgain => {}
        }
    }

    /// What is found is what was acknowledged, with the open write done whole or not at all.
    #[track_caller]
    pub(super) fn holds(&self, office: &Office) {
        let Record { id, acknowledged, open } = &self.record;
        let found = office.read(&format!("/clients/{id}"));
        let state = if found.status == 404 { State::Absent } else { state(&found.body) };
        let perhaps = open.map(|write| write.applied(acknowledged));
        assert!(
            state == *acknowledged || Some(&state) == perhaps.as_ref(),
            "{:?}, and there is {state:?}: {found:?}",
            self.record
        );
        let State::There { disabled, .. } = state else { return };
        whole(id, &found.body);
        let dropped = *open == Some(Write::DropFirstSecret) && state != *acknowledged;
        let expected = if disabled { Err("client_disabled".to_owned()) } else { Ok(()) };
        for secret in self.secrets.iter().skip(usize::from(dropped)) {
            assert_eq!(office.token(id, &secret.value), expected, "{:?}", self.record);
        }
        if self.secrets.is_empty() {
            // Its secret was never told. It is a client all the same, and takes another one.
            let Told::Done(added) = office.write("POST", &format!("/clients/{id}/secrets"), &json!({}))
            else {
                panic!("{:?}", self.record)
            };
            assert_eq!(office.token(id, added["client_secret"].as_str().unwrap()), Ok(()));
        }
    }
}

impl Write {
    fn applied(self, before: &State) -> State {
        let (mut purpose, mut disabled, mut secrets) = match before {
            State::Absent => (purpose(Self::Create).to_owned(), false, 1),
            State::There { purpose, disabled, secrets } => (purpose.clone(), *disabled, *secrets),
        };
        match self {
            Self::Create => {}
            Self::Describe | Self::DescribeAgain => self::purpose(self).clone_into(&mut purpose),
            Self::AddSecret => secrets += 1,
            Self::DropFirstSecret => secrets -= 1,
            Self::Disable => disabled = true,
            Self::Enable => disabled = false,
        }
        State::There { purpose, disabled, secrets }
    }
}

fn purpose(write: Write) -> &'static str {
    match write {
        Write::Describe => "mirrors invoices, once described",
        Write::DescribeAgain => "mirrors invoices, described again",
        _ => "mirrors invoices",
    }
}

fn draft(id: &str) -> Value {
    json!({
        "id": id,
        "owner": "team-billing",
        "purpose": purpose(Write::Create),
        "tenants": ["acme"],
        "grants": [{"scope": "invoices:read", "reason": "reads what is mirrored"}],
        "unbounded": "mirrors every project",
        "expires_at": "90d",
    })
}

/// The client itself, whether it stands alone or in a member.
fn client(body: &Value) -> &Value {
    body.get("client").unwrap_or(body)
}

fn state(body: &Value) -> State {
    let client = client(body);
    State::There {
        purpose: client["purpose"].as_str().unwrap().to_owned(),
        disabled: client["state"] == "disabled",
        secrets: client["secrets"].as_array().unwrap().len(),
    }
}

/// That nothing of what it was made with is missing.
fn whole(id: &str, body: &Value) {
    let client = client(body);
    assert_eq!((&client["id"], &client["owner"]), (&json!(id), &json!("team-billing")), "{body}");
    assert_eq!(client["tenants"], json!(["acme"]), "{body}");
    assert_eq!(client["grants"][0]["reason"], "reads what is mirrored", "{body}");
    assert!(client["expires_at"].is_string() && client["created_at"].is_string(), "{body}");
}
