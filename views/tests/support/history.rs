use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Map;
use skafu_events::project::{
    CreationOptions, FailureReason, ProjectArchived, ProjectChanges, ProjectConfiguration, ProjectConfigured,
    ProjectCreated, ProjectCreationCompensated, ProjectCreationFailed, ProjectCreationStarted,
    ProjectDeleted, ProjectEvent, ProjectRestored, ProjectUpdated, RepositoryLink, TemplateRendered,
    TemplateSelected,
};
use skafu_events::repository::{RepositoryCreated, RepositoryDeleted, RepositoryEvent};
use skafu_events::{
    AggregateKind, Commit, DomainEvent, RecordedEvent, StreamId, Tenant, Timestamp, event_id,
};
use uuid::Uuid;

/// So many seconds after it all began, at half past ten on 18 January 2025.
pub fn at(seconds: i64) -> Timestamp {
    let start: DateTime<Utc> = "2025-01-18T10:30:00.123Z".parse().unwrap();
    (start + TimeDelta::seconds(seconds)).into()
}

/// The correlation id of that number.
pub fn correlation(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// What happens in tenant `acme`, told commit by commit.
#[derive(Default)]
pub struct Story {
    pub commits: Vec<Commit>,
    /// Seconds since it began; each commit takes one.
    pub now: i64,
    /// What the next commits belong to.
    pub correlation: u128,
}

impl Story {
    /// One accepted command.
    pub fn commit<E: DomainEvent>(&mut self, id: &str, user: &str, events: &[E]) -> &mut Self {
        let stream = StreamId::new(Tenant::new("acme").unwrap(), E::KIND, id).unwrap();
        let before = self.commits.iter().rfind(|commit| commit.stream == stream);
        let first_version = before.map_or(0, Commit::last_version) + 1;
        let recorded = events.iter().zip(first_version..).map(|(event, version)| {
            let (event_type, event_version, data) = event.encode().unwrap();
            let event_id = event_id(&stream, version);
            RecordedEvent { event_id, event_type, event_version, data, data_ref: None }
        });
        let events = recorded.collect();
        self.now += 1;
        self.commits.push(Commit {
            events,
            stream,
            first_version,
            command_id: Uuid::from_u128(self.commits.len() as u128 + 1),
            body_hash: String::new(),
            correlation_id: correlation(self.correlation),
            user_id: user.to_owned(),
            timestamp: at(self.now),
            metadata: Map::new(),
        });
        self
    }

    pub fn project(&mut self, id: &str, user: &str, event: ProjectEvent) -> &mut Self {
        self.commit(id, user, &[event])
    }

    pub fn created(&mut self, id: &str, owner: &str) -> &mut Self {
        let created = ProjectCreated {
            name: format!("Project {id}"),
            description: Some("What only its owner's tenant should read".to_owned()),
            owner_id: owner.to_owned(),
            template_id: "tiny".to_owned(),
            template_parameters: Map::new(),
            configuration: ProjectConfiguration::default(),
            options: CreationOptions::default(),
        };
        self.project(id, owner, ProjectEvent::ProjectCreated(created))
    }

    pub fn selected(&mut self, id: &str) -> &mut Self {
        let selected = TemplateSelected {
            template_id: "tiny".to_owned(),
            template_tenant: "acme".to_owned(),
            template_revision: "0f".to_owned(),
            parameters: Map::new(),
        };
        let events = [
            ProjectEvent::ProjectCreationStarted(ProjectCreationStarted { attempt: 1 }),
            ProjectEvent::TemplateSelected(selected),
        ];
        self.commit(id, "system:saga", &events)
    }

    pub fn rendered(&mut self, id: &str) -> &mut Self {
        let rendered = TemplateRendered { bundle_sha256: "0f".to_owned(), file_count: 2 };
        self.project(id, "system:saga", ProjectEvent::TemplateRendered(rendered))
    }

    pub fn repository_made(&mut self, id: &str) -> &mut Self {
        let created = RepositoryCreated { project_id: id.to_owned(), link: link(id), file_count: 2 };
        self.commit(id, "system:saga", &[RepositoryEvent::RepositoryCreated(created)])
    }

    pub fn repository_discarded(&mut self, id: &str) -> &mut Self {
        let deleted = RepositoryDeleted { project_id: id.to_owned(), reason: "it failed".to_owned() };
        self.commit(id, "system:saga", &[RepositoryEvent::RepositoryDeleted(deleted)])
    }

    pub fn configured(&mut self, id: &str) -> &mut Self {
        let configured = ProjectConfigured { repository: link(id) };
        self.project(id, "system:saga", ProjectEvent::ProjectConfigured(configured))
    }

    /// The whole saga, from the template to the end.
    pub fn made(&mut self, id: &str) -> &mut Self {
        self.selected(id).rendered(id).repository_made(id).configured(id)
    }

    pub fn failed(&mut self, id: &str, step: &str, compensations: &[&str]) -> &mut Self {
        let error = FailureReason { code: "Rejected".to_owned(), message: "it would not".to_owned() };
        let failed =
            ProjectCreationFailed { attempt: 1, failed_step: step.to_owned(), error, kept_for_retry: false };
        let compensations = compensations.iter().map(|it| (*it).to_owned()).collect();
        let events = [
            ProjectEvent::ProjectCreationFailed(failed),
            ProjectEvent::ProjectCreationCompensated(ProjectCreationCompensated {
                attempt: 1,
                compensations,
            }),
        ];
        self.commit(id, "system:saga", &events)
    }

    /// An event of a project, by its name and content.
    pub fn told(&mut self, id: &str, user: &str, name: &str, data: serde_json::Value) -> &mut Self {
        self.project(id, user, ProjectEvent::decode(name, 1, &data).unwrap())
    }

    pub fn renamed(&mut self, id: &str, name: &str) -> &mut Self {
        let changes = ProjectChanges { name: Some(name.to_owned()), ..ProjectChanges::default() };
        let previous_values = ProjectChanges { name: Some("Before".to_owned()), ..ProjectChanges::default() };
        let updated = ProjectUpdated { changes, previous_values };
        self.project(id, "alice", ProjectEvent::ProjectUpdated(updated))
    }

    pub fn archived(&mut self, id: &str) -> &mut Self {
        self.project(id, "alice", ProjectEvent::ProjectArchived(ProjectArchived { reason: None }))
    }

    pub fn restored(&mut self, id: &str) -> &mut Self {
        self.project(id, "alice", ProjectEvent::ProjectRestored(ProjectRestored { reason: None }))
    }

    pub fn deleted(&mut self, id: &str) -> &mut Self {
        let deleted = ProjectDeleted { reason: "enough".to_owned(), attempt_to_undo: None };
        self.project(id, "alice", ProjectEvent::ProjectDeleted(deleted))
    }

    /// The commits of one kind of aggregate.
    pub fn of(&self, kinds: &[AggregateKind]) -> Vec<&Commit> {
        self.commits.iter().filter(|commit| kinds.contains(&commit.stream.kind())).collect()
    }
}

fn link(id: &str) -> RepositoryLink {
    RepositoryLink {
        repository_id: id.to_owned(),
        name: "shop".to_owned(),
        location: format!("acme/{id}/shop.bundle"),
        default_branch: "main".to_owned(),
        initial_commit_id: "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12".to_owned(),
    }
}
