use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};
use skafu_domain::Action;
use skafu_store::{Order, RowKey};
use skafu_views::{Member, Summary, UserView};

use crate::access::allow;
use crate::api::Viewer;
use crate::consistency::Range;
use crate::page::{self, Pages};
use crate::project::ProjectStatus;
use crate::scalar::AwsDateTime;
use crate::session::reader;

/// How many of a person's projects stand where.
#[derive(SimpleObject)]
pub(crate) struct ProjectsByStatus {
    /// Asked for; nothing made yet.
    draft: i64,
    /// Being made.
    configuring: i64,
    /// Their repositories can be cloned.
    ready: i64,
    /// Their creation failed and was undone.
    failed: i64,
    /// Put away.
    archived: i64,
}

/// A person, as far as their projects tell.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct User {
    /// The person's id.
    id: ID,
    /// How many projects they own.
    project_count: i64,
    /// How many of them stand where.
    projects_by_status: ProjectsByStatus,
}

/// A project among its owner's. `project` tells more.
#[derive(SimpleObject)]
pub(crate) struct UserProject {
    /// Its id.
    id: ID,
    /// As its owner wrote it.
    name: String,
    /// Where it stands.
    status: ProjectStatus,
    /// When it was asked for.
    created_at: AwsDateTime,
    /// When its name or where it stands last changed.
    updated_at: AwsDateTime,
}

impl From<Member> for UserProject {
    fn from(it: Member) -> Self {
        Self {
            id: it.project_id.into(),
            name: it.name,
            status: it.status.into(),
            created_at: AwsDateTime(it.created_at),
            updated_at: AwsDateTime(it.updated_at),
        }
    }
}

/// Some of a person's projects, and where the next ones begin.
#[derive(SimpleObject)]
pub(crate) struct UserProjectConnection {
    /// In the order of their ids.
    items: Vec<UserProject>,
    /// Give it back to read on; null at the end.
    next_token: Option<String>,
}

#[ComplexObject]
impl User {
    /// The person's e-mail; only they themselves see it.
    async fn email(&self, context: &Context<'_>) -> Result<Option<String>> {
        let viewer = context.data::<Viewer>()?;
        Ok(viewer.email.clone().filter(|_| viewer.principal.user_id() == self.id.as_str()))
    }

    /// Their projects, in the order of their ids. `projectsByUser` has them by age.
    async fn projects(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "1 to 100; 20 if left out")] limit: Option<i32>,
        #[graphql(desc = "Of the page before, asked for with the same arguments; the limit may differ")]
        next_token: Option<String>,
    ) -> Result<UserProjectConnection> {
        let limit = page::limit(limit)?;
        let reader = reader(context)?;
        let keys = reader.keys::<UserView>(context.data::<Viewer>()?.principal.tenant()).await?;
        let (partition, prefix) = (&UserView::of_user(&keys, &self.id), UserView::MEMBERS);
        let pages = Pages::of(context, "User.projects", &[Some(self.id.as_str())])?;
        let place = pages.place(next_token).await?;
        let after = place.map(|place| page::key(partition, prefix, place)).transpose()?;
        let range = Range { partition, prefix, order: Order::Ascending, limit, after };
        let (members, next): (Vec<(String, Member)>, Option<RowKey>) =
            reader.list::<UserView, _>(&keys, range).await?;
        let next_token = pages.token(next.as_ref().map(|next| next.sort.as_str())).await?;
        let items = members.into_iter().map(|(_, member)| member.into()).collect();
        Ok(UserProjectConnection { items, next_token })
    }
}

#[derive(Default)]
pub(crate) struct UserQueries;

#[Object]
impl UserQueries {
    /// The caller.
    async fn me(
        &self,
        context: &Context<'_>,
        #[graphql(name = "consistencyToken", desc = "Of a command's answer: what it wrote is seen")]
        _token: Option<String>,
    ) -> Result<User> {
        let id = context.data::<Viewer>()?.principal.user_id();
        Ok(shown(id, summary(context, id).await?.unwrap_or_default()))
    }

    /// A person of the caller's tenant; null if they never owned a project there.
    async fn user(
        &self,
        context: &Context<'_>,
        id: ID,
        #[graphql(name = "consistencyToken", desc = "Of a command's answer: what it wrote is seen")]
        _token: Option<String>,
    ) -> Result<Option<User>> {
        Ok(summary(context, &id).await?.map(|summary| shown(&id, summary)))
    }
}

/// More bytes than any user id has.
pub(crate) const MAX_USER_ID: usize = 256;

async fn summary(context: &Context<'_>, id: &str) -> Result<Option<Summary>> {
    allow(context.data::<Viewer>()?, Action::ReadProject, Some(id))?;
    // Nobody's: no key may be that long.
    if id.len() > MAX_USER_ID {
        return Ok(None);
    }
    let reader = reader(context)?;
    let keys = reader.keys::<UserView>(context.data::<Viewer>()?.principal.tenant()).await?;
    let key = RowKey { partition: UserView::of_user(&keys, id), sort: UserView::SUMMARY.to_owned() };
    reader.row::<UserView, _>(&keys, &key).await
}

/// The owner of something the viewer may look at: read with the owners of other things.
pub(crate) async fn owner(context: &Context<'_>, id: &str) -> Result<User> {
    let reader = reader(context)?;
    let keys = reader.keys::<UserView>(context.data::<Viewer>()?.principal.tenant()).await?;
    let key = RowKey { partition: UserView::of_user(&keys, id), sort: UserView::SUMMARY.to_owned() };
    Ok(shown(id, reader.joined::<UserView, Summary>(&keys, key).await?.unwrap_or_default()))
}

fn shown(id: &str, it: Summary) -> User {
    User {
        id: id.into(),
        project_count: it.projects,
        projects_by_status: ProjectsByStatus {
            draft: it.draft,
            configuring: it.configuring,
            ready: it.ready,
            failed: it.failed,
            archived: it.archived,
        },
    }
}
