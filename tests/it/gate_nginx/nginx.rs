//! nginx as a process.

use super::config::Config;
use crate::support::Folder;
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Where Debian keeps it, which is not on everybody's path.
const DEBIAN: &str = "/usr/sbin/nginx";

/// The real nginx, on a port of its own. Killed with its worker, by their process group, when it is dropped.
pub(crate) struct Nginx {
    child: Child,
    pub(crate) url: String,
}

impl Nginx {
    /// Starts it; all that it writes is in a folder of this name.
    pub(super) fn start(folder: &Folder, name: &str, config: Config) -> Self {
        // It is given the socket, as an nginx gives it to its successor: no other process can take the port in between,
        // and whoever connects too early waits.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let home = folder.file(name);
        fs::create_dir(&home).unwrap();
        folder.write(&format!("{name}/nginx.conf"), config.listening_at(&address));
        let program = if Path::new(DEBIAN).exists() { DEBIAN } else { "nginx" };
        let child = Command::new(program)
            .arg("-p")
            .arg(&home)
            // Its worker shall be whoever runs the tests: nobody else can write into the folder.
            .args(["-c", "nginx.conf", "-e", "stderr", "-g", "daemon off; user root;"])
            .env_clear()
            .env("NGINX", "0;")
            .stdin(Stdio::from(OwnedFd::from(listener)))
            .stdout(Stdio::null())
            .stderr(File::create(home.join("log")).unwrap())
            .process_group(0)
            .spawn()
            .unwrap();
        Self { child, url: format!("http://{address}") }
    }

    /// Whether any process of it is there.
    fn lives(group: u32) -> bool {
        kill("0", group)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = kill("KILL", self.child.id());
        let _ = self.child.wait();
    }
}

fn kill(signal: &str, group: u32) -> bool {
    let kill = format!("kill -{signal} -{group} 2>/dev/null");
    Command::new("sh").args(["-c", &kill]).status().is_ok_and(|status| status.success())
}

#[test]
fn an_nginx_that_is_dropped_leaves_no_process_behind() {
    let folder = Folder::new();
    let nowhere = "http://127.0.0.1:1";
    let nginx = Nginx::start(&folder, "nginx", Config::shipped(nowhere, nowhere, nowhere));
    let group = nginx.child.id();
    let reply = super::wire::Wire::to(&nginx.url).ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(reply.status, 503, "{reply:?}");
    assert!(Nginx::lives(group));
    drop(nginx);
    crate::support::until("the end of the worker", || (!Nginx::lives(group)).then_some(()));
}
