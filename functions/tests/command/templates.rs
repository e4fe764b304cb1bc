//! Which files a template may consist of, and what is said of those it may not.

use crate::support::{Answer, World, alice, text_files};
use serde_json::{Value, json};
use skafu_events::AggregateKind;

const DESCRIPTION: (&str, &str) = ("template.json", r#"{"name": "T"}"#);

async fn begun() -> World {
    let world = World::empty();
    let data = json!({ "templateId": "tiny", "name": "Tiny" });
    assert_eq!(world.send(&alice(), "template", "CreateTemplate", data).await.status, 200);
    world
}

async fn upload(world: &World, files: Vec<Value>) -> Answer {
    let data = json!({ "templateId": "tiny", "files": files });
    world.send(&alice(), "template", "UploadTemplateFiles", data).await
}

async fn publish(world: &World) -> Answer {
    world.send(&alice(), "template", "PublishTemplate", json!({ "templateId": "tiny" })).await
}

#[tokio::test]
async fn a_syntax_error_is_told_with_its_line_and_column() {
    let world = begun().await;
    let files = text_files(&[DESCRIPTION, ("src/app.py.j2", "one\ntwo {{ three }\n")]);
    assert_eq!(upload(&world, files).await.status, 200);
    let refused = publish(&world).await;
    refused.refused(422, "BUSINESS_RULE_VIOLATION");
    assert_eq!(refused.body["rule"], "template-valid");
    let violations = refused.violations();
    let (field, code) = violations[0];
    assert_eq!((violations.len(), code), (1, "INVALID_TEMPLATE_SYNTAX"));
    let place: Vec<&str> = field.split(':').collect();
    assert_eq!(place[..2], ["src/app.py.j2", "2"], "{field}");
    assert!(place[2].parse::<u32>().is_ok_and(|column| column > 4), "{field}");
}

#[tokio::test]
async fn a_mended_template_can_be_published() {
    let world = begun().await;
    upload(&world, text_files(&[DESCRIPTION, ("a.j2", "{{ oops")])).await;
    publish(&world).await.refused(422, "BUSINESS_RULE_VIOLATION");
    assert_eq!(upload(&world, text_files(&[("a.j2", "{{ project_name }}")])).await.status, 200);
    let answer = publish(&world).await;
    assert_eq!((answer.status, &answer.body["version"]), (200, &json!(4)));
}

#[tokio::test]
async fn every_finding_is_told_at_once() {
    let world = begun().await;
    let files = [DESCRIPTION, ("a.j2", "{{ oops"), ("b.j2", "{% if %}"), ("c.txt", "fine")];
    upload(&world, text_files(&files)).await;
    let refused = publish(&world).await;
    let fields: Vec<_> = refused.violations().iter().map(|(field, _)| (*field).to_owned()).collect();
    assert!(fields.len() == 2 && fields[0].starts_with("a.j2:1:") && fields[1].starts_with("b.j2:1:"));
}

#[tokio::test]
async fn a_template_without_files_cannot_be_published() {
    let world = begun().await;
    publish(&world).await.refused(422, "BUSINESS_RULE_VIOLATION");
}

#[tokio::test]
async fn no_path_leads_out_of_the_repository() {
    let world = begun().await;
    for path in ["../x", "/etc/x", "a/../../x", "a//b", "./a", ".git/hooks/post-checkout", "C:/x", "a\\..\\b"]
    {
        let refused = upload(&world, text_files(&[("fine", ""), (path, "x")])).await;
        refused.refused(400, "VALIDATION_ERROR");
        assert_eq!(refused.violations(), [("/data/files/1/path", "INVALID_FILE_PATH")], "{path}");
    }
    assert_eq!(world.commits(AggregateKind::Template, "tiny").len(), 1, "nothing was uploaded");
}

#[tokio::test]
async fn no_link_leads_out_of_the_repository() {
    let world = begun().await;
    let link = |path: &str, target: &str| json!({ "path": path, "symlink": target });
    for (path, target) in
        [("l", "../x"), ("l", "/etc/passwd"), ("d/l", "../../x"), ("l", ".git/config"), ("l", "")]
    {
        let refused = upload(&world, vec![link(path, target)]).await;
        refused.refused(400, "VALIDATION_ERROR");
        assert_eq!(refused.violations(), [("/data/files/0/symlink", "INVALID_FILE_PATH")], "{target}");
    }
    assert_eq!(upload(&world, vec![link("d/l", "../x")]).await.status, 200, "inside, it may lead anywhere");
}

#[tokio::test]
async fn a_file_holds_exactly_one_content() {
    let world = begun().await;
    for file in [json!({ "path": "a" }), json!({ "path": "a", "text": "x", "base64": "eA==" })] {
        let refused = upload(&world, vec![file]).await;
        assert_eq!(refused.violations(), [("/data/files/0", "content")]);
    }
    let refused = upload(&world, vec![json!({ "path": "a", "base64": "?" })]).await;
    assert_eq!(refused.violations(), [("/data/files/0/base64", "format")]);
    let twice = upload(&world, text_files(&[("a", "1"), ("a", "2")])).await;
    assert_eq!(twice.violations(), [("/data/files/1/path", "unique")]);
}

#[tokio::test]
async fn binary_and_executable_files_are_kept_as_they_are() {
    let world = begun().await;
    let files = vec![
        json!({ "path": "logo.png", "base64": "iVBORw==" }),
        json!({ "path": "run.sh", "text": "#!/bin/sh\n", "executable": true }),
        json!({ "path": "link", "symlink": "run.sh" }),
    ];
    assert_eq!(upload(&world, files).await.status, 200);
    let uploaded = world.commits(AggregateKind::Template, "tiny").remove(1).events.remove(0);
    let files: Vec<_> = uploaded.data["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["path"].as_str().unwrap(), file["mode"].as_str().unwrap(), &file["size"]))
        .collect();
    let expected = [("logo.png", "regular", 4), ("run.sh", "executable", 10), ("link", "symlink", 6)];
    for (found, (path, mode, size)) in files.iter().zip(expected) {
        assert_eq!(*found, (path, mode, &json!(size)));
    }
}

#[tokio::test]
async fn a_template_of_that_id_exists_only_once() {
    let world = begun().await;
    let data = json!({ "templateId": "tiny", "name": "Again" });
    world.send(&alice(), "template", "CreateTemplate", data).await.refused(409, "ALREADY_EXISTS");
}
