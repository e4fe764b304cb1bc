use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use dynoxide::Database;
use skafu_forge::blobs::DirectoryBlobs;
use skafu_functions::BlobPayloads;
use skafu_store::aws::Connection;
use skafu_store::{DynamoEventStore, DynamoViewStore, PayloadStore};
use tokio::sync::watch;
use ureq::http::Uri;

use super::args::PlaceArgs;
use crate::assets;
use crate::cli::access::{Access, existing};
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::data::{DataDir, Endpoint, OpenDataDir};
use crate::database;
use crate::stack::Stack;

/// The event store a command looks into, and what keeps it open.
pub(in crate::cli) struct Place {
    /// What tells it from others: a directory or an endpoint.
    pub name: String,
    pub table: String,
    pub payloads: Option<Arc<dyn PayloadStore>>,
    pub served: Served,
    connection: Connection,
    /// The API of the system that runs on the data.
    api: Option<String>,
    own: Option<Own>,
}

/// Who else may be at work on the tables.
pub(in crate::cli) enum Served {
    /// Nobody: the data is this process's alone.
    Alone,
    /// A system on this machine, with these folds of the views.
    Here(BTreeMap<String, String>),
    /// The functions of a stack, whatever code they are.
    Elsewhere,
}

/// A database that this process serves to itself. Dropped in this order.
struct Own {
    _stop: watch::Sender<bool>,
    data: OpenDataDir,
}

/// Where what only this machine knows is to be had.
pub(in crate::cli) enum Machine<'a> {
    /// From the system at this URL, which has the directory open.
    Running(&'a str),
    /// From the directory, which this process has open.
    Resting(&'a OpenDataDir),
    /// Nowhere: the table is another machine's.
    Elsewhere,
}

impl Place {
    /// Finds the store: at the endpoint; or that of the system that runs on the data; or in the data.
    /// Blocking.
    pub(in crate::cli) fn open(global: &Global, args: &PlaceArgs) -> Result<Self, Failure> {
        let table = args.table.clone().map_or_else(|| stack_table(&EVENT_TABLE), Ok)?;
        if let Some(endpoint) = &args.endpoint {
            let connection = remote(endpoint, Connection::from_environment())?;
            return Ok(Self {
                name: endpoint.clone(),
                table,
                payloads: None,
                served: Served::Elsewhere,
                connection,
                api: None,
                own: None,
            });
        }
        let data = existing(&global.data, "another directory with --data, or a table with --endpoint")?;
        let Found { url, api, own, served } = find_or_serve(&data)?;
        let blobs = DirectoryBlobs::new(data.root().join("content"));
        Ok(Self {
            name: data.root().display().to_string(),
            table,
            payloads: Some(Arc::new(BlobPayloads(Arc::new(blobs)))),
            served,
            connection: Connection::local(url),
            api,
            own,
        })
    }

    /// Who knows what is in no table.
    pub(in crate::cli) fn machine(&self) -> Machine<'_> {
        match (&self.api, &self.own) {
            (Some(url), _) => Machine::Running(url),
            (None, Some(own)) => Machine::Resting(&own.data),
            (None, None) => Machine::Elsewhere,
        }
    }

    /// A client of the table.
    pub(super) fn client(&self) -> Client {
        self.connection.dynamodb()
    }

    /// About how many items the event table has; none if it does not say.
    pub(in crate::cli) async fn estimated_items(&self) -> Option<u64> {
        let told = self.client().describe_table().table_name(&self.table).send().await.ok()?;
        u64::try_from(told.table?.item_count?).ok().filter(|count| *count > 0)
    }

    /// The store as the functions see it.
    pub(in crate::cli) fn events(&self) -> DynamoEventStore {
        let store = DynamoEventStore::new(self.client(), &self.table);
        match &self.payloads {
            Some(payloads) => store.with_payloads(Arc::clone(payloads)),
            None => store,
        }
    }

    /// The rows of all views as the functions see them: in that table, or the one the stack has.
    pub(in crate::cli) fn views(&self, table: Option<&str>) -> Result<DynamoViewStore, Failure> {
        let table = table.map_or_else(|| stack_table(&VIEW_TABLE), |table| Ok(table.to_owned()))?;
        Ok(DynamoViewStore::new(self.client(), table))
    }
}

/// A table as the stack and the command line call it.
struct Known {
    logical_id: &'static str,
    name: &'static str,
    option: &'static str,
}

const EVENT_TABLE: Known = Known { logical_id: "EventTable", name: "event table", option: "--table" };
const VIEW_TABLE: Known = Known { logical_id: "ViewTable", name: "view table", option: "--view-table" };

