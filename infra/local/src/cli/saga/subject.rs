use std::collections::BTreeSet;

use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_store::Segment;

use super::args::SubjectArgs;
use super::desk::Desk;
use super::standing::Standing;
use crate::cli::failure::Failure;
use crate::cli::progress::ProgressLine;
use crate::cli::store::{Scope, Table};

/// The whole table, read in one go.
pub(super) const WHOLE: Segment = Segment { index: 0, total: 1 };

/// The creation that is meant. A failure if there is none.
pub(super) async fn load(desk: &Desk, args: &SubjectArgs) -> Result<Standing, Failure> {
    let stream = match named(args)? {
        Named::Stream(stream) => stream,
        Named::Id(id) => find(desk, &id).await?,
    };
    let standing = Standing::load(desk, &stream).await?;
    standing.ok_or_else(|| unknown(&format!("{} in the tenant {}", stream.id(), stream.tenant())))
}

/// What the arguments say.
#[derive(Debug, PartialEq)]
enum Named {
    Stream(StreamId),
    Id(String),
}

fn named(args: &SubjectArgs) -> Result<Named, Failure> {
    let wrong = |message: String| Failure::new("VALIDATION_ERROR", message);
    let invalid = |error: skafu_events::InvalidId| Failure::chain("VALIDATION_ERROR", &error);
    if args.id.contains('/') {
        let stream: StreamId = args
            .id
            .parse()
            .map_err(|error| invalid(error).hint("a project is named by its id, or as TENANT/PROJECT#ID"))?;
        if stream.kind() != AggregateKind::Project {
            return Err(wrong(format!("{stream} is no project: only projects have sagas")));
        }
        if args.tenant.as_ref().is_some_and(|tenant| tenant != stream.tenant()) {
            return Err(wrong(format!("{stream} is of another tenant than --tenant says")));
        }
        return Ok(Named::Stream(stream));
    }
    let id = args.id.strip_prefix("PROJECT#").unwrap_or(&args.id);
    let tenant = args.tenant.clone().unwrap_or_else(Tenant::shared);
    let stream = StreamId::new(tenant, AggregateKind::Project, id).map_err(invalid)?;
    Ok(if args.tenant.is_some() { Named::Stream(stream) } else { Named::Id(id.to_owned()) })
}

/// The only project of that id, whatever its tenant.
async fn find(desk: &Desk, id: &str) -> Result<StreamId, Failure> {
    let table = Table::new(&desk.place).within(Scope::Named(AggregateKind::Project, id.to_owned()));
    let (mut found, mut after, mut pages) = (BTreeSet::new(), None, 0);
    let mut progress = ProgressLine::new();
    loop {
        let page = table.page(WHOLE, after.as_ref()).await?;
        let streams = page.items.iter().filter_map(|item| item.key.partition.parse::<StreamId>().ok());
        found.extend(streams.filter(|stream| stream.id() == id));
        pages += 1;
        progress.show(|| format!("looking for the project's tenant, {pages} pages read: --tenant says it"));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    drop(progress);
    let mut streams = found.into_iter();
    match (streams.next(), streams.next()) {
        (Some(stream), None) => Ok(stream),
        (None, _) => Err(unknown(id)),
        (Some(first), Some(second)) => {
            let others = [first, second].into_iter().chain(streams);
            let tenants: Vec<_> = others.map(|stream| stream.tenant().to_string()).collect();
            let message = format!("several tenants have a project {id}: {}", tenants.join(", "));
            Err(Failure::new("AMBIGUOUS", message).hint("say which with --tenant"))
        }
    }
}

fn unknown(what: &str) -> Failure {
    let message = format!("there is no project {what}");
    Failure::new("NOT_FOUND", message).hint("`skafu saga list` tells which there are")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named_by(id: &str, tenant: Option<&str>) -> Result<String, String> {
        let tenant = tenant.map(|tenant| Tenant::new(tenant).unwrap());
        match named(&SubjectArgs { id: id.to_owned(), tenant }) {
            Ok(Named::Stream(stream)) => Ok(stream.to_string()),
            Ok(Named::Id(id)) => Ok(id),
            Err(failure) => Err(failure.message().to_owned()),
        }
    }

    #[test]
    fn a_project_is_named_by_its_id_and_what_else_is_said() {
        for (id, tenant, stream) in [
            ("p1", None, "p1"),
            ("PROJECT#p1", None, "p1"),
            ("p1", Some("acme"), "acme/PROJECT#p1"),
            ("acme/PROJECT#p1", None, "acme/PROJECT#p1"),
            ("acme/PROJECT#p1", Some("acme"), "acme/PROJECT#p1"),
        ] {
            assert_eq!(named_by(id, tenant), Ok(stream.to_owned()), "{id} {tenant:?}");
        }
    }

    #[test]
    fn what_is_no_project_s_name_is_refused_before_anything_is_read() {
        let long = "x".repeat(101);
        for (id, tenant) in [
            ("", None),
            ("../p1", None),
            ("a/b", None),
            ("p1#EVENT", None),
            ("p 1", None),
            ("acme/TEMPLATE#p1", None),
            ("acme/PROJECT#p1", Some("other")),
            (&long, Some("acme")),
        ] {
            assert!(named_by(id, tenant).is_err(), "{id} {tenant:?}");
        }
    }
}
