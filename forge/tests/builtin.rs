//! The templates that ship with Skafu.

mod support;

use std::path::Path;

use serde_json::json;
use skafu_forge::template::{Layout, inspect};
use skafu_forge::{builtin, source};
use support::{object, project, render, text_at};

#[test]
fn every_file_on_disk_is_embedded() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut on_disk: Vec<_> =
        root.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    on_disk.sort();
    let embedded: Vec<_> = builtin::all().iter().map(|builtin| builtin.id).collect();
    assert_eq!(embedded, on_disk);
    for builtin in builtin::all() {
        assert_eq!(builtin.source_files(), source::read_directory(&root.join(builtin.id)).unwrap());
    }
}

#[test]
fn each_is_sound_and_renders_with_its_defaults() {
    for builtin in builtin::all() {
        let template = inspect(&builtin.source_files()).unwrap();
        assert_eq!((template.layout, template.descriptor.id.as_deref()), (Layout::Native, Some(builtin.id)));
        assert!(template.notes.is_empty());
        let files = render(&template, json!({})).unwrap();
        assert!(files.iter().all(|file| !file.path.ends_with(".j2")));
        let left: Vec<_> = files.iter().filter(|file| text_at(&files, &file.path).contains("{%")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn the_python_api_follows_its_parameters() {
    let builtin = builtin::all().iter().find(|builtin| builtin.id == "sam-python-api").unwrap();
    let template = inspect(&builtin.source_files()).unwrap();
    let given =
        json!({"runtime": "python3.12", "region": "eu-west-1", "memory": 512, "architecture": "x86_64"});
    let files = render(&template, given).unwrap();
    let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            ".github/workflows/ci.yml",
            ".gitignore",
            "README.md",
            "samconfig.toml",
            "src/app.py",
            "template.yaml",
            "tests/__init__.py",
            "tests/test_app.py"
        ]
    );
    let stack = text_at(&files, "template.yaml");
    for line in [
        "Description: \"Sells \\\"things\\\"\"\n",
        "    Runtime: python3.12\n",
        "    Architectures: [x86_64]\n",
        "    MemorySize: 512\n",
    ] {
        assert!(stack.contains(line), "{line}");
    }
    let workflow = text_at(&files, ".github/workflows/ci.yml");
    assert!(workflow.contains("  group: ${{ github.workflow }}-${{ github.ref }}\n  cancel-in-progress"));
    assert!(workflow.contains("python-version: \"3.12\"\n"));
    let settings = text_at(&files, "samconfig.toml");
    assert!(
        settings.contains("stack_name = \"demo-shop\"\n") && settings.contains("region = \"eu-west-1\"\n")
    );
    assert!(text_at(&files, "README.md").starts_with("# Demo Shop\n\nSells \"things\"\n\nAn HTTP API"));
}

#[test]
fn the_python_api_refuses_what_it_cannot_use() {
    let builtin = builtin::all().iter().find(|builtin| builtin.id == "sam-python-api").unwrap();
    let template = inspect(&builtin.source_files()).unwrap();
    for wrong in [json!({"runtime": "python2.7"}), json!({"region": "\"x\""}), json!({"memory": "lots"})] {
        assert_eq!(template.resolve(&object(wrong.clone()), &project()).unwrap_err().len(), 1, "{wrong}");
    }
}
