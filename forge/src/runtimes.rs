//! The Lambda runtimes Skafu knows, and which of them AWS no longer supports. `runtimes.json` is the list.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::template::{Finding, FindingCode};

/// A runtime that a template or a project may name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Runtime {
    /// Its identifier, as AWS writes it: `nodejs24.x`.
    pub id: String,
    /// What else it is called: `nodejs24`.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What is written for it: `python`, `nodejs`, `java`, `dotnet` or `rust`.
    pub language: String,
    /// Whether AWS supports it.
    pub status: Status,
    /// The day AWS ends, or ended, its support: `2027-04-30`. Announced days move; [`Runtime::status`] decides.
    pub deprecation: Option<String>,
}

/// Whether AWS supports a runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// It gets security updates.
    Supported,
    /// It gets none, and functions that use it cannot be made or changed for long.
    Deprecated,
}

/// Every known runtime; within a language, the newest first.
pub fn all() -> &'static [Runtime] {
    // The text is part of the program: a test reads it, so that it cannot be unreadable here.
    static ALL: LazyLock<Vec<Runtime>> =
        LazyLock::new(|| serde_json::from_str(include_str!("../runtimes.json")).unwrap_or_default());
    &ALL
}

/// The runtime that has this name, its own or another.
pub fn find(name: &str) -> Option<&'static Runtime> {
    all().iter().find(|runtime| runtime.id == name || runtime.aliases.iter().any(|alias| alias == name))
}

/// Whether AWS supports the runtime of this name; nothing if it is not known.
pub fn status(name: &str) -> Option<Status> {
    find(name).map(|runtime| runtime.status)
}

/// A warning for each value that is a runtime AWS no longer supports: values of parameters whose name says that
/// they are runtimes.
pub fn warnings(parameters: &Map<String, Value>) -> Vec<Finding> {
    let named = parameters.iter().filter(|(name, _)| name.to_ascii_lowercase().contains("runtime"));
    let chosen = named.filter_map(|(name, value)| Some((name, find(value.as_str()?)?)));
    chosen
        .filter(|(_, runtime)| runtime.status == Status::Deprecated)
        .map(|(name, runtime)| {
            let since = runtime.deprecation.as_deref().map(|day| format!(" since {day}")).unwrap_or_default();
            let message = format!("`{name}`: AWS does not support {}{since}", runtime.id);
            Finding::new(FindingCode::RuntimeDeprecated, "", message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_list_is_readable_and_names_nothing_twice() {
        let listed: Vec<Runtime> = serde_json::from_str(include_str!("../runtimes.json")).unwrap();
        assert_eq!(all(), listed);
        let names: Vec<&String> = all().iter().flat_map(|it| it.aliases.iter().chain([&it.id])).collect();
        assert!(!names.is_empty());
        assert_eq!(names.len(), names.iter().collect::<BTreeSet<_>>().len());
    }

    #[test]
    fn a_runtime_that_is_no_longer_supported_is_warned_of() {
        let values =
            serde_json::json!({"runtime": "nodejs18", "nodeRuntime": "nodejs24.x", "name": "python3.9"});
        let found = warnings(values.as_object().unwrap());
        let told: Vec<_> = found.iter().map(|it| (it.code, it.is_error(), it.message.as_str())).collect();
        let message = "`runtime`: AWS does not support nodejs18.x since 2025-09-01";
        assert_eq!(told, [(FindingCode::RuntimeDeprecated, false, message)]);
    }

    #[test]
    fn a_runtime_goes_by_each_of_its_names() {
        let cases = [
            ("python3.13", Some(Status::Supported)),
            ("python3.9", Some(Status::Deprecated)),
            ("nodejs18", Some(Status::Deprecated)),
            ("nodejs18.x", Some(Status::Deprecated)),
            ("provided.al2023", Some(Status::Supported)),
            ("python2.7", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(status(name), expected, "{name}");
        }
        assert_eq!(find("nodejs18"), find("nodejs18.x"));
    }

    #[test]
    fn what_is_deprecated_has_a_day_and_every_day_is_one() {
        for runtime in all() {
            let day = runtime.deprecation.as_deref();
            assert!(runtime.status == Status::Supported || day.is_some(), "{}", runtime.id);
            let is_day = |day: &str| {
                let parts: Vec<&str> = day.split('-').collect();
                parts.iter().map(|part| part.len()).eq([4, 2, 2])
                    && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
            };
            assert!(day.is_none_or(is_day), "{}", runtime.id);
        }
    }
}
