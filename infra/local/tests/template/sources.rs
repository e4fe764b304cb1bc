//! The same template from a directory, an archive and a git bundle.

use std::fs;
use std::io::Write;

use skafu_forge::git;
use skafu_forge::source::{FileMode, SourceFile};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::workshop::{Workshop, pairs};

const FILES: [(&str, &str); 3] = [
    ("cookiecutter.json", r#"{"name": "made"}"#),
    ("{{cookiecutter.name}}/deep/ü {{cookiecutter.name}}.txt", "{{ cookiecutter.name }}\n"),
    ("{{cookiecutter.name}}/run", "#!/bin/sh\n"),
];

fn expected() -> std::collections::BTreeMap<String, String> {
    let files =
        [("made/", ""), ("made/deep/", ""), ("made/deep/ü made.txt", "made\n"), ("made/run", "#!/bin/sh\n")];
    pairs(&files)
}

#[test]
fn a_directory() {
    let workshop = Workshop::new();
    assert!(workshop.render(&workshop.template(&FILES), &[]).status.success());
    assert_eq!(workshop.made(), expected());
}

#[test]
fn an_archive_with_or_without_a_directory_around_it() {
    for around in ["", "repository-main/"] {
        let workshop = Workshop::new();
        let path = workshop.path("t.zip");
        let mut zip = ZipWriter::new(fs::File::create(&path).unwrap());
        for (name, text) in FILES {
            zip.start_file(format!("{around}{name}"), SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        let output = workshop.render(&path, &[]);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(workshop.made(), expected(), "{around}");
    }
}

#[test]
fn a_git_bundle() {
    let workshop = Workshop::new();
    let mut files: Vec<SourceFile> = FILES.map(|(path, text)| SourceFile::regular(path, text)).into();
    files[2].mode = FileMode::Executable;
    let commit = git::initial_commit(&files, 0, "A template").unwrap();
    let path = workshop.path("t.bundle");
    fs::write(&path, git::bundle(&commit).unwrap()).unwrap();
    let output = workshop.render(&path, &[]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(workshop.made(), expected());
}
