//! Templates that mean harm end in an error that says which limit they met, and leave nothing behind.

use std::fs;
use std::io::Write;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::workshop::Workshop;

#[test]
fn a_text_that_is_doubled_again_and_again_runs_out_of_memory_in_the_sandbox() {
    let workshop = Workshop::new();
    let template = workshop.of_text(
        "{% set ns = namespace(s='x') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}",
    );
    let (code, message) = workshop.refusal(&template, &["--memory", "128"]);
    assert_eq!(code, "INVALID_FILE_CONTENT");
    assert!(message.contains("128 MiB of memory"), "{message}");
}

#[test]
fn endless_work_runs_out_of_steps() {
    let workshop = Workshop::new();
    let nested = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
    let (_, message) = workshop.refusal(&workshop.of_text(nested), &["--time", "600"]);
    assert!(message.contains("fuel"), "{message}");
}

#[test]
fn includes_that_multiply_run_out_of_something() {
    let workshop = Workshop::new();
    let mut files = vec![("cookiecutter.json".to_owned(), r#"{"name": "made"}"#.to_owned())];
    for n in 0..12 {
        let many = format!("{{% include 't{}' %}}", n + 1).repeat(9);
        files.push((format!("templates/t{n}"), many));
    }
    files.push(("templates/t12".to_owned(), "x".repeat(100)));
    files.push(("{{cookiecutter.name}}/a".to_owned(), "{% include 't0' %}".to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (code, _) = workshop.refusal(&workshop.template(&files), &["--time", "5"]);
    assert_eq!(code, "INVALID_FILE_CONTENT");
}

#[test]
fn no_name_leads_out() {
    for name in ["..", "../x", "/tmp/x", ".git", "a/../../x"] {
        let workshop = Workshop::new();
        let template = workshop.of_text("");
        fs::write(template.join("cookiecutter.json"), format!(r#"{{"name": "{name}"}}"#)).unwrap();
        let (code, message) = workshop.refusal(&template, &[]);
        assert_eq!(code, "INVALID_FILE_PATH", "{message}");
    }
    let workshop = Workshop::new();
    let template = workshop.of_text("");
    fs::write(template.join("{{cookiecutter.name}}/{{ '..' }}"), "x").unwrap();
    assert_eq!(workshop.refusal(&template, &[]).0, "INVALID_FILE_PATH");
}

#[cfg(unix)]
#[test]
fn no_link_leads_out() {
    let workshop = Workshop::new();
    let template = workshop.of_text("");
    std::os::unix::fs::symlink("/etc/passwd", template.join("{{cookiecutter.name}}/leak")).unwrap();
    let (_, message) = workshop.refusal(&template, &[]);
    assert!(message.contains("leak") && message.contains("absolute"), "{message}");
}

fn archive(workshop: &Workshop, fill: impl FnOnce(&mut ZipWriter<fs::File>)) -> std::path::PathBuf {
    let path = workshop.path("template.zip");
    let mut zip = ZipWriter::new(fs::File::create(&path).unwrap());
    zip.start_file("cookiecutter.json", SimpleFileOptions::default()).unwrap();
    zip.write_all(br#"{"name": "made"}"#).unwrap();
    fill(&mut zip);
    zip.finish().unwrap();
    path
}

#[test]
fn no_entry_of_an_archive_leads_out() {
    for name in ["../x", "/etc/x", "a/../../x", "C:\\x"] {
        let workshop = Workshop::new();
        let zip = archive(&workshop, |zip| zip.start_file(name, SimpleFileOptions::default()).unwrap());
        let (_, message) = workshop.refusal(&zip, &[]);
        assert!(message.contains("cannot be used"), "{name}: {message}");
    }
    let workshop = Workshop::new();
    let zip = archive(&workshop, |zip| {
        zip.add_symlink("{{cookiecutter.name}}/leak", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    });
    let (_, message) = workshop.refusal(&zip, &[]);
    assert!(message.contains("leak"), "{message}");
}

#[test]
fn an_archive_that_unpacks_without_end_is_refused() {
    let workshop = Workshop::new();
    let zeros = vec![0_u8; 1024 * 1024];
    let zip = archive(&workshop, |zip| {
        zip.start_file("{{cookiecutter.name}}/bomb", SimpleFileOptions::default().large_file(true)).unwrap();
        (0..200).for_each(|_| zip.write_all(&zeros).unwrap());
    });
    assert!(fs::metadata(&zip).unwrap().len() < 1024 * 1024);
    let (_, message) = workshop.refusal(&zip, &[]);
    assert!(message.contains("has more than"), "{message}");
}

#[test]
fn an_archive_of_too_many_files_is_refused() {
    let workshop = Workshop::new();
    let zip = archive(&workshop, |zip| {
        for n in 0..30_000 {
            zip.start_file(format!("d/{n}"), SimpleFileOptions::default()).unwrap();
        }
    });
    let (_, message) = workshop.refusal(&zip, &[]);
    assert!(message.contains("more than 20000 files"), "{message}");
}

#[test]
fn what_is_no_archive_is_refused_by_name() {
    let workshop = Workshop::new();
    for (content, expected) in [
        (&b"hello"[..], "neither a directory, a zip archive nor a git bundle"),
        (b"PK\x03\x04 and nothing", "cannot be used"),
        (b"# v2 git bundle\n", "does not end"),
        (b"# v2 git bundle\n-0000000000000000000000000000000000000000 x\n\n", "needs commits"),
    ] {
        let path = workshop.path("file");
        fs::write(&path, content).unwrap();
        let (_, message) = workshop.refusal(&path, &[]);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn what_calls_itself_ends() {
    for text in ["{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "{% include 'a.txt' %}"] {
        let workshop = Workshop::new();
        let (_, message) = workshop.refusal(&workshop.of_text(text), &[]);
        assert!(message.contains("recursion limit"), "{message}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_the_output_leads_nowhere_else() {
    let workshop = Workshop::new();
    let template = workshop.of_text("x");
    fs::write(template.join("cookiecutter.json"), r#"{"name": "link/made"}"#).unwrap();
    fs::create_dir_all(workshop.path("out")).unwrap();
    fs::create_dir_all(workshop.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(workshop.path("elsewhere"), workshop.path("out/link")).unwrap();
    let output = workshop.render(&template, &[]);
    assert!(!output.status.success());
    assert_eq!(fs::read_dir(workshop.path("elsewhere")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(workshop.path("out")).unwrap().count(), 1, "only the link");
}

#[cfg(unix)]
#[test]
fn what_is_ended_from_outside_leaves_nothing() {
    let workshop = Workshop::new();
    let nested = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
    let template = workshop.of_text(nested);
    let out = workshop.path("deep/out");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_skafu"))
        .args([
            "template",
            "render",
            template.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
            "--time",
            "600",
        ])
        .spawn()
        .unwrap();
    // Until the worker has begun to write, in a directory beside the target.
    let begun = || fs::read_dir(&out).ok()?.next()?.ok()?.path().join("made").exists().then_some(());
    while begun().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!workshop.path("deep").exists(), "something is left");
}
