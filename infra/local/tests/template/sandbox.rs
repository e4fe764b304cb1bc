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
