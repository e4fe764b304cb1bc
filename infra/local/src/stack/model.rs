//! What a template comes to, in the terms of the embedded cloud: names are final, references are resolved.

use std::collections::BTreeMap;

use serde_json::Value;

/// Everything one template asks for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stack {
    /// DynamoDB tables.
    pub tables: Vec<Table>,
    /// Object stores.
    pub buckets: Vec<Bucket>,
    /// SQS queues, dead-letter queues among them.
    pub queues: Vec<Queue>,
    /// Event buses.
    pub buses: Vec<Bus>,
    /// Rules from a bus to queues.
    pub rules: Vec<Rule>,
    /// Lambda functions with what calls them.
    pub functions: Vec<Function>,
    /// State machines.
    pub machines: Vec<Machine>,
}

impl Stack {
    /// The function a logical id, a name or an ARN stands for.
    pub fn function(&self, reference: &str) -> Option<&Function> {
        self.functions
            .iter()
            .find(|f| [&f.logical_id, &f.name, &f.arn].iter().any(|known| *known == reference))
    }

    /// The state machine a logical id or an ARN stands for.
    pub fn machine(&self, reference: &str) -> Option<&Machine> {
        self.machines.iter().find(|machine| machine.logical_id == reference || machine.arn == reference)
    }
}

/// A DynamoDB table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its key in the template.
    pub logical_id: String,
    /// Its name in DynamoDB.
    pub name: String,
    /// The body of the `CreateTable` request that makes it.
    pub create: Value,
}

/// An object store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its key in the template.
    pub logical_id: String,
    /// Its name in S3.
    pub name: String,
}

/// An SQS queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Its key in the template.
    pub logical_id: String,
    /// Its name in SQS.
    pub name: String,
    /// How long a received message stays hidden, in seconds.
    pub visibility_seconds: u32,
    /// How long a message is held back before it can be received, in seconds.
    pub delay_seconds: u32,
    /// After how many receives a message moves, and the name of the queue it moves to.
    pub max_receive: Option<(u32, String)>,
}

/// An event bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bus {
    /// Its key in the template.
    pub logical_id: String,
    /// Its name in EventBridge.
    pub name: String,
}

/// A rule of a bus.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its key in the template.
    pub logical_id: String,
    /// Its name in EventBridge.
    pub name: String,
    /// The name of the bus it listens on.
    pub bus: String,
    /// An EventBridge event pattern.
    pub pattern: Value,
    /// The names of the queues that receive what matches.
    pub targets: Vec<String>,
}

/// A Lambda function.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its key in the template.
    pub logical_id: String,
    /// Its name in Lambda; what `!Ref` gives.
    pub name: String,
    /// What `!GetAtt F.Arn` gives.
    pub arn: String,
    /// The binary it runs.
    pub binary: String,
    /// Its environment, `Globals` included.
    pub environment: BTreeMap<String, String>,
    /// After how long an invocation is given up, in seconds.
    pub timeout_seconds: u32,
    /// What calls it.
    pub sources: Vec<Source>,
}

/// What calls a function.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A route of the HTTP API.
    Http {
        /// In capitals: `POST`.
        method: String,
        /// With parameters in braces: `/commands/{context}/{command}`.
        path: String,
        /// Whether a valid token is required.
        authorized: bool,
    },
    /// Messages of a queue; the answer names those that failed.
    Queue {
        /// The queue's name.
        queue: String,
        /// Most messages in one call.
        batch_size: u32,
    },
    /// Records of a table's stream, from its oldest; the answer names the first that failed.
    Stream {
        /// The table's name.
        table: String,
        /// Most records in one call.
        batch_size: u32,
        /// Event patterns, any of which lets a record pass; none lets all pass.
        filters: Vec<Value>,
        /// How often a failed batch is tried again; `None` is without end.
        retries: Option<u32>,
        /// Whether a failed batch is halved to find the record at fault.
        bisect: bool,
        /// The name of the queue that is told of records given up.
        on_failure: Option<String>,
    },
}

/// A state machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Its key in the template.
    pub logical_id: String,
    /// What `!Ref` gives.
    pub arn: String,
    /// The definition's file, from the template's folder.
    pub definition_uri: String,
    /// What stands for each `${Name}` of the definition.
    pub substitutions: BTreeMap<String, String>,
}
