//! Ways to be wrong, for the proofs that somebody would notice.
//!
//! Each stands where the code decides what it is named after. Without the feature `mutants`, which only
//! tests turn on, none can be switched on and the compiler leaves them all out.

/// One mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// What is missing between the row and the batch is not fetched.
    NoGapFetch,
    /// Half of a commit is shown as if it were all of it.
    PartialCommit,
    /// The loser of a race for a row believes what it had read.
    NoStrongReread,
    /// A row that shows nothing any more does not keep its version.
    NoTombstone,
    /// What the bus refused counts as published.
    SwallowedRelayFailure,
    /// The version gate takes the next version for a known one.
    GateOffByOne,
    /// Rows are written beside the transaction that moves the gate.
    LedgerOutside,
    /// An aggregate that cannot be folded is acknowledged, and nobody is told.
    ParkedDropped,
    /// The sweep finds nothing.
    SweepOff,
    /// What is known already is counted once more.
    DuplicateCounted,
    /// An instance remembers which generations are fed.
    GenerationsRemembered,
    /// Code with another fold writes a generation that is being built.
    FoldUnchecked,
    /// A rebuild reads the event table before all code that does not feed the new generation has ended.
    ScanAtOnce,
    /// Questions are answered from a new generation before it is whole.
    EarlyFlip,
    /// Of several generations, the one that is shown gets more than those before it were told of.
    ShownFurther,
}

impl Mutant {
    /// Every one there is.
    pub const ALL: [Self; 15] = [
        Self::NoGapFetch,
        Self::PartialCommit,
        Self::NoStrongReread,
        Self::NoTombstone,
        Self::SwallowedRelayFailure,
        Self::GateOffByOne,
        Self::LedgerOutside,
        Self::ParkedDropped,
        Self::SweepOff,
        Self::DuplicateCounted,
        Self::GenerationsRemembered,
        Self::FoldUnchecked,
        Self::ScanAtOnce,
        Self::EarlyFlip,
        Self::ShownFurther,
    ];

    /// Whether this thread makes the mistake.
    #[cfg(feature = "mutants")]
    pub fn is_on(self) -> bool {
        ON.with(|on| on.get() == Some(self))
    }

    /// Never.
    #[cfg(not(feature = "mutants"))]
    pub const fn is_on(self) -> bool {
        false
    }

    /// Lets this thread make the mistake while it does `work`.
    #[cfg(feature = "mutants")]
    pub fn during<T>(self, work: impl FnOnce() -> T) -> T {
        struct Off;
        impl Drop for Off {
            fn drop(&mut self) {
                ON.with(|on| on.set(None));
            }
        }
        ON.with(|on| on.set(Some(self)));
        let _off = Off;
        work()
    }
}

#[cfg(feature = "mutants")]
thread_local! {
    static ON: std::cell::Cell<Option<Mutant>> = const { std::cell::Cell::new(None) };
}
