use std::fmt::Write as _;
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use serde_json::{Value, json};
use skafu_events::{AggregateKind, StreamId};

use super::args::ListArgs;
use super::creation::{Creation, Status};
use super::desk::Desk;
use super::plain;
use super::standing::{Row, Standing};
use super::subject::WHOLE;
use crate::cli::args::Global;
use crate::cli::failure::{Failure, chain};
use crate::cli::progress::ProgressLine;
use crate::cli::store::{Item, Scope, Table, print};

/// The stream that is being read. Only one is at a time: its commits follow each other in the table.
enum Current {
    Nothing,
    Folding(Box<Creation>),
    /// It could not be read; what else comes of it is passed over.
    Lost(String),
}

/// What was told so far.
struct List<'a> {
    args: &'a ListArgs,
    json: bool,
    answers: Vec<Value>,
    told: u64,
    /// How many need somebody: they failed, or are stuck.
    open: u64,
    unreadable: u64,
    read: u64,
    progress: ProgressLine,
}

/// Prints every creation, as the table is read: no more of it is held than one project.
pub(super) async fn run(global: &Global, args: &ListArgs, desk: &Desk) -> Result<ExitCode, Failure> {
    let kind = AggregateKind::Project;
    let scope = args.tenant.clone().map_or(Scope::Kind(kind), |tenant| Scope::OfTenant(tenant, kind));
    let table = Table::new(&desk.place).within(scope);
    let mut list = List::new(args, global.json);
    let (mut current, mut after) = (Current::Nothing, None);
    loop {
        let page = table.page(WHOLE, after.as_ref()).await?;
        for item in page.items {
            if !current.is(&item.key.partition) {
                let ended = std::mem::replace(&mut current, Current::Nothing);
                if list.end(desk, ended).await? == Goes::ToNobody {
                    return Ok(ExitCode::SUCCESS);
                }
            }
            list.read += 1;
            current = list.fold(current, item);
        }
        list.tell_progress();
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if list.end(desk, current).await? == Goes::ToNobody {
        return Ok(ExitCode::SUCCESS);
    }
    list.finish()
}

/// Whether anybody reads what is printed.
#[derive(PartialEq)]
enum Goes {
    On,
    ToNobody,
}

impl Current {
    fn is(&self, partition: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Folding(creation) => creation.stream.to_string() == partition,
            Self::Lost(lost) => lost == partition,
        }
    }
}

impl<'a> List<'a> {
    fn new(args: &'a ListArgs, json: bool) -> Self {
        let progress = ProgressLine::new();
        Self { args, json, answers: Vec::new(), told: 0, open: 0, unreadable: 0, read: 0, progress }
    }

    fn fold(&mut self, current: Current, item: Item) -> Current {
        let partition = item.key.partition;
        let mut lose = |error: &dyn std::error::Error| {
            self.progress.clear();
            eprintln!("not listed: {partition}: {}", chain(error));
            self.unreadable += 1;
            Current::Lost(partition.clone())
        };
        let commit = match item.commit {
            _ if matches!(current, Current::Lost(_)) => return current,
            Ok(commit) => commit,
            Err(error) => return lose(&error),
        };
        let mut creation = match current {
            Current::Folding(creation) => creation,
            _ => Box::new(Creation::new(commit.stream.clone(), commit.timestamp)),
        };
        match creation.apply(&commit) {
            Ok(()) => Current::Folding(creation),
            Err(error) => lose(&error),
        }
    }

    /// A stream has ended: tells of it, if it is asked for.
    async fn end(&mut self, desk: &Desk, ended: Current) -> Result<Goes, Failure> {
        let Current::Folding(creation) = ended else { return Ok(Goes::On) };
        let row = match creation.status {
            // Whether somebody carries it on stands elsewhere.
            Status::Running => self.row(desk, &creation.stream).await?,
            _ => Some(Row::of(&creation)),
        };
        match row.filter(|row| self.args.status.is_none_or(|wanted| wanted == row.status)) {
            Some(row) => self.tell(&row),
            None => Ok(Goes::On),
        }
    }

    async fn row(&mut self, desk: &Desk, stream: &StreamId) -> Result<Option<Row>, Failure> {
        Ok(Standing::load(desk, stream).await?.map(|standing| standing.row()))
    }

    fn tell(&mut self, row: &Row) -> Result<Goes, Failure> {
        self.told += 1;
        self.open += u64::from(matches!(row.status, Status::Failed | Status::Stuck));
        if self.json {
            self.answers.push(Value::Object(row.answer()));
            return Ok(Goes::On);
        }
        self.progress.clear();
        match writeln!(io::stdout(), "{}", line(row)) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Goes::ToNobody),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(Goes::On),
        }
    }

    fn tell_progress(&mut self) {
        let (read, told) = (self.read, self.told);
        self.progress.show(|| format!("{read} commits read, {told} projects listed"));
    }

    fn finish(self) -> Result<ExitCode, Failure> {
        let Self { args, json, answers, told, open, unreadable, progress, .. } = self;
        drop(progress);
        let code = if unreadable > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        if unreadable > 0 {
            eprintln!(
                "{unreadable} projects could not be read: `skafu store verify` tells all that is wrong"
            );
        }
        if json {
            return print(&json!({ "sagas": answers, "unreadable": unreadable }).to_string(), code);
        }
        let last = match (told, open, args.status) {
            (0, _, Some(status)) => format!("no project's creation is {}", status.word()),
            (0, _, None) => "there is no project".to_owned(),
            (_, 0, _) => return Ok(code),
            _ => "`skafu saga show PROJECT_ID` tells what can be done".to_owned(),
        };
        print(&last, code)
    }
}

fn line(row: &Row) -> String {
    let Row { stream, name, attempt, status, since, trouble } = row;
    let (id, tenant) = (stream.id(), stream.tenant());
    let mut line =
        format!("{:<11}  {id:<36}  {tenant:<12}  {since}  attempt {attempt}  {}", status.word(), plain(name));
    if let Some(trouble) = trouble {
        let step = trouble.step.as_deref().map(|step| format!("{}: ", plain(step))).unwrap_or_default();
        // Writing to a string does not fail.
        let _ = write!(line, "  ({step}{})", plain(&trouble.code));
    }
    line
}
