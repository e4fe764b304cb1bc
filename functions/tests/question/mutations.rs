//! Mutations: commands in GraphQL's form. Whatever decides on commands over REST decides here, too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use skafu_domain::Action;
use skafu_domain::command::CATALOGUE;
use skafu_functions::gateway::DirectGateway;
use skafu_store::MemoryViewStore;
use uuid::Uuid;

use crate::support::{LosingGateway, Person, Questions, TINY_FILES, World, alice, bob, vera, zoe};

const ERROR: &str = "__typename ... on CommandError { code message } ... on ValidationError { violations { field code } } \
    ... on ConflictError { currentVersion changedFields } ... on BusinessRuleError { rule }";
const ACCEPTED: &str =
    "... on ProjectAccepted { id version commandId correlationId consistencyToken project { name status } }";

/// A world that gives out tokens, with the template `tiny`.
async fn world() -> (World, Questions) {
    let views = Arc::new(MemoryViewStore::default());
    let world = World::with_tokens(views.clone());
    world.publish(&alice(), "tiny", TINY_FILES).await;
    // Nothing is projected after this: what is seen of later commands is caught up with.
    let questions = Questions::over(&world, views.clone(), views);
    (world, questions)
}

/// One mutation; the whole response.
async fn mutate(questions: &Questions, person: &Person, name: &str, input: Value) -> Value {
    let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let query = format!("mutation($input: {kind}!) {{ {name}(input: $input) {{ {ERROR} {ACCEPTED} }} }}");
    questions.ask(person, &query, json!({ "input": input })).await
}

async fn created(questions: &Questions, name: &str) -> Value {
    let response =
        mutate(questions, &alice(), "createProject", json!({ "name": name, "templateId": "tiny" })).await;
    response["data"]["createProject"].clone()
}

#[tokio::test]
async fn an_accepted_command_answers_with_its_ids_and_what_it_left() {
    let (_, questions) = world().await;
    let command = Uuid::now_v7().to_string();
    let input = json!({ "name": "My Shop", "templateId": "tiny", "commandId": command });
    let response = mutate(&questions, &alice(), "createProject", input).await;
    let answer = &response["data"]["createProject"];
    assert_eq!(answer["__typename"], "ProjectAccepted", "{response}");
    assert_eq!(answer["version"], 1);
    assert_eq!(answer["commandId"], command);
    assert_eq!(answer["correlationId"], command);
    assert_eq!(answer["project"], json!({ "name": "My Shop", "status": "draft" }), "no projector has run");
    assert_eq!(response["extensions"]["consistency"]["token"], answer["consistencyToken"]);
}

#[tokio::test]
async fn the_token_of_a_mutation_shows_what_it_wrote_to_later_questions() {
    let (_, questions) = world().await;
    let answer = created(&questions, "My Shop").await;
    let token = answer["consistencyToken"].as_str().unwrap();
    let query = "query($id: ID!) { project(id: $id) { name } projects { items { name } } }";
    let variables = json!({ "id": answer["id"] });
    let seen = questions.ask_after(&alice(), token, query, variables.clone()).await;
    assert_eq!(seen["data"]["project"]["name"], "My Shop");
    assert_eq!(seen["data"]["projects"]["items"], json!([{ "name": "My Shop" }]));
    let unseen = questions.ask(&alice(), query, variables).await;
    assert_eq!(unseen["data"]["project"], Value::Null, "the views have heard of nothing");
}

#[tokio::test]
async fn mutations_of_one_request_follow_each_other_and_their_token_tells_of_all() {
    let (_, questions) = world().await;
    let id = created(&questions, "My Shop").await["id"].clone();
    let query = format!(
        "mutation($id: ID!) {{ \
         a: updateProject(input: {{ projectId: $id, name: \"Blog\", expectedVersion: 1 }}) {{ {ERROR} {ACCEPTED} }} \
         b: updateProject(input: {{ projectId: $id, description: \"Mine\", expectedVersion: 2 }}) {{ {ERROR} {ACCEPTED} }} \
         c: createProject(input: {{ name: \"Other\", templateId: \"tiny\" }}) {{ {ERROR} {ACCEPTED} }} }}"
    );
    let response = questions.ask(&alice(), &query, json!({ "id": id })).await;
    assert_eq!(response["data"]["a"]["project"]["name"], "Blog", "{response}");
    assert_eq!(response["data"]["b"]["version"], 3);
    let token = response["extensions"]["consistency"]["token"].as_str().unwrap();
    assert_eq!(token, response["data"]["c"]["consistencyToken"]);
    let seen =
        questions.ask_after(&alice(), token, "{ projects { items { name description } } }", json!({})).await;
    let names = seen["data"]["projects"]["items"].clone();
    let expected =
        json!([{ "name": "Other", "description": null }, { "name": "Blog", "description": "Mine" }]);
    assert_eq!(names, expected);
}

