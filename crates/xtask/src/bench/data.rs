//! The data file of a run: all that the page says comes from it.

use serde_json::{Map, Value, json};

use super::machine::Machine;
use super::member::{list, needed_text, object, rounded};
use super::results::Results;
use crate::failure::Failure;

/// One run, and where it was made.
pub(super) struct Data {
    /// `whole`, `quick` or `part`.
    pub(super) extent: String,
    pub(super) machine: Machine,
    /// How long each program took.
    pub(super) minutes: Vec<(String, f64)>,
    pub(super) results: Results,
}

impl Data {
    /// The text of the file.
    pub(super) fn text(&self) -> Result<String, Failure> {
        let minutes: Map<String, Value> = self
            .minutes
            .iter()
            .map(|(program, minutes)| (program.clone(), json!((minutes * 10.0).round() / 10.0)))
            .collect();
        let file = json!({
            "extent": self.extent,
            "machine": self.machine.json(),
            "minutes": minutes,
            "used": self.results.used,
            "figures": self.results.figures.iter().map(super::figure::Figure::json).collect::<Vec<Value>>(),
            "curves": self.results.curves.iter().map(super::curve::Curve::json).collect::<Vec<Value>>(),
        });
        let text = serde_json::to_string_pretty(&file).map_err(|e| Failure::broken(e.to_string()))?;
        Ok(text + "\n")
    }

    pub(super) fn read(text: &str) -> Result<Self, Failure> {
        let value: Value = serde_json::from_str(text)
            .map_err(|e| Failure::broken(format!("the data of the benchmarks: {e}")))?;
        Self::from_json(&value).map_err(|e| Failure::broken(format!("the data of the benchmarks: {e}")))
    }

    fn from_json(value: &Value) -> Result<Self, String> {
        let members = object(value)?;
        let part = |name: &str| members.get(name).and_then(Value::as_object).ok_or(format!("no `{name}`"));
        let mut results = Results::default();
        for entry in list(members, "figures")?.iter().chain(list(members, "curves")?) {
            results.take(entry)?;
        }
        for (name, version) in part("used")? {
            results.take(&json!({"used": name, "version": version}))?;
        }
        let minutes = part("minutes")?.iter().map(|(program, minutes)| {
            let minutes = minutes.as_f64().map(rounded);
            Ok((program.clone(), minutes.ok_or(format!("the minutes of `{program}` are no number"))?))
        });
        Ok(Self {
            extent: needed_text(members, "extent")?,
            machine: Machine::from_json(part("machine")?)?,
            minutes: minutes.collect::<Result<_, String>>()?,
            results,
        })
    }
}

/// The minutes of all programs, and of each.
pub(super) fn told(minutes: &[(String, f64)]) -> String {
    let all: f64 = minutes.iter().map(|(_, minutes)| minutes).sum();
    let each: Vec<String> =
        minutes.iter().map(|(program, minutes)| format!("{program} {minutes:.1}")).collect();
    format!("{all:.1} minutes ({})", each.join(", "))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A whole run with every figure that the page shows, each value made up.
    pub(in crate::bench) fn whole() -> Data {
        let mut results = Results::default();
        for id in ["codec.jwt.sign", "codec.jwt.verify_cold", "codec.paseto.sign", "codec.paseto.verify_cold"]
        {
            let rounds = json!({"count": 7, "min": 38, "median": 40, "max": 47});
            let ours =
                json!({"id": id, "value": 40, "unit": "µs", "limit": 39, "allowed": 1.06, "rounds": rounds});
            results.take(&ours).unwrap();
            for name in
                ["raw", "raw_aws_lc_rs", "ours_over_aws_lc_rs", "jsonwebtoken", "jose", "pyjwt", "pasetors"]
            {
                results.take(&json!({"id": format!("{id}.{name}"), "value": 90, "unit": "µs"})).unwrap();
            }
        }
        let cached = json!({"id": "codec.jwt.verify_cached_ns", "value": 363, "unit": "ns", "limit": 300});
        let ratio =
            json!({"id": "http.token.vs_oidc_provider", "value": 12, "unit": "x", "floor": 6, "note": "32"});
        let reach = json!({"id": "revocation.reach_1000.p99_ms", "value": 90, "unit": "ms", "limit": 250});
        let ceiling =
            json!({"id": "http.token.vs_ceiling.embedded", "value": 0.9, "unit": "x", "floor": 0.85});
        let gate = json!({"id": "gate.vs_empty_auth", "value": 0.8, "unit": "x", "floor": 0.7});
        let family = json!({"id": "family.redis_bytes", "value": 392, "unit": "bytes", "limit": 400});
        let memory = json!({"id": "http.token.rss_mb", "value": 20, "unit": "MiB", "limit": 30});
        let start = json!({"id": "start.first_token_ms", "value": 40, "unit": "ms", "limit": 100});
        let socket = json!({"id": "agent.socket_us", "value": 120, "unit": "µs", "limit": 300});
        for figure in [cached, reach, gate, ceiling, family, memory, start, ratio, socket] {
            results.take(&figure).unwrap();
        }
        for (id, unit) in [
            ("codec.jwt.cache_size", "ns"),
            ("http.token.clients_in_store", "tokens/s"),
            ("http.token.in_flight_rate", "tokens/s"),
            ("http.token.in_flight_wait", "µs"),
            ("revocation.growth.check_ns", "ns"),
            ("revocation.growth.memory_kib", "KiB"),
            ("revocation.growth.snapshot_kib", "KiB"),
        ] {
            let points = json!([[1, 100, 90, 110], [10, 200, 150, 240], [100, 4000, 3000, 5000]]);
            let series = json!([{"name": "chancery", "points": points}, {"name": "a < b", "points": points}]);
            results.take(&json!({"curve": id, "x": "tokens", "unit": unit, "series": series})).unwrap();
        }
        for peer in crate::bench::publish::PEERS {
            results.take(&json!({"used": peer, "version": "1.2.3"})).unwrap();
        }
        let mut machine = Machine::read();
        machine.load = 0.2;
        let minutes = vec![("codec".to_owned(), 1.5), ("http".to_owned(), 7.25)];
        Data { extent: "whole".to_owned(), machine, minutes, results }
    }

    #[test]
    fn a_file_that_is_read_is_written_the_same() {
        let text = whole().text().unwrap();
        assert_eq!(Data::read(&text).unwrap().text().unwrap(), text);
    }

    #[test]
    fn a_file_that_lacks_a_part_is_refused_by_its_name() {
        let whole: Value = serde_json::from_str(&whole().text().unwrap()).unwrap();
        for name in ["extent", "machine", "minutes", "used", "figures", "curves"] {
            let mut file = whole.clone();
            file.as_object_mut().unwrap().remove(name);
            let failure = Data::read(&file.to_string()).map(|data| data.extent).unwrap_err().to_string();
            assert!(failure.contains(name), "{name}: {failure}");
        }
    }
}
