//! What must hold whatever the machine, what is aimed at, and where others are better.

use crate::measure::{Cell, HISTORIES, Measured};

/// Requests a command of ours may take while no snapshot is due.
const MOST_REQUESTS: u64 = 2;
/// How many times the commands of each peer in Rust we want, where it matters most.
const FACTOR: f64 = 2.0;

/// What was found about us.
#[derive(Debug, Default)]
pub struct Verdict {
    /// What must hold and does not.
    pub broken: Vec<String>,
    /// Aims on time that are missed: these depend on the machine.
    pub missed: Vec<String>,
    /// Where others are better.
    pub losses: Vec<String>,
}

/// Compares the first store, ours, with each other one.
pub fn verdict(results: &[Measured]) -> Verdict {
    let mut verdict = Verdict::default();
    let Some((ours, peers)) = results.split_first() else { return verdict };
    for (at, cell) in ours.cells.iter().enumerate() {
        if cell.plain.total() > MOST_REQUESTS {
            verdict.broken.push(format!("{}: {} requests for a command", cell.place(), cell.plain.total()));
        }
        for (peer, theirs) in peers.iter().filter_map(|peer| Some((peer, peer.cells.get(at)?))) {
            verdict.count(cell, peer, theirs);
            verdict.time(cell, peer, theirs);
        }
    }
    for (shown, expected) in &ours.miscounts {
        verdict.broken.push(format!("a loaded aggregate shows {shown} events instead of {expected}"));
    }
    verdict
}

impl Verdict {
    fn count(&mut self, ours: &Cell, peer: &Measured, theirs: &Cell) {
        let (place, name) = (ours.place(), peer.name);
        if ours.plain.writes > theirs.plain.writes {
            let (ours, theirs) = (ours.plain.writes, theirs.plain.writes);
            self.broken.push(format!("{place}: {ours} WCU, {name} {theirs}"));
        }
        if ours.writes() > theirs.writes() {
            let text =
                format!("{place}: {:.2} WCU with snapshots, {name} {:.2}", ours.writes(), theirs.writes());
            // Who keeps no snapshots pays for none, but for the whole history with every command.
            let losses = if peer.has_snapshots { &mut self.broken } else { &mut self.losses };
            losses.push(text);
        }
        if ours.reads() > theirs.reads() {
            self.losses.push(format!("{place}: {:.2} RCU, {name} {:.2}", ours.reads(), theirs.reads()));
        }
        if ours.price() > theirs.price() {
            self.losses.push(format!("{place}: price {:.2}, {name} {:.2}", ours.price(), theirs.price()));
        }
    }

    fn time(&mut self, ours: &Cell, peer: &Measured, theirs: &Cell) {
        let (place, name, factor) = (ours.place(), peer.name, ours.rate() / theirs.rate());
        if factor < 1.0 {
            let (rate, their_rate) = (ours.rate(), theirs.rate());
            self.losses.push(format!("{place}: {rate:.0} commands/s, {name} {their_rate:.0}"));
            self.missed.push(format!("never behind: {place}: {factor:.2} × {name}"));
        }
        let aimed = ours.events > 1 || ours.history == HISTORIES[2];
        if peer.is_rust && aimed && factor < FACTOR {
            self.missed.push(format!("{FACTOR} × each Rust peer: {place}: {factor:.2} × {name}"));
        }
    }
}
