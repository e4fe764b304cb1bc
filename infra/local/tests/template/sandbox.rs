use std::time::Duration;

use skafu_forge::sandbox::{RenderFailure, Renderer, Sandbox, contract};
use skafu_forge::source::{Limits, SourceFile};
use skafu_forge::template::{ProjectFacts, RenderProblem};

fn sandbox(mib: u64, time: Duration) -> Sandbox {
    Sandbox::of(env!("CARGO_BIN_EXE_skafu").into(), Limits::PLATFORM, mib * 1024 * 1024, time)
}

#[tokio::test]
async fn the_process_does_what_every_renderer_does() {
    contract::run(&sandbox(256, Duration::from_secs(60))).await;
}

#[tokio::test]
async fn what_takes_too_much_memory_is_stopped_with_a_word() {
    let doubling = "{% if project_name == 'go' %}{% set ns = namespace(s='x') %}{% for i in range(60) %}\
                    {% set ns.s = ns.s ~ ns.s %}{% endfor %}{% endif %}";
    let files =
        vec![SourceFile::regular("template.json", r#"{"name": "T"}"#), SourceFile::regular("a.j2", doubling)];
    let sandbox = sandbox(128, Duration::from_secs(60));
    assert!(sandbox.inspect(files.clone()).await.is_ok());
    let rendered = sandbox.render(files, Default::default(), ProjectFacts::new("go", None)).await;
    let Err(RenderFailure::Render(error)) = rendered else { panic!("{rendered:?}") };
    assert_eq!(error.problem, RenderProblem::Stopped);
    assert!(error.message.contains("128 MiB of memory"), "{error}");
}

#[tokio::test]
async fn what_is_no_worker_is_unavailable() {
    let nobody =
        Sandbox::of("/bin/false".into(), Limits::PLATFORM, 1024 * 1024 * 1024, Duration::from_secs(9));
    let answer = nobody.inspect(vec![SourceFile::regular("template.json", "{}")]).await;
    assert!(matches!(answer, Err(RenderFailure::Unavailable(_))), "{answer:?}");
}

#[cfg(unix)]
fn script(directory: &std::path::Path, text: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = directory.join("worker");
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[cfg(unix)]
#[tokio::test]
async fn a_worker_that_is_silent_is_stopped_by_the_clock() {
    let directory = tempfile::tempdir().unwrap();
    let program = script(directory.path(), "exec sleep 60");
    let silent = Sandbox::of(program, Limits::PLATFORM, 1024 * 1024 * 1024, Duration::from_millis(200));
    let answer = silent.inspect(Vec::new()).await;
    let Err(RenderFailure::Render(error)) = answer else { panic!("{answer:?}") };
    assert_eq!(error.problem, RenderProblem::Stopped);
}

#[cfg(unix)]
#[tokio::test]
async fn a_worker_that_talks_nonsense_or_dies_is_no_fault_of_the_template_s() {
    let directory = tempfile::tempdir().unwrap();
    for text in ["echo nonsense; exec sleep 60", "echo 'a defect' >&2; exit 101", "kill -9 $$"] {
        let program = script(directory.path(), text);
        let worker = Sandbox::of(program, Limits::PLATFORM, 1024 * 1024 * 1024, Duration::from_secs(60));
        let answer = worker.inspect(Vec::new()).await;
        assert!(matches!(answer, Err(RenderFailure::Unavailable(_))), "{text}: {answer:?}");
    }
}