#[tokio::test]
async fn a_command_sent_twice_happens_once_and_answers_the_same() {
    let (world, questions) = world().await;
    let input = json!({ "name": "My Shop", "templateId": "tiny", "commandId": Uuid::now_v7() });
    let first = mutate(&questions, &alice(), "createProject", input.clone()).await;
    let again = mutate(&questions, &alice(), "createProject", input.clone()).await;
    assert_eq!(first["data"]["createProject"]["id"], again["data"]["createProject"]["id"]);
    let mut other = input;
    other["name"] = json!("Another");
    let reused = mutate(&questions, &alice(), "createProject", other).await;
    assert_eq!(reused["data"]["createProject"]["__typename"], "CommandIdReusedError", "{reused}");
    let projects =
        world.store.all_commits().into_iter().filter(|it| it.stream.to_string().contains("PROJECT"));
    assert_eq!(projects.count(), 1);
}

/// One of two commands is not answered: what is known of the other is not lost with it.
#[tokio::test]
async fn an_unanswered_command_is_an_error_of_its_own_field_and_tells_its_id() {
    let views = Arc::new(MemoryViewStore::default());
    let world = World::with_tokens(views.clone());
    world.publish(&alice(), "tiny", TINY_FILES).await;
    let lost = Arc::new(AtomicUsize::new(0));
    let gateway = LosingGateway { inner: DirectGateway(world.commands.clone()), lost: lost.clone() };
    let questions = Questions::sending(&world, views.clone(), views, Arc::new(gateway));
    let first = created(&questions, "One").await;
    lost.store(1, Ordering::SeqCst);
    let command = Uuid::now_v7().to_string();
    let query = format!(
        "mutation($command: ID!) {{ \
         a: createProject(input: {{ name: \"Two\", templateId: \"tiny\", commandId: $command }}) {{ {ERROR} {ACCEPTED} }} \
         b: createProject(input: {{ name: \"Three\", templateId: \"tiny\" }}) {{ {ERROR} {ACCEPTED} }} }}"
    );
    let response = questions.ask(&alice(), &query, json!({ "command": command })).await;
    assert_eq!(response["data"]["a"], Value::Null, "{response}");
    assert_eq!(response["data"]["b"]["project"]["name"], "Three");
    let error = &response["errors"][0];
    assert_eq!((&error["path"], response["errors"].as_array().map(Vec::len)), (&json!(["a"]), Some(1)));
    assert_eq!(error["extensions"], json!({ "code": "RETRYABLE_ERROR", "commandId": command }));
    // It had happened all the same, and the same again says so.
    let again = json!({ "name": "Two", "templateId": "tiny", "commandId": command });
    let answer = mutate(&questions, &alice(), "createProject", again).await;
    assert_eq!(answer["data"]["createProject"]["version"], 1, "{answer}");
    assert_ne!(answer["data"]["createProject"]["id"], first["id"]);
}

/// A refusal, its type and its code, and that is data: no error of the response.
#[tokio::test]
async fn each_refusal_has_a_type_of_its_own() {
    let (_, questions) = world().await;
    let id = created(&questions, "My Shop").await["id"].clone();
    let cases = [
        (
            alice(),
            "createProject",
            json!({ "name": "", "templateId": "No Id" }),
            "ValidationError",
            "VALIDATION_ERROR",
        ),
        (
            alice(),
            "createProject",
            json!({ "name": "my shop", "templateId": "tiny" }),
            "AlreadyExistsError",
            "NAME_TAKEN",
        ),
        (
            vera(),
            "createProject",
            json!({ "name": "Other", "templateId": "tiny" }),
            "ForbiddenError",
            "FORBIDDEN",
        ),
        (bob(), "updateProject", json!({ "projectId": id, "name": "Mine" }), "ForbiddenError", "FORBIDDEN"),
        (zoe(), "updateProject", json!({ "projectId": id, "name": "Mine" }), "NotFoundError", "NOT_FOUND"),
        (
            alice(),
            "updateProject",
            json!({ "projectId": id, "name": "Blog", "expectedVersion": 9 }),
            "ConflictError",
            "CONFLICT",
        ),
        (
            alice(),
            "updateProject",
            json!({ "projectId": id, "name": "Blog", "expectedVersion": -1 }),
            "ValidationError",
            "VALIDATION_ERROR",
        ),
        (
            alice(),
            "archiveProject",
            json!({ "projectId": id }),
            "BusinessRuleError",
            "BUSINESS_RULE_VIOLATION",
        ),
        (
            alice(),
            "createProject",
            json!({ "name": "Other", "templateId": "tiny", "commandId": "1" }),
            "ValidationError",
            "VALIDATION_ERROR",
        ),
    ];
    for (person, name, input, kind, code) in cases {
        let response = mutate(&questions, &person, name, input).await;
        let answer = &response["data"][name];
        assert_eq!(
            (&answer["__typename"], &answer["code"]),
            (&json!(kind), &json!(code)),
            "{name}: {response}"
        );
        assert_eq!(response["errors"], Value::Null);
        assert_eq!(response["extensions"]["consistency"]["token"], Value::Null, "nothing was written");
    }
}

