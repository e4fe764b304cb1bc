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
    &[
        builtin!(
            "api-service",
            ".github/workflows/{{ service }}.yml.j2",
            "template.json",
            "{{ directory }}/.gitignore.j2",
            "{{ directory }}/README.md.j2",
            "{{ directory }}/samconfig.toml.j2",
            "{{ directory }}/template.yaml.j2",
            "{{ directory }}/{% if 'nodejs' in runtime %}package.json{% endif %}.j2",
            "{{ directory }}/{% if 'nodejs' in runtime %}src{% endif %}/app.js",
            "{{ directory }}/{% if 'nodejs' in runtime %}src{% endif %}/items.js",
            "{{ directory }}/{% if 'nodejs' in runtime %}src{% endif %}/routes.js",
            "{{ directory }}/{% if 'nodejs' in runtime %}test{% endif %}/items.test.js",
            "{{ directory }}/{% if 'nodejs' in runtime %}test{% endif %}/routes.test.js",
            "{{ directory }}/{% if 'python' in runtime %}src{% endif %}/app.py",
            "{{ directory }}/{% if 'python' in runtime %}src{% endif %}/items.py",
            "{{ directory }}/{% if 'python' in runtime %}src{% endif %}/routes.py",
            "{{ directory }}/{% if 'python' in runtime %}tests{% endif %}/__init__.py",
            "{{ directory }}/{% if 'python' in runtime %}tests{% endif %}/test_items.py",
            "{{ directory }}/{% if 'python' in runtime %}tests{% endif %}/test_routes.py",
        ),
        builtin!(
            "event-worker",
            ".github/workflows/ci.yml.j2",
            ".gitignore",
            "README.md.j2",
            "samconfig.toml.j2",
            "src/tally.py",
            "src/worker.py",
            "template.json",
            "template.yaml.j2",
            "tests/__init__.py",
            "tests/table.py",
            "tests/test_tally.py",
            "tests/test_worker.py",
        ),
        builtin!(
            "full-stack-template",
            ".github/workflows/ci.yml.j2",
            ".gitignore",
            "README.md.j2",
            "api/src/app.py",
            "api/tests/__init__.py",
            "api/tests/test_app.py",
            "samconfig.toml.j2",
            "scripts/publish.sh.j2",
            "template.json",
            "template.yaml.j2",
            "web/package.json",
            "web/public/index.html.j2",
            "web/public/items.js",
            "web/public/main.js",
            "web/public/style.css",
            "web/public/view.js",
            "web/tests/items.test.js",
            "web/tests/view.test.js",
        ),
        builtin!(
            "nodejs-api-template",
            ".github/workflows/ci.yml.j2",
            ".gitignore",
            "README.md.j2",
            "package.json.j2",
            "samconfig.toml.j2",
            "src/app.js",
            "src/items.js",
            "src/routes.js",
            "template.json",
            "template.yaml.j2",
            "test/items.test.js",
            "test/routes.test.js",
        ),
        builtin!(
            "rust-lambda-api",
            ".github/workflows/ci.yml.j2",
            ".gitignore",
            "Cargo.lock",
            "Cargo.toml.j2",
            "README.md.j2",
            "rustfmt.toml",
            "samconfig.toml.j2",
            "src/dynamo.rs",
            "src/item.rs",
            "src/lib.rs",
            "src/main.rs",
            "src/routes.rs",
            "src/store.rs",
            "template.json",
            "template.yaml.j2",
        ),
        builtin!(
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
        ),
        builtin!(
            "worker-service",
            ".github/workflows/{{ service }}.yml.j2",
            "template.json",
            "{{ directory }}/.gitignore",
            "{{ directory }}/README.md.j2",
            "{{ directory }}/samconfig.toml.j2",
            "{{ directory }}/src/tally.py",
            "{{ directory }}/src/worker.py",
            "{{ directory }}/template.yaml.j2",
            "{{ directory }}/tests/__init__.py",
            "{{ directory }}/tests/table.py",
            "{{ directory }}/tests/test_tally.py",
            "{{ directory }}/tests/test_worker.py",
        ),
    ]
}
