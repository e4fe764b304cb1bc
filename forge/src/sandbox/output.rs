use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::source::{FileMode, SourceFile};
use crate::template::{Made, RenderError, RenderProblem};

/// Writes what is rendered below a directory that nobody else writes to. No path it is given leads out of it:
/// the tree has been checked.
pub(super) struct Output {
    root: PathBuf,
    /// Made last, so that nothing is ever written through one.
    links: Vec<SourceFile>,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

impl Output {
    pub(super) fn new(root: PathBuf) -> Result<Self, RenderError> {
        fs::create_dir_all(&root).map_err(|error| refused("", &error))?;
        Ok(Self { root, links: Vec::new(), files: 0, bytes: 0 })
    }

    pub(super) fn take(&mut self, made: Made) -> Result<(), RenderError> {
        match made {
            Made::Directory(path) => {
                fs::create_dir_all(self.root.join(&path)).map_err(|error| refused(&path, &error))
            }
            Made::File { file, permissions } => {
                self.files += 1;
                self.bytes += file.content.len() as u64;
                if file.mode == FileMode::Symlink {
                    self.links.push(file);
                    return Ok(());
                }
                write(&self.root.join(&file.path), &file, permissions)
                    .map_err(|error| refused(&file.path, &error))
            }
        }
    }

    pub(super) fn finish(&self) -> Result<(), RenderError> {
        self.links.iter().try_for_each(|file| {
            let place = self.root.join(&file.path);
            link(&place, file).map_err(|error| refused(&file.path, &error))
        })
    }
}

fn write(place: &Path, file: &SourceFile, permissions: Option<u32>) -> io::Result<()> {
    if let Some(directory) = place.parent() {
        fs::create_dir_all(directory)?;
    }
    let mut written = OpenOptions::new().write(true).create_new(true).open(place)?;
    written.write_all(&file.content)?;
    set_mode(&written, file.mode, permissions)
}

#[cfg(unix)]
fn set_mode(file: &fs::File, mode: FileMode, permissions: Option<u32>) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = match (permissions, mode) {
        // Never more than a template's own file has, and no bits that change who runs it.
        (Some(permissions), _) => permissions & 0o777,
        (None, FileMode::Executable) => 0o755,
        (None, _) => return Ok(()),
    };
    file.set_permissions(fs::Permissions::from_mode(permissions))
}

#[cfg(not(unix))]
fn set_mode(_: &fs::File, _: FileMode, _: Option<u32>) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn link(place: &Path, file: &SourceFile) -> io::Result<()> {
    if let Some(directory) = place.parent() {
        fs::create_dir_all(directory)?;
    }
    let target = std::str::from_utf8(&file.content).map_err(io::Error::other)?;
    std::os::unix::fs::symlink(target, place)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &SourceFile) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn refused(path: &str, error: &io::Error) -> RenderError {
    RenderError::new(RenderProblem::Output, path, format!("cannot be written: {error}"))
}
