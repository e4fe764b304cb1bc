//! A place to make templates in, and to render them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

pub struct Workshop {
    root: TempDir,
}

impl Workshop {
    pub fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// A template's directory with these files.
    pub fn template(&self, files: &[(&str, &str)]) -> PathBuf {
        let template = self.path("template");
        for (path, text) in files {
            let place = template.join(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, text).unwrap();
        }
        template
    }

    /// A cookiecutter template with one file of this text.
    pub fn of_text(&self, text: &str) -> PathBuf {
        self.template(&[("cookiecutter.json", r#"{"name": "made"}"#), ("{{cookiecutter.name}}/a.txt", text)])
    }

    pub fn skafu(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_skafu")).args(arguments).output().unwrap()
    }

    /// Renders into the directory `out`.
    pub fn render(&self, template: &Path, more: &[&str]) -> Output {
        let out = self.path("out");
        let render = ["template", "render", template.to_str().unwrap(), "--out", out.to_str().unwrap()];
        self.skafu(&[&render, more].concat())
    }

    /// The code and the message of the only violation, once a rendering has been refused and left nothing behind.
    pub fn refusal(&self, template: &Path, more: &[&str]) -> (String, String) {
        let output = self.render(template, &[more, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(!self.path("out").exists(), "something is left");
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        match answer["error"]["violations"].as_array().map(Vec::as_slice) {
            Some([only]) => {
                let text = |field: &str| only[field].as_str().unwrap().to_owned();
                (text("code"), format!("{}: {}", text("field"), text("message")))
            }
            _ => {
                let text = |field: &str| answer["error"][field].as_str().unwrap().to_owned();
                (text("code"), text("message"))
            }
        }
    }

    /// What was rendered: texts by their paths; directories end in `/`.
    pub fn made(&self) -> BTreeMap<String, String> {
        let (root, mut made) = (self.path("out"), BTreeMap::new());
        let mut pending = vec![root.clone()];
        while let Some(directory) = pending.pop() {
            for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
                let path = entry.path().strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                if entry.file_type().unwrap().is_dir() {
                    made.insert(format!("{path}/"), String::new());
                    pending.push(entry.path());
                } else {
                    made.insert(path, fs::read_to_string(entry.path()).unwrap());
                }
            }
        }
        made
    }
}

/// What `made` gives, of pairs.
pub fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}
