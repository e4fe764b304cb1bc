//! What a request must pass before anything of it is answered.

use std::sync::Arc;

use serde_json::{Value, json};
use skafu_functions::graphql::Graphql;
use skafu_graphql::{GraphqlApi, Settings};
use skafu_store::{MemoryEventStore, MemoryViewStore};

use crate::support::{Answer, Person, Questions, World, alice, graphql_event};

/// The code of a response's first error and what it says of a limit.
fn refused(response: &Value) -> (&str, &str) {
    assert_eq!(response["data"], Value::Null, "{response}");
    let extensions = &response["errors"][0]["extensions"];
    (extensions["code"].as_str().unwrap(), extensions["limit"].as_str().unwrap_or(""))
}

fn repeated(times: usize, part: impl Fn(usize) -> String) -> String {
    (0..times).map(part).collect()
}

#[tokio::test]
async fn what_is_too_much_is_refused_with_the_limit_it_breaks() {
    let world = World::new().await;
    let questions = Questions::of(&world).await;
    let deep = |levels: usize| {
        format!("{{ me {{ {} id {} }} }}", "... on User { ".repeat(levels), "}".repeat(levels))
    };
    // Each fragment twice the one before: 2^20 steps from a page of text, whatever is at their end.
    let bomb = |times: usize, end: &str| {
        let spreads = |at: usize| format!("...F{} ", at + 1).repeat(times);
        let all = repeated(20, |at| format!("fragment F{at} on User {{ {} }} ", spreads(at)));
        format!("{{ me {{ ...F0 }} }} {all} fragment F20 on User {{ {end} }}")
    };
    let chain = |length: usize| {
        let all = repeated(length, |at| format!("fragment F{at} on User {{ ...F{} }} ", at + 1));
        format!("{{ me {{ ...F0 }} }} {all} fragment F{length} on User {{ id }}")
    };
    let wide = format!("fragment A on User {{ {} }}", "id ".repeat(40));
    let inner = "user(id: \"a\") { projects(limit: 100) { items { id name status createdAt updatedAt } } }";
    let cases = [
        (format!("{{ me {{ id }} }} # {}", "x".repeat(65_536)), "bytes of the document"),
        (format!("{{ me {{ {} }} }}", repeated(4_000, |_| "id ".to_owned())), "tokens of the document"),
        (deep(50), "nesting of the document"),
        (format!("#\r{}", "{a".repeat(40)), "nesting of the document"),
        (format!("{{ {} }}", repeated(31, |at| format!("p{at}: me {{ id }} "))), "aliases"),
        (format!("{{ {} }}", repeated(21, |_| "me { id } ".to_owned())), "root fields"),
        (format!("{{ {} }}", repeated(20, |at| format!("u{at}: {inner} "))), "complexity"),
        ("{ projects(limit: 100) { items { analytics { days { date counters { events commands updates archives \
            restores creationAttempts creationsFailed creationsSucceeded } } } } } }".to_owned(), "complexity"),
        (bomb(2, "id"), "complexity"),
        (bomb(2, "__typename"), "complexity"),
        (bomb(2, "... on User { __typename }"), "complexity"),
        (bomb(10, "__typename"), "complexity"),
        (chain(40), "levels, fragments included"),
        (format!("{} {}", repeated(300, |at| format!("query Q{at} {{ me {{ ...A }} }} ")), wide), "complexity"),
        (format!("mutation {{ {} }}", repeated(6, |at| format!("m{at}: publishTemplate(input: {{ templateId: \"a\" }}) {{ __typename }} "))), "complexity"),
        ("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }".to_owned(), "nesting of introspection"),
    ];
    for (query, limit) in cases {
        let response = questions.ask(&alice(), &query, json!({})).await;
        assert_eq!(refused(&response), ("LIMIT_EXCEEDED", limit), "{:.80}", query);
    }
}

#[tokio::test]
async fn a_list_counts_for_as_many_as_are_asked_for_by_value_or_variable() {
    let questions = Questions::of(&World::new().await).await;
    let fields =
        "id name status templateId ownerId createdAt updatedAt totalEvents analytics { days { date } }";
    let by_value = |limit: usize| {
        format!(
            "{{ a: projects(limit: {limit}) {{ items {{ {fields} }} }} \
        b: projects(limit: {limit}) {{ items {{ {fields} }} }} c: projects(limit: {limit}) {{ items {{ {fields} }} }} \
        d: projects(limit: {limit}) {{ items {{ {fields} }} }} e: projects(limit: {limit}) {{ items {{ {fields} }} }} }}"
        )
    };
    let small = questions.ask(&alice(), &by_value(10), json!({})).await;
    assert_eq!(small["errors"], Value::Null);
    let large = questions.ask(&alice(), &by_value(100), json!({})).await;
    assert_eq!(refused(&large), ("LIMIT_EXCEEDED", "complexity"));
    let query =
        by_value(0).replace("limit: 0", "limit: $limit").replacen('{', "query($limit: Int = 100) {", 1);
    let by_default = questions.ask(&alice(), &query, json!({})).await;
    assert_eq!(refused(&by_default), ("LIMIT_EXCEEDED", "complexity"));
    let by_variable = questions.ask(&alice(), &query, json!({ "limit": 10 })).await;
    assert_eq!(by_variable["errors"], Value::Null);
}