fn stack_table(known: &Known) -> Result<String, Failure> {
    let stack = Stack::load(assets::TEMPLATE).map_err(|error| Failure::chain("START_FAILED", &error))?;
    let table = stack.tables.into_iter().find(|table| table.logical_id == known.logical_id);
    let table = table.ok_or_else(|| {
        let message = format!("the stack has no {}: name it with {}", known.name, known.option);
        Failure::new("NO_TABLE", message)
    });
    Ok(table?.name)
}

/// A connection to the endpoint with the environment's credentials. An emulator on this machine needs none.
fn remote(
    endpoint: &str,
    environment: Result<Connection, skafu_store::aws::MissingVariable>,
) -> Result<Connection, Failure> {
    let uri: Option<Uri> = endpoint.parse().ok();
    let uri = uri.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some());
    let uri = uri.ok_or_else(|| {
        Failure::new(
            "VALIDATION_ERROR",
            format!("`{endpoint}` is not a URL with http or https: see --endpoint"),
        )
    })?;
    let address = |host: &str| host.trim_matches(['[', ']']).parse::<IpAddr>();
    let is_loopback =
        |host: &str| host == "localhost" || address(host).is_ok_and(|address| address.is_loopback());
    let here = uri.scheme_str() == Some("http") && uri.host().is_some_and(is_loopback);
    match environment {
        Ok(connection) => Ok(Connection { endpoint: Some(endpoint.to_owned()), ..connection }),
        Err(_) if here => Ok(Connection::local(endpoint)),
        Err(missing) => Err(Failure::chain("NO_CREDENTIALS", &missing)
            .hint("set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION for that endpoint")),
    }
}

/// The address of the database and of the system, and the database, if this process is to serve it.
struct Found {
    url: String,
    api: Option<String>,
    own: Option<Own>,
    served: Served,
}

fn find_or_serve(data: &DataDir) -> Result<Found, Failure> {
    match Access::to(data)? {
        Access::Running(Endpoint { url: api, dynamodb_url: url, folds, .. }) => {
            Ok(Found { url, api: Some(api), own: None, served: Served::Here(folds) })
        }
        Access::Ours(open) => {
            serve(open).map(|(url, own)| Found { url, api: None, own, served: Served::Alone })
        }
    }
}

/// Serves the database as it is: whoever runs a system on it makes its tables and tidies it up.
fn serve(data: OpenDataDir) -> Result<(String, Option<Own>), Failure> {
    let unusable = |error: &dyn std::error::Error| Failure::chain("DATA_UNUSABLE", error);
    let file = data.dir().root().join("dynamodb.db");
    let database = Database::new(&file.to_string_lossy()).map_err(|error| unusable(&error))?;
    let (stop, stopped) = watch::channel(false);
    let url = database::serve(database, stopped).map_err(|error| unusable(&error))?;
    Ok((url, Some(Own { _stop: stop, data })))
}

#[cfg(test)]
mod tests {
    use skafu_store::aws::MissingVariable;

    use super::*;

    fn nobody() -> Result<Connection, MissingVariable> {
        Err(MissingVariable("AWS_ACCESS_KEY_ID"))
    }

    #[test]
    fn only_an_emulator_on_this_machine_is_reached_without_credentials() {
        for here in ["http://127.0.0.1:8000", "http://localhost:8000/", "http://[::1]:8000"] {
            assert_eq!(remote(here, nobody()).unwrap().endpoint.as_deref(), Some(here));
        }
        for there in
            ["https://localhost", "http://127.example.org.", "https://dynamodb.eu-west-1.amazonaws.com"]
        {
            let refused = remote(there, nobody());
            assert!(refused.is_err_and(|failure| failure.is("NO_CREDENTIALS")), "{there}");
        }
    }

    #[test]
    fn the_endpoint_given_wins_over_that_of_the_environment() {
        let environment =
            Connection { region: "eu-west-1".to_owned(), ..Connection::local("http://other:1") };
        let connection = remote("https://example.org", Ok(environment)).unwrap();
        assert_eq!(connection.endpoint.as_deref(), Some("https://example.org"));
        assert_eq!(connection.region, "eu-west-1");
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for text in ["", "localhost:8000", "ftp://x", "skafu"] {
            assert!(remote(text, nobody()).is_err_and(|failure| failure.is("VALIDATION_ERROR")), "{text}");
        }
    }

    #[test]
    fn the_tables_are_the_stack_s() {
        assert_eq!(stack_table(&EVENT_TABLE).unwrap(), "skafu-events");
        assert_eq!(stack_table(&VIEW_TABLE).unwrap(), "skafu-views");
    }
}
