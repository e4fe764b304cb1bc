//! Commits: the ids are those the `git` program gives to the same content.

mod support;

use std::fs;

use skafu_forge::git::{self, MAIN_REF, ObjectKind, bundle_heads, initial_commit};
use skafu_forge::source::{FileMode, SourceFile};
use support::{files, link};

const SECONDS: i64 = 1_737_196_200;

/// Names that sort differently as a file and as a directory, every mode, and the same content twice.
fn sample() -> Vec<SourceFile> {
    let mut sample = files(&[
        ("a.txt", "one\n"),
        ("a/inner", "two\n"),
        ("a-b", "one\n"),
        ("a0/deep/er/file", ""),
        ("ä ö.md", "# ü\n"),
    ]);
    sample.push(SourceFile {
        path: "bin/run".into(),
        mode: FileMode::Executable,
        content: b"#!/bin/sh\n".into(),
    });
    sample.push(link("bin/latest", "run"));
    sample.push(SourceFile::regular(
        "large.bin",
        (0..70_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<u8>>(),
    ));
    sample
}

#[test]
fn ids_are_those_of_git() {
    let commit = initial_commit(&sample(), SECONDS, "Initial commit").unwrap();
    assert_eq!(commit.id.to_string(), "2813341108987cee8205a835a6c61df41ede7e02");
    let empty = initial_commit(&[], 0, "Nothing yet\n").unwrap();
    assert_eq!(empty.objects[1].id.to_string(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    assert_eq!(empty.id.to_string(), "a0b07a6a286d9f3f474425869efcf16af050d999");
}

#[test]
fn the_same_input_gives_the_same_commit_in_any_order() {
    let commit = initial_commit(&sample(), SECONDS, "Initial commit").unwrap();
    let mut reversed = sample();
    reversed.reverse();
    assert_eq!(initial_commit(&reversed, SECONDS, "Initial commit\n").unwrap(), commit);
    assert_ne!(initial_commit(&sample(), SECONDS + 1, "Initial commit").unwrap().id, commit.id);
}

#[test]
fn every_object_is_there_once() {
    let commit = initial_commit(&sample(), SECONDS, "m").unwrap();
    let count = |kind| commit.objects.iter().filter(|object| object.kind == kind).count();
    assert_eq!((count(ObjectKind::Commit), count(ObjectKind::Tree), count(ObjectKind::Blob)), (1, 6, 7));
    assert_eq!((commit.objects[0].kind, commit.objects[0].id), (ObjectKind::Commit, commit.id));
}

#[test]
fn files_that_cannot_be_committed_are_refused() {
    for path in [".git/config", "../x", ""] {
        assert!(initial_commit(&files(&[(path, "")]), 0, "m").is_err(), "{path}");
    }
}

#[test]
fn a_bundle_names_the_branch_and_head() {
    let commit = initial_commit(&sample(), SECONDS, "m").unwrap();
    let bundle = git::bundle(&commit).unwrap();
    let id = commit.id.to_string();
    assert_eq!(bundle_heads(&bundle).unwrap(), [(MAIN_REF.to_owned(), id.clone()), ("HEAD".to_owned(), id)]);
    let heads = bundle.windows(6).position(|bytes| bytes == b"\n\nPACK").unwrap();
    assert_eq!(&bundle[heads + 2..], git::pack(&commit.objects).unwrap().data);
    for broken in
        [&b""[..], b"# v3 git bundle\n\n", b"# v2 git bundle\nxyz refs/heads/main\n\n", &bundle[..60]]
    {
        assert_eq!(bundle_heads(broken), None);
    }
}

#[test]
fn a_pack_counts_its_objects_and_its_index_finds_them() {
    let commit = initial_commit(&sample(), SECONDS, "m").unwrap();
    let pack = git::pack(&commit.objects).unwrap();
    let count = commit.objects.len() as u32;
    assert_eq!(&pack.data[..12], [b"PACK\0\0\0\x02".as_slice(), &count.to_be_bytes()].concat());
    assert_eq!(&pack.data[pack.data.len() - 20..], pack.id.as_slice());
    assert_eq!(&pack.index[..8], b"\xfftOc\0\0\0\x02");
    assert_eq!(pack.index[8 + 255 * 4..8 + 256 * 4], count.to_be_bytes());
    assert_eq!(pack.index.len(), 8 + 256 * 4 + commit.objects.len() * (20 + 4 + 4) + 40);
}

#[test]
fn a_bare_repository_has_what_git_looks_for() {
    let root = tempfile::tempdir().unwrap();
    let place = root.path().join("x.git");
    let commit = initial_commit(&sample(), SECONDS, "m").unwrap();
    git::write_bare(&place, &commit).unwrap();
    assert_eq!(fs::read_to_string(place.join("HEAD")).unwrap(), "ref: refs/heads/main\n");
    assert_eq!(fs::read_to_string(place.join(MAIN_REF)).unwrap(), format!("{}\n", commit.id));
    assert!(place.join("refs/tags").is_dir() && place.join("objects/info").is_dir());
    let mut packs: Vec<_> =
        fs::read_dir(place.join("objects/pack")).unwrap().map(|entry| entry.unwrap().path()).collect();
    packs.sort();
    assert_eq!(packs[0].extension().unwrap(), "idx");
    assert_eq!(packs[1].extension().unwrap(), "pack");
    assert!(git::write_bare(&place, &commit).is_err(), "nothing is overwritten");
}
