use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use skafu_events::template::{
    Parameter, TemplateCreated, TemplateEvent, TemplateFile, TemplatePublished, TemplateType,
    TemplateUploaded,
};

use super::{CreateTemplate, TemplateCommand, UploadTemplateFiles};
use crate::{Aggregate, Decision, Principal, Rejection, Violation};

/// The most files a template may have.
pub const MAX_FILES: usize = 500;

/// What a template's files turned out to be, when they were looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspected {
    /// What they ask of whoever uses them.
    pub parameters: Vec<Parameter>,
}

/// What decisions on a template need to know from outside.
#[derive(Debug, Clone, Default)]
pub struct TemplateFacts {
    /// The uploaded files, as they were stored: for `UploadTemplateFiles`.
    pub stored: Vec<TemplateFile>,
    /// What the template's files are, or everything wrong with them: for `PublishTemplate`.
    pub inspection: Option<Result<Inspected, Vec<Violation>>>,
}

/// A template, folded from its events.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Template {
    /// How it began; none before the first event.
    pub created: Option<TemplateCreated>,
    /// Its files, by path.
    pub files: BTreeMap<String, TemplateFile>,
    /// The latest revision.
    pub published: Option<TemplatePublished>,
}

/// The revision of these files: SHA-256 (hex) over their sorted paths, modes and content hashes.
pub fn revision<'a>(files: impl IntoIterator<Item = &'a TemplateFile>) -> String {
    let sorted: BTreeMap<_, _> = files.into_iter().map(|file| (&file.path, file)).collect();
    let mut digest = Sha256::new();
    for file in sorted.values() {
        digest.update(format!("{:?} {} {}\n", file.mode, file.sha256, file.path));
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Aggregate for Template {
    type Event = TemplateEvent;
    type Command = TemplateCommand;
    type Facts = TemplateFacts;

    const SNAPSHOT_EVERY: u64 = 20;
    const GOLDEN: &'static [&'static str] = skafu_events::golden::TEMPLATE;

    fn evolve(&mut self, event: &TemplateEvent) {
        match event {
            TemplateEvent::TemplateCreated(created) => self.created = Some(created.clone()),
            TemplateEvent::TemplateUploaded(uploaded) => self.files = self.files_after(uploaded),
            TemplateEvent::TemplatePublished(published) => self.published = Some(published.clone()),
        }
    }

    fn exists(&self) -> bool {
        self.created.is_some()
    }

    fn owner(&self) -> Option<&str> {
        self.created.as_ref().map(|created| created.owner_id.as_str())
    }

    /// Nothing is merged here: an upload says itself what it replaces.
    fn fields(&self) -> Map<String, Value> {
        Map::new()
    }

    fn decide(
        &self,
        command: &TemplateCommand,
        caller: &Principal,
        facts: &TemplateFacts,
    ) -> Result<Decision<TemplateEvent>, Rejection> {
        match command {
            TemplateCommand::CreateTemplate(command) => self.create(command, caller),
            TemplateCommand::UploadTemplateFiles(command) => self.upload(command, facts),
            TemplateCommand::PublishTemplate(_) => self.publish(facts),
        }
    }
}

impl Template {
    fn create(
        &self,
        command: &CreateTemplate,
        caller: &Principal,
    ) -> Result<Decision<TemplateEvent>, Rejection> {
        if self.exists() {
            return Err(Rejection::Exists("the template"));
        }
        let template_type = match command.template_type.as_deref() {
            None | Some("project") => TemplateType::Project,
            Some("service") => TemplateType::Service,
            Some("component") => TemplateType::Component,
            Some("config") => TemplateType::Config,
            Some("infrastructure") => TemplateType::Infrastructure,
            Some(_) => {
                let violation = Violation::new("/data/type", "enum", "is not a type of template");
                return Err(Rejection::Invalid(vec![violation]));
            }
        };
        Ok(Decision::events(vec![TemplateEvent::TemplateCreated(TemplateCreated {
            name: command.name.clone(),
            template_type,
            description: command.description.clone(),
            owner_id: caller.user_id().to_owned(),
        })]))
    }

    fn upload(
        &self,
        command: &UploadTemplateFiles,
        facts: &TemplateFacts,
    ) -> Result<Decision<TemplateEvent>, Rejection> {
        self.must_exist()?;
        let uploaded = TemplateUploaded { replace: command.replace, files: facts.stored.clone() };
        let after = self.files_after(&uploaded);
        if after == self.files {
            return Ok(Decision::nothing());
        }
        if after.len() > MAX_FILES {
            let message = format!("a template has at most {MAX_FILES} files");
            return Err(Rejection::rule("file-limit", message));
        }
        Ok(Decision::events(vec![TemplateEvent::TemplateUploaded(uploaded)]))
    }

    fn publish(&self, facts: &TemplateFacts) -> Result<Decision<TemplateEvent>, Rejection> {
        self.must_exist()?;
        let revision = revision(self.files.values());
        if self.published.as_ref().is_some_and(|published| published.revision == revision) {
            return Ok(Decision::nothing());
        }
        let parameters = match &facts.inspection {
            Some(Ok(inspected)) => inspected.parameters.clone(),
            Some(Err(violations)) => return Err(unfit(violations.clone())),
            None => return Err(unfit(Vec::new())),
        };
        Ok(Decision::events(vec![TemplateEvent::TemplatePublished(TemplatePublished {
            revision,
            parameters,
            file_count: self.files.len() as u32,
        })]))
    }

    fn files_after(&self, uploaded: &TemplateUploaded) -> BTreeMap<String, TemplateFile> {
        let mut files = if uploaded.replace { BTreeMap::new() } else { self.files.clone() };
        files.extend(uploaded.files.iter().map(|file| (file.path.clone(), file.clone())));
        files
    }

    fn must_exist(&self) -> Result<(), Rejection> {
        if self.exists() { Ok(()) } else { Err(Rejection::NotFound("the template")) }
    }
}

fn unfit(violations: Vec<Violation>) -> Rejection {
    let message = "the template's files do not pass its checks: mend them, upload them again, then publish";
    Rejection::Rule { rule: "template-valid", message: message.to_owned(), violations }
}
