//! The description of the API, held against what is really answered.

use crate::desk::Answer;
use serde_json::{Map, Value, json};

/// `/openapi.json` as it was served. Members that it does not know are refused here, though clients pass over them.
pub(crate) struct Described {
    pub(crate) document: Value,
}

impl Described {
    pub(crate) fn read(answer: &Answer) -> Self {
        let mut document = answer.json();
        close(&mut document["components"]["schemas"]);
        Self { document }
    }

    /// Every method and path.
    pub(crate) fn operations(&self) -> Vec<(String, String, &Value)> {
        let mut operations = Vec::new();
        for (path, methods) in self.document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                if method != "parameters" {
                    operations.push((method.to_uppercase(), path.clone(), operation));
                }
            }
        }
        operations
    }

    /// What is said about a request, if it is to a route.
    pub(crate) fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let method = if method == "HEAD" { "GET" } else { method };
        let path = path.split('?').next().unwrap();
        let fitting =
            self.operations().into_iter().find(|(at, template, _)| at == method && fits(template, path));
        fitting.map(|(_, _, operation)| operation)
    }

    /// Fails unless the answer is one of those that are described.
    pub(crate) fn check(&self, method: &str, path: &str, answer: &Answer) {
        let status = answer.status.as_str();
        let response = match self.operation(method, path) {
            Some(operation) => self.resolved(&operation["responses"][status]).clone(),
            None => self.document["components"]["responses"]["Problem"].clone(),
        };
        assert!(response.is_object(), "{method} {path} does not describe {status}: {answer:?}");
        for (name, header) in members(&response["headers"]) {
            let there = !answer.header(&name).is_empty();
            assert!(there || header["required"] != true, "{method} {path} {status} lacks {name}: {answer:?}");
        }
        if method == "HEAD" {
            assert_eq!(answer.body, "", "{path}");
            return;
        }
        let Some(content) = response.get("content") else {
            assert_eq!(answer.body, "", "{method} {path}");
            return;
        };
        let schema = &content[answer.header("content-type")]["schema"];
        assert!(
            schema.is_object(),
            "{method} {path} {status} does not describe its content type: {answer:?}"
        );
        if answer.header("content-type").contains("json") {
            let faults = self.faults(schema, &answer.json());
            assert!(faults.is_empty(), "{method} {path} {status}: {faults:#?}\n{}", answer.body);
        }
    }

    /// What of a value does not fit a schema of the description.
    pub(crate) fn faults(&self, schema: &Value, value: &Value) -> Vec<String> {
        let root = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": self.document["components"],
            "allOf": [schema],
        });
        let validator = jsonschema::options().should_validate_formats(true).build(&root).unwrap();
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    fn resolved<'d>(&'d self, value: &'d Value) -> &'d Value {
        match value["$ref"].as_str() {
            Some(reference) => self.document.pointer(reference.trim_start_matches('#')).unwrap(),
            None => value,
        }
    }
}

fn members(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(t, p)| t == p || (t.starts_with('{') && !p.is_empty()))
}

/// Objects hold what is said and nothing else.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("properties").is_some_and(Value::is_object)
                && !object.contains_key("additionalProperties")
            {
                object.insert("additionalProperties".into(), false.into());
            }
            object.values_mut().for_each(close);
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
