//! Renders a template directory into a bare repository or a git bundle, without a running Skafu.
//!
//! `cargo run -p skafu-forge --example render -- TEMPLATE NAME OUT.git|OUT.bundle [parameter=value …]`

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};
use skafu_forge::template::{Finding, ProjectFacts, inspect};
use skafu_forge::{git, source};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [template, name, output, given @ ..] = arguments.as_slice() else {
        return Err("usage: render TEMPLATE NAME OUT.git|OUT.bundle [parameter=value …]".into());
    };
    let template = inspect(&source::read_directory(Path::new(template))?).map_err(listed)?;
    let given: Map<String, Value> = given
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect();
    let project = ProjectFacts::new(name, None);
    let parameters = template.resolve(&given, &project).map_err(listed)?;
    let files = template.render(&parameters, &project)?;
    let commit = git::initial_commit(&files, 0, "Initial commit")?;
    if output.ends_with(".bundle") {
        fs::write(output, git::bundle(&commit)?)?;
    } else {
        git::write_bare(Path::new(output), &commit)?;
    }
    for note in &template.notes {
        println!("note: {note}");
    }
    println!("{} {} files", commit.id, files.len());
    Ok(())
}

fn listed(findings: Vec<Finding>) -> String {
    let lines = findings.iter().map(|f| format!("{:?} {}:{:?} {}", f.code, f.path, f.line, f.message));
    lines.collect::<Vec<_>>().join("\n")
}
