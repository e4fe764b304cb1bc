//! The results as tables for people.

use std::fmt::{Arguments, Write};

use crate::PAYLOAD_BYTES;
use crate::measure::{Cell, Effort, Measured};
use crate::proxy::Cost;
use crate::subject::SNAPSHOT_EVERY;
use crate::verdict::Verdict;

/// Everything, as Markdown.
pub fn markdown(results: &[Measured], verdict: &Verdict, effort: Effort) -> String {
    let mut text = String::new();
    for at in 0..results.first().map_or(0, |ours| ours.cells.len()) {
        let rows: Vec<_> =
            results.iter().filter_map(|store| Some((store.name, store.cells.get(at)?))).collect();
        table(&mut text, &rows);
    }
    line(
        &mut text,
        format_args!(
            "Payloads of {PAYLOAD_BYTES} bytes; snapshots every {SNAPSHOT_EVERY} events. Requests and WCU: of a \
             command while no snapshot is due. WCU with snapshots and RCU: the mean of a snapshot interval's \
             commands. Price: WCU with snapshots + RCU / 5."
        ),
    );
    if effort == Effort::Short {
        line(&mut text, format_args!("\nThis was a short run: its commands/s are no figures."));
    }
    for store in results.iter().filter(|store| !store.miscounts.is_empty()) {
        let (name, times, of) = (store.name, store.miscounts.len(), store.cells.len());
        let (shown, expected) = store.miscounts[0];
        line(
            &mut text,
            format_args!(
                "\n{name}: the aggregate as loaded shows another number of events than were written in {times} \
                 of {of} cells, such as {shown} instead of {expected}."
            ),
        );
    }
    list(&mut text, "Where we lose", &verdict.losses);
    if effort == Effort::Full {
        list(&mut text, "Aims missed", &verdict.missed);
    }
    list(&mut text, "Broken", &verdict.broken);
    text
}

/// One cell of all stores, ours first.
fn table(text: &mut String, rows: &[(&str, &Cell)]) {
    let Some((_, ours)) = rows.first() else { return };
    line(text, format_args!("### {}\n", capitalised(&ours.place())));
    line(
        text,
        format_args!("| store | requests | WCU | WCU with snapshots | RCU | price | commands/s | ours is |"),
    );
    line(text, format_args!("|---|---|---|---|---|---|---|---|"));
    for (at, (name, cell)) in rows.iter().enumerate() {
        let factor = if at == 0 { String::new() } else { format!("{:.2} ×", ours.rate() / cell.rate()) };
        line(
            text,
            format_args!(
                "| {name} | {} | {} | {:.2} | {:.2} | {:.2} | {} | {factor} |",
                requests(&cell.plain),
                cell.plain.writes,
                cell.writes(),
                cell.reads(),
                cell.price(),
                rate(cell),
            ),
        );
    }
    text.push('\n');
}

fn capitalised(text: &str) -> String {
    let (first, rest) = text.split_at(1.min(text.len()));
    first.to_uppercase() + rest
}

fn requests(cost: &Cost) -> String {
    let each: Vec<_> =
        cost.requests.iter().map(|(operation, count)| format!("{count} {operation}")).collect();
    format!("{}: {}", cost.total(), each.join(", "))
}

/// The middle rate, with the least and the most.
fn rate(cell: &Cell) -> String {
    match (cell.rates.first(), cell.rates.last()) {
        (Some(least), Some(most)) if cell.rates.len() > 1 => {
            let figure = |rate: f64| if rate < 20.0 { format!("{rate:.1}") } else { format!("{rate:.0}") };
            format!("{} ({}–{})", figure(cell.rate()), figure(*least), figure(*most))
        }
        _ => format!("{:.0}", cell.rate()),
    }
}

fn list(text: &mut String, title: &str, entries: &[String]) {
    line(text, format_args!("\n{title}:{}", if entries.is_empty() { " nowhere." } else { "\n" }));
    for entry in entries {
        line(text, format_args!("- {entry}"));
    }
}

fn line(text: &mut String, arguments: Arguments<'_>) {
    // A string takes all that is written to it.
    let _ = writeln!(text, "{arguments}");
}
