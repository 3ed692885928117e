//! A client that signs who it is.

use super::world::World;
use std::process::Command;

#[test]
fn r_11_4_a_client_that_signs_logs_in_by_its_key_and_goes_on_without_the_file() {
    let world = World::new();
    let openssl = |words: &[&str]| {
        let made = Command::new("openssl").args(words).current_dir(world.folder.path()).output().unwrap();
        assert!(made.status.success(), "{made:?}");
    };
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", "signer.pem"]);
    openssl(&["pkey", "-in", "signer.pem", "-pubout", "-out", "signer.pub"]);
    let words = ["client", "create", "signer", "--owner", "team-agents", "--kind", "agent"];
    let more =
        ["--purpose", "reads what is to be summed up", "--tenant", "acme", "--expires", "90d", "--refresh"];
    let held = ["--scope", "invoices:read=reads them", "--bound", "project=acme-shop"];
    let proof = ["--authentication", "private_key_jwt", "--key", "signer.pub"];
    world.chancery.run(&[&words[..], &more, &held, &proof].concat()).expect(0);
    let login = ["login", "--issuer", &world.url, "--client-id", "signer", "--name", "signer"];
    let public = world.agent(&[&login[..], &["--key-file", "signer.pub"]].concat()).expect(2);
    assert!(public.err.contains("public key"), "{public:?}");
    world.agent(&[&login[..], &["--key-file", "signer.pem"]].concat()).expect(0);
    std::fs::remove_file(world.folder.file("signer.pem")).unwrap();
    let token = || world.agent(&["token", "--name", "signer", "--min-ttl", "899"]).expect(0).out;
    assert_ne!(token(), "");
    world.agent(&["logout", "--name", "signer"]).expect(0);
}