#[tokio::test]
async fn all_violations_are_told_at_once() {
    let (_, questions) = world().await;
    let input = json!({ "name": "", "templateId": "No Id", "configuration": { "region": "moon" } });
    let response = mutate(&questions, &alice(), "createProject", input).await;
    let violations = response["data"]["createProject"]["violations"].as_array().unwrap().clone();
    let fields: BTreeSet<_> = violations.iter().map(|it| it["field"].as_str().unwrap()).collect();
    assert_eq!(fields, BTreeSet::from(["/data/name", "/data/templateId", "/data/configuration/region"]));
}

#[tokio::test]
async fn whoever_has_no_role_is_refused_by_the_commands_too() {
    let (_, questions) = world().await;
    let nobody = Person { groups: "[]", ..alice() };
    let input = json!({ "name": "A", "templateId": "tiny" });
    let query =
        format!("mutation($input: CreateProjectInput!) {{ createProject(input: $input) {{ {ERROR} }} }}");
    let response = questions.ask(&nobody, &query, json!({ "input": input })).await;
    assert_eq!(response["data"]["createProject"]["__typename"], "ForbiddenError", "{response}");
    // Where the project is asked for, too, not even the command is sent.
    let response = mutate(&questions, &nobody, "createProject", input).await;
    assert_eq!(response["errors"][0]["extensions"]["code"], "FORBIDDEN", "{response}");
}

#[tokio::test]
async fn a_template_is_made_and_published() {
    let (_, questions) = world().await;
    let accepted = "... on TemplateAccepted { id version template { name status type fileCount } }";
    let query = format!(
        "mutation($files: [TemplateFileInput!]!) {{ \
         a: createTemplate(input: {{ templateId: \"mine\", name: \"Mine\", type: service }}) {{ {ERROR} {accepted} }} \
         b: uploadTemplateFiles(input: {{ templateId: \"mine\", files: $files }}) {{ {ERROR} {accepted} }} \
         c: publishTemplate(input: {{ templateId: \"mine\" }}) {{ {ERROR} {accepted} }} }}"
    );
    let files = crate::support::text_files(TINY_FILES);
    let response = questions.ask(&alice(), &query, json!({ "files": files })).await;
    assert_eq!(response["data"]["a"]["template"]["status"], "draft", "{response}");
    let published = json!({ "name": "Mine", "status": "published", "type": "service", "fileCount": 2 });
    assert_eq!(response["data"]["c"]["template"], published, "{response}");
}

/// What the commands' schemas say, name by name: a field added there is missed here.
#[tokio::test]
async fn there_is_a_mutation_for_each_command_of_people_with_all_of_its_fields() {
    let (_, questions) = world().await;
    let query = "{ __schema { mutationType { fields { name args { type { ofType { name } } } } } } }";
    let schema = questions.ask(&alice(), query, json!({})).await;
    let fields = schema["data"]["__schema"]["mutationType"]["fields"].as_array().unwrap().clone();
    let inputs: BTreeMap<_, _> = fields
        .iter()
        .map(|it| {
            (it["name"].as_str().unwrap().to_lowercase(), it["args"][0]["type"]["ofType"]["name"].clone())
        })
        .collect();
    let by_people = |action| !matches!(action, Action::ProvisionProject | Action::ProvisionRepository);
    let commands: Vec<_> = CATALOGUE.iter().filter(|it| by_people(it.action)).collect();
    let names: BTreeSet<_> = commands.iter().map(|it| it.name.to_lowercase()).collect();
    assert_eq!(inputs.keys().cloned().collect::<BTreeSet<_>>(), names);
    for spec in commands {
        let schema = (spec.schema)().to_value();
        let data = schema["properties"]["data"]["$ref"].as_str().map_or_else(
            || schema["properties"]["data"].clone(),
            |at| schema.pointer(at.trim_start_matches('#')).unwrap().clone(),
        );
        let mut expected: BTreeSet<_> = data["properties"].as_object().unwrap().keys().cloned().collect();
        expected.extend(["commandId", "correlationId", "expectedVersion"].map(str::to_owned));
        if spec.conflicts.len() > 1 {
            expected.insert("conflictStrategy".to_owned());
        }
        let query = "query($name: String!) { __type(name: $name) { inputFields { name type { kind } } } }";
        let found =
            questions.ask(&alice(), query, json!({ "name": inputs[&spec.name.to_lowercase()] })).await;
        let found = found["data"]["__type"]["inputFields"].as_array().unwrap().clone();
        let name = |it: &Value| it["name"].as_str().unwrap().to_owned();
        assert_eq!(found.iter().map(name).collect::<BTreeSet<_>>(), expected, "{}", spec.name);
        let required: BTreeSet<_> =
            found.iter().filter(|it| it["type"]["kind"] == "NON_NULL").map(name).collect();
        let wanted = data["required"].as_array().cloned().unwrap_or_default();
        let wanted: BTreeSet<_> = wanted.iter().map(|it| it.as_str().unwrap().to_owned()).collect();
        let defaulted = BTreeSet::from(["replace".to_owned()]);
        assert_eq!(&required - &defaulted, wanted, "{}", spec.name);
    }
}
