/// A Lambda runtime that projects may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Runtime {
    /// Its identifier, as AWS writes it.
    pub name: &'static str,
    /// Whether AWS still supports it.
    pub supported: bool,
}

const fn current(name: &'static str) -> Runtime {
    Runtime { name, supported: true }
}

const fn ended(name: &'static str) -> Runtime {
    Runtime { name, supported: false }
}

/// Every runtime a project may name. Those past their end of support stay accepted as input.
pub const RUNTIMES: &[Runtime] = &[
    ended("python3.9"),
    ended("python3.10"),
    current("python3.11"),
    current("python3.12"),
    current("python3.13"),
    current("python3.14"),
    ended("nodejs18"),
    ended("nodejs18.x"),
    ended("nodejs20"),
    ended("nodejs20.x"),
    current("nodejs22"),
    current("nodejs22.x"),
    current("nodejs24"),
    current("nodejs24.x"),
    current("java11"),
    current("java17"),
    current("java21"),
    ended("dotnet8"),
    current("provided.al2023"),
];
