//! The templates that ship with Skafu, embedded when it is built.

use crate::source::SourceFile;

/// A template that is always there.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    /// Its id: the name of its directory, and the `id` in its `template.json`.
    pub id: &'static str,
    /// Its files: path and content. None is executable, none is a link.
    pub files: &'static [(&'static str, &'static [u8])],
}

impl Builtin {
    /// The files as [`crate::template::inspect`] takes them.
    pub fn source_files(&self) -> Vec<SourceFile> {
        self.files.iter().map(|(path, content)| SourceFile::regular(*path, *content)).collect()
    }
}

macro_rules! builtin {
    ($id:literal, $($path:literal),+ $(,)?) => {
        Builtin {
            id: $id,
            files: &[$(($path, include_bytes!(concat!("../templates/", $id, "/", $path)))),+],
        }
    };
}

/// Every built-in template. A test compares the list with the directory it was made from.
pub fn all() -> &'static [Builtin] {
    &[builtin!(
        "sam-python-api",
        ".github/workflows/ci.yml.j2",
        ".gitignore",
        "README.md.j2",
        "samconfig.toml.j2",
        "src/app.py",
        "template.json",
        "template.yaml.j2",
        "tests/__init__.py",
        "tests/test_app.py",
    )]
}
