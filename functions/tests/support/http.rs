use serde_json::{Value, json};

/// A signed-in person, as the token says.
#[derive(Debug, Clone)]
pub struct Person {
    pub sub: &'static str,
    pub tenant: &'static str,
    /// As API Gateway flattens the list.
    pub groups: &'static str,
}

const fn person(tenant: &'static str, sub: &'static str, groups: &'static str) -> Person {
    Person { sub, tenant, groups }
}

/// A developer of `acme`.
pub fn alice() -> Person {
    person("acme", "alice", "[Developer]")
}

/// Another developer of `acme`.
pub fn bob() -> Person {
    person("acme", "bob", "[Developer]")
}

/// The administrator of `acme`.
pub fn ada() -> Person {
    person("acme", "ada", "[Admin Developer]")
}

/// Somebody of `acme` who only looks.
pub fn vera() -> Person {
    person("acme", "vera", "[Viewer]")
}

/// The administrator of another tenant.
pub fn zoe() -> Person {
    person("zenith", "zoe", "[Admin]")
}

impl Person {
    /// Their e-mail, as the token says.
    pub fn email(&self) -> String {
        format!("{}@{}.example", self.sub, self.tenant)
    }

    fn authorizer(&self) -> Value {
        let claims = json!({
            "sub": self.sub,
            "custom:tenant": self.tenant,
            "cognito:groups": self.groups,
            "email": self.email(),
            "token_use": "id",
        });
        json!({ "jwt": { "claims": claims, "scopes": null } })
    }
}

/// An event of API Gateway's HTTP API, payload format 2.0.
pub fn http_event(person: Option<&Person>, method: &str, path: &str) -> Value {
    let mut event = json!({
        "version": "2.0",
        "routeKey": format!("{method} {path}"),
        "rawPath": path,
        "rawQueryString": "",
        "headers": { "content-type": "application/json", "host": "api.example" },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "api.example",
            "domainPrefix": "api",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "test"
            },
            "requestId": "request-1",
            "routeKey": format!("{method} {path}"),
            "stage": "$default",
            "time": "18/Jan/2025:10:30:00 +0000",
            "timeEpoch": 1737196200000_u64
        },
        "isBase64Encoded": false
    });
    if let Some(person) = person {
        event["requestContext"]["authorizer"] = person.authorizer();
    }
    event
}

/// `POST /commands/{context}/{command}`.
pub fn command_event(person: Option<&Person>, context: &str, command: &str, body: &str) -> Value {
    let mut event = http_event(person, "POST", &format!("/commands/{context}/{command}"));
    event["pathParameters"] = json!({ "context": context, "command": command });
    event["body"] = json!(body);
    event
}

/// An answer as API Gateway receives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u64,
    pub content_type: String,
    pub body: Value,
}

impl Answer {
    /// The stable code of a refusal.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The fields and codes of all violations.
    pub fn violations(&self) -> Vec<(&str, &str)> {
        let all = self.body["violations"].as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().map(|it| (it["field"].as_str().unwrap(), it["code"].as_str().unwrap())).collect()
    }

    /// The stable code of a GraphQL answer's first error.
    pub fn error_code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
    }

    /// Asserts a refusal of this status and code.
    #[track_caller]
    pub fn refused(&self, status: u64, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.body);
        assert_eq!(self.content_type, "application/problem+json");
        assert_eq!(self.body["status"], status);
        let kebab = code.to_ascii_lowercase().replace('_', "-");
        assert_eq!(self.body["type"], format!("urn:skafu:problem:{kebab}"));
    }
}

impl From<Value> for Answer {
    fn from(response: Value) -> Self {
        let status = response["statusCode"].as_u64().unwrap_or_else(|| panic!("no HTTP answer: {response}"));
        let content_type = response["headers"]["content-type"].as_str().unwrap_or_default().to_owned();
        let body = response["body"].as_str().unwrap_or("null");
        Self { status, content_type, body: serde_json::from_str(body).unwrap() }
    }
}
