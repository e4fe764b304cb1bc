//! What is answered: by the function, by the edge of one machine, and by API Gateway.

use serde_json::{Map, Value, json};
use skafu_domain::Action;
use skafu_domain::command::{Answer, CommandSpec};

use super::schemas::reference;

/// A refusal, as it can meet any command.
struct Refusal {
    status: u16,
    name: &'static str,
    about: &'static str,
    /// The codes of its problem details; none where these are not what is answered.
    codes: &'static [&'static str],
    /// Whether API Gateway answers so by itself, with a message of its own.
    by_api: bool,
}

const fn refusal(
    status: u16,
    name: &'static str,
    about: &'static str,
    codes: &'static [&'static str],
    by_api: bool,
) -> Refusal {
    Refusal { status, name, about, codes, by_api }
}

const REFUSALS: [Refusal; 11] = [
    refusal(
        400,
        "Invalid",
        "What was sent does not fit the command: see `violations`. Or it cannot be read, or the consistency token was \
         given to somebody else.",
        &[
            "VALIDATION_ERROR",
            "MALFORMED_JSON",
            "MALFORMED_BODY",
            "MALFORMED_REQUEST",
            "INVALID_CONSISTENCY_TOKEN",
        ],
        false,
    ),
    refusal(401, "Unauthorized", "There is no valid token.", &["UNAUTHORIZED"], true),
    refusal(
        403,
        "Forbidden",
        "The caller's role does not allow it, or `userId` is somebody else's.",
        &["FORBIDDEN"],
        false,
    ),
    refusal(404, "NotFound", "There is no such thing in the caller's tenant.", &["NOT_FOUND"], false),
    refusal(
        409,
        "Conflict",
        "A name or an id is taken; or the target is not at `expectedVersion`: see `currentVersion` and \
         `changedFields`; or the `commandId` was used for another body.",
        &["NAME_TAKEN", "ALREADY_EXISTS", "CONFLICT", "IDEMPOTENCY_MISMATCH"],
        false,
    ),
    refusal(
        413,
        "TooLarge",
        "The body has more than 1 MiB, or what follows from it does not fit into a commit.",
        &["PAYLOAD_TOO_LARGE"],
        true,
    ),
    refusal(
        421,
        "ForeignHost",
        "Only on one machine: the request was meant for another host.",
        &["FOREIGN_HOST"],
        false,
    ),
    refusal(
        422,
        "AgainstARule",
        "A rule forbids it as things stand: see `rule` and `violations`.",
        &["BUSINESS_RULE_VIOLATION"],
        false,
    ),
    refusal(429, "TooMany", "Only on AWS: too many requests. Send the same later.", &[], true),
    refusal(500, "Internal", "A bug on our side.", &["INTERNAL"], true),
    refusal(
        503,
        "Unavailable",
        "A part of the system did not answer: send the same command again.",
        &["RETRYABLE_ERROR"],
        true,
    ),
];

/// What API Gateway answers by itself.
pub(super) fn api_message() -> Value {
    json!({
        "description": "What API Gateway answers by itself, before or after the function.",
        "type": "object",
        "properties": { "message": { "description": "What happened.", "type": "string" } },
        "required": ["message"],
    })
}

/// All refusals, by name.
pub(super) fn components() -> Map<String, Value> {
    REFUSALS.iter().map(|refusal| (refusal.name.to_owned(), refusal.response())).collect()
}

/// Everything one command can be answered with.
pub(super) fn of_command(spec: &CommandSpec) -> Value {
    let (status, about) = match spec.answer {
        Answer::Done => ("200", "It is done, or was done before."),
        Answer::Accepted => ("202", "It is on record, and a saga carries it on."),
    };
    let accepted = json!({
        "description": about,
        "content": { "application/json": { "schema": { "$ref": reference("CommandAnswer") } } },
    });
    let mut answers = Map::from_iter([(status.to_owned(), accepted)]);
    // What begins something has nothing to find.
    let begins = matches!(spec.action, Action::CreateProject | Action::CreateTemplate);
    refer(&mut answers, |status| status != 404 || !begins);
    Value::Object(answers)
}

/// Everything the question for the document can be answered with.
pub(super) fn of_document() -> Value {
    let told = json!({
        "description": "The document.",
        "content": { "application/json": { "schema": { "type": "object" } } },
    });
    let mut answers = Map::from_iter([("200".to_owned(), told)]);
    refer(&mut answers, |status| [413, 421, 429, 500, 503].contains(&status));
    Value::Object(answers)
}

fn refer(answers: &mut Map<String, Value>, is_possible: impl Fn(u16) -> bool) {
    for refusal in REFUSALS.iter().filter(|refusal| is_possible(refusal.status)) {
        let component = json!({ "$ref": format!("#/components/responses/{}", refusal.name) });
        answers.insert(refusal.status.to_string(), component);
    }
}

impl Refusal {
    fn response(&self) -> Value {
        let mut content = Map::new();
        if !self.codes.is_empty() {
            let known = json!({ "status": { "const": self.status }, "code": { "enum": self.codes } });
            let schema = json!({ "$ref": reference("Problem"), "properties": known });
            content.insert("application/problem+json".to_owned(), json!({ "schema": schema }));
        }
        if self.by_api {
            let schema = json!({ "$ref": reference("ApiMessage") });
            content.insert("application/json".to_owned(), json!({ "schema": schema }));
        }
        json!({ "description": self.about, "content": content })
    }
}
