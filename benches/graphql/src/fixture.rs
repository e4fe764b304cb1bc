//! The data that every server has: projects of one tenant, their owners, and the templates they are made from.

use serde_json::{Value, json};

/// How many people own the projects.
const OWNERS: usize = 100;
/// How many templates they are made from.
const TEMPLATES: usize = 20;

/// `projects` newest first, `templates` and `owners` by their ids: as the answers tell them.
pub fn fixture(projects: usize) -> Value {
    let templates = (0..TEMPLATES).map(template).map(|it| (id(&it), it)).collect();
    let owners = (0..OWNERS.min(projects)).map(|at| {
        let count = (projects - at).div_ceil(OWNERS);
        (format!("person-{at}"), json!({ "id": format!("person-{at}"), "projectCount": count }))
    });
    json!({
        "projects": (0..projects).rev().map(project).collect::<Vec<_>>(),
        "templates": Value::Object(templates),
        "owners": Value::Object(owners.collect()),
    })
}

fn id(it: &Value) -> String {
    it["id"].as_str().unwrap_or_default().to_owned()
}

fn template(at: usize) -> Value {
    json!({ "id": format!("template-{at}"), "name": format!("Template {at}"), "status": "published" })
}

fn project(at: usize) -> Value {
    // One a second, so that the order by age is the one by number.
    let second = chrono::DateTime::from_timestamp(1_700_000_000 + at as i64, 123_000_000);
    let at_time = second.unwrap_or_default().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let name = format!("project-{at}");
    json!({
        "id": format!("8b0fbb9e-2f0c-5d58-9a39-{at:012x}"),
        "name": name,
        "description": "A shop for demonstrations, with a basket, a till and a back door for suppliers.",
        "status": "ready",
        "createdAt": at_time,
        "updatedAt": at_time,
        "configuration": { "runtime": "python3.12", "region": "eu-west-1", "features": ["monitoring", "api-gateway"] },
        "repository": {
            "name": name, "cloneUrl": format!("https://git.example/acme/{name}.git"), "defaultBranch": "main"
        },
        "ownerId": format!("person-{}", at % OWNERS),
        "templateId": format!("template-{}", at % TEMPLATES),
    })
}

/// What every server is asked.
pub const QUERY: &str = "query($limit: Int) { projects(limit: $limit) {
    items {
        id name description status createdAt updatedAt
        configuration { runtime region features }
        repository { name cloneUrl defaultBranch }
        template { id name status }
        owner { id projectCount }
    }
    nextToken
} }";

/// The body of the request.
pub fn body(limit: u32) -> String {
    json!({ "query": QUERY, "variables": { "limit": limit } }).to_string()
}
