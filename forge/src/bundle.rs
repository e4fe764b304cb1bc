//! Rendered files as one tar archive. The same files always give the same bytes.

use std::io::{self, Read};

use tar::{Archive, Builder, EntryType, Header};

use crate::source::{FileMode, MAX_FILE_BYTES, SourceFile, TreeProblem, check_tree};

/// Why an archive cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Not a tar archive, or a broken one.
    #[error("the archive cannot be read")]
    Broken(#[from] io::Error),
    /// A name that is not UTF-8, a device, or the like.
    #[error("the archive has an entry that is no file and no symbolic link")]
    Foreign,
    /// Its files cannot stand together in a repository.
    #[error("the archive's files cannot be used")]
    Tree(#[from] TreeProblem),
}

/// Packs files, sorted by path, without times or owners.
pub fn pack(files: &[SourceFile]) -> io::Result<Vec<u8>> {
    let mut sorted: Vec<&SourceFile> = files.iter().collect();
    sorted.sort_by(|a, b| a.path.cmp(&b.path));
    let mut archive = Builder::new(Vec::new());
    for file in sorted {
        let mut header = Header::new_gnu();
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mode(if file.mode == FileMode::Executable { 0o755 } else { 0o644 });
        if file.mode == FileMode::Symlink {
            header.set_entry_type(EntryType::Symlink);
            header.set_size(0);
            let target = std::str::from_utf8(&file.content).map_err(io::Error::other)?;
            archive.append_link(&mut header, &file.path, target)?;
        } else {
            header.set_size(file.content.len() as u64);
            archive.append_data(&mut header, &file.path, file.content.as_slice())?;
        }
    }
    archive.into_inner()
}

/// Unpacks what [`pack`] packed; refuses what could not have come from it.
pub fn unpack(bytes: &[u8]) -> Result<Vec<SourceFile>, BundleError> {
    let mut files = Vec::new();
    for entry in Archive::new(bytes).entries()? {
        let mut entry = entry?;
        let path = String::from_utf8(entry.path_bytes().into_owned()).map_err(|_| BundleError::Foreign)?;
        let executable = entry.header().mode()? & 0o100 != 0;
        let (mode, content) = match entry.header().entry_type() {
            EntryType::Symlink => {
                (FileMode::Symlink, entry.link_name_bytes().ok_or(BundleError::Foreign)?.into_owned())
            }
            EntryType::Regular => {
                // One byte over the limit is enough for the check below to see it.
                let mut content = Vec::new();
                entry.by_ref().take(MAX_FILE_BYTES + 1).read_to_end(&mut content)?;
                (if executable { FileMode::Executable } else { FileMode::Regular }, content)
            }
            _ => return Err(BundleError::Foreign),
        };
        files.push(SourceFile { path, mode, content });
    }
    check_tree(&files)?;
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<SourceFile> {
        let long = format!("{}/{}/file", "a".repeat(120), "b".repeat(120));
        vec![
            SourceFile::regular(long.clone(), b"1\0\xff".to_vec()),
            SourceFile {
                path: "bin/run".into(),
                mode: FileMode::Executable,
                content: b"#!/bin/sh\n".to_vec(),
            },
            SourceFile::regular("empty", ""),
            SourceFile { path: "link".into(), mode: FileMode::Symlink, content: long.into_bytes() },
        ]
    }

    #[test]
    fn what_is_packed_comes_back() {
        assert_eq!(unpack(&pack(&sample()).unwrap()).unwrap(), sample());
        assert_eq!(unpack(&pack(&[]).unwrap()).unwrap(), []);
    }

    #[test]
    fn the_order_of_the_files_does_not_matter() {
        let mut reversed = sample();
        reversed.reverse();
        assert_eq!(pack(&reversed).unwrap(), pack(&sample()).unwrap());
    }

    #[test]
    fn an_archive_from_elsewhere_is_not_trusted() {
        let leak = SourceFile { path: "l".into(), mode: FileMode::Symlink, content: b"../../etc".to_vec() };
        assert!(matches!(unpack(&pack(&[leak]).unwrap()), Err(BundleError::Tree(_))));
        let cut = &pack(&sample()).unwrap()[..700];
        assert!(matches!(unpack(cut), Err(BundleError::Broken(_))));
        let mut archive = Builder::new(Vec::new());
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Fifo);
        header.set_size(0);
        header.set_mode(0o644);
        archive.append_data(&mut header, "pipe", &[][..]).unwrap();
        assert!(matches!(unpack(&archive.into_inner().unwrap()), Err(BundleError::Foreign)));
    }
}
