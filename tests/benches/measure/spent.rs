//! What a process has taken of the machine, as the kernel counts it.

use std::time::Duration;

/// Ticks of `/proc/PID/stat` in a second, on every architecture that Linux has (`USER_HZ`).
const TICKS: f64 = 100.0;

/// Processor time of all threads, also of those that ended.
pub(crate) fn processor(pid: u32) -> Result<Duration, String> {
    let stat = read(pid, "stat")?;
    // The second field is the name of the program in parentheses, and may hold anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, after)| after);
    // `utime` and `stime` are the fields 14 and 15 (proc_pid_stat(5)); the third is the first after the name.
    let ticks: Vec<f64> =
        fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    match ticks.as_slice() {
        [user, system] => Ok(Duration::from_secs_f64((user + system) / TICKS)),
        _ => Err(format!("/proc/{pid}/stat: {stat}")),
    }
}

/// Memory that is resident, in MiB.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resident {
    pub(crate) all: f64,
    /// Without the pages of files: most of those are the program, and whoever else runs it has the same ones.
    pub(crate) own: f64,
}

/// What a process has in memory.
pub(crate) fn resident(pid: u32) -> Result<Resident, String> {
    let status = read(pid, "status")?;
    let mebibytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes: Option<f64> = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        kilobytes.map(|kilobytes| kilobytes / 1024.0).ok_or_else(|| format!("/proc/{pid}/status: {status}"))
    };
    Ok(Resident { all: mebibytes("VmRSS:")?, own: mebibytes("RssAnon:")? })
}

fn read(pid: u32, name: &str) -> Result<String, String> {
    std::fs::read_to_string(format!("/proc/{pid}/{name}"))
        .map_err(|fault| format!("/proc/{pid}/{name}: {fault}"))
}
