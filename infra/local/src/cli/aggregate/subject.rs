use std::io;

use serde_json::{Map, Value, json};
use skafu_events::{AggregateKind, InvalidId, StreamId, Tenant};
use skafu_store::{Consistency, EventStore, History};

use super::State;
use super::args::{OfArgs, SubjectArgs};
use crate::cli::failure::Failure;

/// Whose aggregates are meant, unless something else is said.
const DEFAULT_TENANT: &str = "local";

/// Loads the aggregate's whole history. A failure if there is none.
pub(super) async fn load(store: &dyn EventStore, args: &SubjectArgs) -> Result<History, Failure> {
    let streams = candidates(&args.id, &args.of)?;
    for stream in &streams {
        let history = store.load(stream, Consistency::Strong).await?;
        if history.version() > 0 {
            return Ok(history);
        }
    }
    let names: Vec<String> = streams.iter().map(StreamId::to_string).collect();
    let message = format!("there is no {}", names.join(", nor "));
    Err(Failure::new("NOT_FOUND", message).hint("see that the id, --kind and --tenant are right"))
}

/// The streams that may be meant, the likeliest first.
pub(in crate::cli) fn candidates(id: &str, of: &OfArgs) -> Result<Vec<StreamId>, Failure> {
    let streams = streams(id, of).map_err(|error| Failure::chain("VALIDATION_ERROR", &error))?;
    let kind = of.kind.map(AggregateKind::from);
    let meant = |it: &StreamId| {
        of.tenant.as_ref().is_none_or(|tenant| tenant == it.tenant())
            && kind.is_none_or(|kind| kind == it.kind())
    };
    if let Some(other) = streams.iter().find(|it| !meant(it)) {
        let message = format!("{other} is of another tenant or kind than --tenant and --kind say");
        return Err(Failure::new("VALIDATION_ERROR", message));
    }
    Ok(streams)
}

fn streams(id: &str, of: &OfArgs) -> Result<Vec<StreamId>, InvalidId> {
    if id.contains('/') {
        return Ok(vec![id.parse()?]);
    }
    let tenant = of.tenant.clone().map_or_else(|| Tenant::new(DEFAULT_TENANT), Ok)?;
    if id.contains('#') {
        return Ok(vec![format!("{tenant}/{id}").parse()?]);
    }
    let kinds = of.kind.map_or(AggregateKind::ALL.to_vec(), |kind| vec![kind.into()]);
    kinds.into_iter().map(|kind| StreamId::new(tenant.clone(), kind, id)).collect()
}

/// What the aggregate is, as every answer begins.
pub(in crate::cli) fn identity(stream: &StreamId) -> Map<String, Value> {
    let (tenant, kind) = (stream.tenant(), stream.kind().context());
    Map::from_iter([
        ("tenant".to_owned(), json!(tenant)),
        ("kind".to_owned(), json!(kind)),
        ("id".to_owned(), json!(stream.id())),
    ])
}

/// The state right after that version. Before the first event there is none: null.
pub(super) fn state(history: &History, version: u64) -> Result<Value, Failure> {
    let mut state = State::new(history.stream().kind());
    for (event, at) in history.events().zip(1..=version) {
        state.apply(event).map_err(|error| {
            Failure::chain("EVENT_UNREADABLE", &error)
                .hint(&format!("version {at} of {}: look at what is before with --at", history.stream()))
        })?;
    }
    if version == 0 {
        return Ok(Value::Null);
    }
    Ok(serde_json::to_value(&state).map_err(io::Error::from)?)
}

#[cfg(test)]
mod tests {
    use super::super::args::Kind;
    use super::*;

    fn candidates_of(id: &str, kind: Option<Kind>) -> Vec<String> {
        let of = OfArgs { kind, tenant: Some(Tenant::new("acme").unwrap()) };
        candidates(id, &of).unwrap().iter().map(StreamId::to_string).collect()
    }

    fn refused(id: &str, kind: Option<Kind>, tenant: Option<&str>) -> bool {
        let of = OfArgs { kind, tenant: tenant.map(|it| Tenant::new(it).unwrap()) };
        candidates(id, &of).is_err()
    }

    #[test]
    fn an_id_says_as_much_as_it_likes_about_what_it_is_of() {
        assert_eq!(candidates_of("1", None), ["acme/PROJECT#1", "acme/TEMPLATE#1", "acme/REPOSITORY#1"]);
        assert_eq!(candidates_of("1", Some(Kind::Template)), ["acme/TEMPLATE#1"]);
        assert_eq!(candidates_of("REPOSITORY#1", None), ["acme/REPOSITORY#1"]);
        let of = OfArgs { kind: None, tenant: None };
        let all = |id: &str| candidates(id, &of).unwrap().iter().map(StreamId::to_string).collect::<Vec<_>>();
        assert_eq!(all("_shared/TEMPLATE#x"), ["_shared/TEMPLATE#x"]);
        assert_eq!(all("PROJECT#x"), ["local/PROJECT#x"]);
        assert!(refused("_shared/TEMPLATE#x", None, Some("acme")));
        assert!(refused("_shared/TEMPLATE#x", Some(Kind::Project), None));
        assert!(refused("TEMPLATE#x", Some(Kind::Project), Some("acme")));
    }
}
