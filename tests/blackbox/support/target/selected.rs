use std::time::Duration;

use serde::Deserialize;

/// What the tests run against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// Each test starts a system of its own on this machine.
    Embedded,
    /// All tests share one deployed stack.
    Stack(Box<Settings>),
}

/// A deployed stack, as its outputs and the environment describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub kind: Kind,
    pub api_url: String,
    pub issuer: String,
    pub user_pool: String,
    pub user_pool_client: String,
    pub event_table: String,
    pub view_table: String,
    pub content_bucket: String,
    pub name: String,
    /// A command that ends every running process of the function it is given the name of, and prints how
    /// many that were.
    pub kill: Option<String>,
}

/// Who hosts the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Emulator,
    Aws,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    output_key: String,
    output_value: String,
}

impl Selected {
    /// What the variables say, or in one sentence what is wrong with them. `read` gives a file's text.
    pub fn of(
        variable: impl Fn(&str) -> Option<String>,
        read: impl Fn(&str) -> std::io::Result<String>,
    ) -> Result<Self, String> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let kind = match set("SKAFU_TARGET").as_deref() {
            None | Some("embedded") => return Ok(Self::Embedded),
            Some("emulator") => Kind::Emulator,
            Some("aws") => Kind::Aws,
            Some(other) => {
                return Err(format!("SKAFU_TARGET is `{other}`: must be embedded, emulator or aws"));
            }
        };
        let file = set("SKAFU_OUTPUTS").ok_or(
            "SKAFU_OUTPUTS is not set: it names a file with what this prints: aws cloudformation \
             describe-stacks --stack-name NAME --query 'Stacks[0].Outputs' --output json",
        )?;
        let text = read(&file).map_err(|error| format!("SKAFU_OUTPUTS: {file}: {error}"))?;
        let outputs: Vec<Output> = serde_json::from_str(&text)
            .map_err(|error| format!("SKAFU_OUTPUTS: {file} is no list of outputs: {error}"))?;
        let output = |key: &str| {
            let found = outputs.iter().find(|output| output.output_key == key);
            let found = found.map(|output| output.output_value.clone());
            found.ok_or_else(|| format!("SKAFU_OUTPUTS: {file} has no output {key}"))
        };
        let event_table = output("EventTableName")?;
        // A stack names its tables and queues after itself.
        let name = output("StackName")
            .or_else(|missing| event_table.strip_suffix("-events").map(str::to_owned).ok_or(missing))?;
        let api_url = set("SKAFU_API_URL").map_or_else(|| output("ApiUrl"), Ok)?;
        Ok(Self::Stack(Box::new(Settings {
            kind,
            api_url: api_url.trim_end_matches('/').to_owned(),
            issuer: output("Issuer")?,
            user_pool: output("UserPoolId")?,
            user_pool_client: output("UserPoolClientId")?,
            event_table,
            view_table: output("ViewTableName")?,
            content_bucket: output("ContentBucketName")?,
            name,
            kill: set("SKAFU_KILL"),
        })))
    }

    /// What this process's environment says. Fails the test if it is wrong.
    pub fn from_environment() -> Self {
        let selected = Self::of(|name| std::env::var(name).ok(), |file| std::fs::read_to_string(file));
        selected.unwrap_or_else(|wrong| panic!("{wrong}"))
    }

    /// How long anything may take there that the system does by itself.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(if *self == Self::Embedded { 30 } else { 120 })
    }
}
