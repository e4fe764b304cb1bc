//! The stack: what `template.yaml` asks for, as the embedded cloud builds it.
//!
//! # The dialect
//!
//! The template is SAM for AWS first; this reader understands a part of it and refuses the rest when it loads, all
//! problems at once, so that nothing silently behaves differently on one machine.
//!
//! - **Sections**: `Parameters` (`Default`, `AllowedValues`), `Conditions`, `Globals.Function`, `Resources`. `Rules`,
//!   `Outputs` and `Metadata` are skipped.
//! - **Intrinsics**, short or long: `Ref`, `GetAtt`, `Sub` (both forms), `If`, `Join`, `Select`; in conditions `Equals`,
//!   `Not`, `And`, `Or`, `Condition`. Pseudo parameters: the stack is `skafu`, the region `local`, the account twelve
//!   zeros.
//! - **Resource types**: those in `names::BUILT`. Types in `names::IGNORED` change nothing here, each for a reason. A
//!   nested stack may hold nothing but these.
//! - **Properties** are read, known to be inert on one machine (IAM, encryption, logs, memory), or an error.
//! - **Event sources**: `HttpApi` (payload 2.0), `SQS` and `DynamoDB` with partial batch responses.

mod functions;
mod intrinsics;
mod messaging;
mod model;
mod names;
mod nested;
mod problem;
mod section;
mod sources;
mod storage;
mod template;
mod yaml;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use model::{Bucket, Bus, Function, Machine, Queue, Rule, Source, Stack, Table};
pub use problem::{Problem, ProblemKind, StackErrors};
pub use yaml::{YamlError, parse_definition};

use section::Section;
use template::Template;

impl Stack {
    /// Reads a template, every parameter at its default.
    pub fn load(text: &str) -> Result<Self, StackErrors> {
        Self::load_with(text, &BTreeMap::new())
    }

    /// Reads a template with some parameters set.
    pub fn load_with(text: &str, parameters: &BTreeMap<String, String>) -> Result<Self, StackErrors> {
        let template = Template::read(text, parameters)?;
        let mut stack = Self::default();
        for (logical_id, resource) in template.resources() {
            let path = format!("Resources.{logical_id}");
            if let Some(resource) = Section::new(&template, path, resource) {
                stack.add(&template, logical_id, &resource);
                resource.inert(&["Type", "Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy"]);
                resource.finish();
            }
        }
        stack.refuse_duplicates(&template);
        template.into_result(stack)
    }

    fn add(&mut self, template: &Template, logical_id: &str, resource: &Section<'_>) {
        let kind = template.kind(logical_id).unwrap_or_default();
        if names::is_ignored(kind) {
            return resource.inert(&["Properties", "Metadata"]);
        }
        let properties = resource.section_or_empty("Properties");
        match kind {
            "AWS::DynamoDB::Table" => self.tables.extend(storage::table(logical_id, &properties)),
            "AWS::S3::Bucket" => self.buckets.extend(storage::bucket(logical_id, &properties)),
            "AWS::SQS::Queue" => self.queues.extend(messaging::queue(logical_id, &properties)),
            "AWS::Events::EventBus" => self.buses.extend(messaging::bus(logical_id, &properties)),
            "AWS::Events::Rule" => self.rules.extend(messaging::rule(logical_id, &properties)),
            "AWS::CloudFormation::Stack" => nested::stack(&properties),
            "AWS::Serverless::HttpApi" => sources::api(&properties),
            "AWS::Serverless::StateMachine" => {
                self.machines.extend(functions::machine(logical_id, &properties))
            }
            "AWS::Serverless::Function" => {
                let merged = functions::with_globals(template, &properties);
                let merged = properties.replaced(&merged);
                self.functions.extend(functions::function(logical_id, resource, &merged));
                return;
            }
            "" => resource.report("Type", ProblemKind::Missing),
            unknown => {
                resource.report("Type", ProblemKind::UnknownType(unknown.to_owned()));
                return resource.inert(&["Properties", "Metadata"]);
            }
        }
        resource.inert(&["Metadata"]);
        properties.finish();
    }

    fn refuse_duplicates(&self, template: &Template) {
        let mut claims = BTreeSet::new();
        let mut claim = |logical_id: &str, what: String| {
            if !claims.insert(what.clone()) {
                template
                    .report(Problem::new(format!("Resources.{logical_id}"), ProblemKind::Duplicate(what)));
            }
        };
        self.tables.iter().for_each(|table| claim(&table.logical_id, format!("table {}", table.name)));
        self.buckets.iter().for_each(|bucket| claim(&bucket.logical_id, format!("bucket {}", bucket.name)));
        self.queues.iter().for_each(|queue| claim(&queue.logical_id, format!("queue {}", queue.name)));
        self.buses.iter().for_each(|bus| claim(&bus.logical_id, format!("bus {}", bus.name)));
        self.rules
            .iter()
            .for_each(|rule| claim(&rule.logical_id, format!("rule {} of {}", rule.name, rule.bus)));
        self.machines.iter().for_each(|machine| claim(&machine.logical_id, machine.arn.clone()));
        for function in &self.functions {
            claim(&function.logical_id, format!("function {}", function.name));
            for source in &function.sources {
                if let Source::Http { method, path, .. } = source {
                    // Routes that differ in the names of their parameters alone are one route.
                    claim(&function.logical_id, format!("route {method} {}", sources::shape(path)));
                }
            }
        }
    }
}