#[tokio::test]
async fn every_error_of_a_request_has_a_code() {
    let questions = Questions::of(&World::new().await).await;
    let cases = [
        ("{ projects { items", json!({}), "GRAPHQL_PARSE_FAILED"),
        ("", json!({}), "GRAPHQL_PARSE_FAILED"),
        ("{ everything }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ projects { total } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { x }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { x }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("query($id: ID!) { project(id: $id) { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("query($id: ID!) { project(id: $id) { id } }", json!({ "id": null }), "GRAPHQL_VALIDATION_FAILED"),
        ("{ ...A } fragment A on Query { ...A }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ me { ...Nope } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("query A { me { id } } query B { me { id } }", json!({}), "OPERATION_NOT_FOUND"),
        ("{ projects(limit: 0) { items { id } } }", json!({}), "VALIDATION_ERROR"),
    ];
    for (query, variables, code) in cases {
        let response = questions.ask(&alice(), query, variables).await;
        assert_eq!(refused(&response).0, code, "{query}: {response}");
    }
}

/// Built from the schema itself: a field added without a guard is asked for, too, and must be refused.
#[tokio::test]
async fn whoever_has_no_role_is_denied_every_field_of_the_root() {
    let questions = Questions::of(&World::new().await).await;
    let nobody = Person { groups: "[]", ..alice() };
    let query = "{ __schema { queryType { fields { name args { name type { kind ofType { name kind } } } \
        type { name kind ofType { name kind } } } } } }";
    let schema = questions.ask(&alice(), query, json!({})).await;
    let fields = schema["data"]["__schema"]["queryType"]["fields"].as_array().unwrap().clone();
    assert!(fields.len() >= 12, "{schema}");
    for field in fields {
        let arguments: Vec<_> = field["args"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|argument| {
                let required = argument["type"]["kind"] == "NON_NULL";
                let value = match argument["type"]["ofType"]["kind"].as_str() {
                    Some("INPUT_OBJECT") => "{ version: 1 }",
                    _ => "\"x\"",
                };
                required.then(|| format!("{}: {value}", argument["name"].as_str().unwrap()))
            })
            .collect();
        let name = field["name"].as_str().unwrap();
        let arguments =
            if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
        let query = format!("{{ {name}{arguments} {{ __typename }} }}");
        let response = questions.ask(&nobody, &query, json!({})).await;
        assert_eq!(refused(&response).0, "FORBIDDEN", "{query}: {response}");
        assert_eq!(response["errors"][0]["path"], json!([name]));
    }
}

/// What tools ask for: fragments on the types of the description itself, and types within types.
#[tokio::test]
async fn tools_are_told_the_whole_schema() {
    let questions = Questions::of(&World::new().await).await;
    let deep = (0..9).fold("name".to_owned(), |below, _| format!("kind name ofType {{ {below} }}"));
    let query = format!(
        "query {{ __schema {{ queryType {{ name }} mutationType {{ name }} types {{ ...FullType }} \
         directives {{ name locations args {{ ...InputValue }} }} }} }} \
         fragment FullType on __Type {{ kind name description specifiedByURL \
         fields(includeDeprecated: true) {{ name args {{ ...InputValue }} type {{ ...TypeRef }} isDeprecated }} \
         inputFields {{ ...InputValue }} interfaces {{ ...TypeRef }} enumValues {{ name }} possibleTypes {{ ...TypeRef }} }} \
         fragment InputValue on __InputValue {{ name type {{ ...TypeRef }} defaultValue }} \
         fragment TypeRef on __Type {{ {deep} }}"
    );
    let told = questions.ask(&alice(), &query, json!({})).await;
    assert_eq!(told["errors"], Value::Null, "{told}");
    assert!(told["data"]["__schema"]["types"].as_array().unwrap().len() > 60);
    let endless = "query { __schema { types { ...A } } } fragment A on __Type { fields { type { ...B } } } \
        fragment B on __Type { fields { type { ...C } } } fragment C on __Type { fields { type { name } } }";
    let response = questions.ask(&alice(), endless, json!({})).await;
    assert_eq!(refused(&response), ("LIMIT_EXCEEDED", "nesting of introspection"));
}

/// An API that does not tell its schema.
async fn ask_closed(query: &str) -> Value {
    let (views, events) = (Arc::new(MemoryViewStore::default()), Arc::new(MemoryEventStore::default()));
    let graphql = Graphql::new(Arc::new(GraphqlApi::new(views, events, Settings::default())));
    let event = graphql_event(Some(&alice()), &json!({ "query": query }).to_string());
    let answer = graphql.handle(&serde_json::from_value(event).unwrap()).await;
    Answer::from(serde_json::to_value(answer).unwrap()).body
}

#[tokio::test]
async fn the_schema_is_told_only_where_that_is_wanted() {
    for query in [
        "{ __schema { types { name } } }",
        "{ __type(name: \"Project\") { name } }",
        "{ ...A } fragment A on Query { __schema { types { name } } }",
    ] {
        assert_eq!(refused(&ask_closed(query).await).0, "INTROSPECTION_DISABLED", "{query}");
        let open = Questions::of(&World::new().await).await.ask(&alice(), query, json!({})).await;
        assert_eq!(open["errors"], Value::Null, "{query}");
    }
    assert_eq!(ask_closed("{ __typename }").await["data"]["__typename"], "Query");
    let guess = ask_closed("{ projet(id: 1) { id } }").await;
    assert!(!guess.to_string().contains("Did you mean"), "a guess tells the schema, too: {guess}");
}
