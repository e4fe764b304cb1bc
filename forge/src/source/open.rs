use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use super::{Directory, GitBundle, Limits, Source, SourceError, ZipFile};

/// Opens a template where it is: a directory, a zip archive or a git bundle, told by what it holds, not by
/// its name. What has to be unpacked first is unpacked into `scratch`, a directory that the caller removes.
pub fn open(path: &Path, scratch: &Path, limits: Limits) -> Result<Box<dyn Source>, SourceError> {
    if fs::metadata(path).map_err(SourceError::io(path))?.is_dir() {
        return Ok(Box::new(Directory::list(path, limits)?));
    }
    let mut begin = Vec::with_capacity(16);
    let file = File::open(path).map_err(SourceError::io(path))?;
    file.take(16).read_to_end(&mut begin).map_err(SourceError::io(path))?;
    if begin.starts_with(b"PK") {
        Ok(Box::new(ZipFile::open(path, limits)?))
    } else if begin.starts_with(b"# v2 git bundle") || begin.starts_with(b"# v3 git bundle") {
        Ok(Box::new(GitBundle::open(path, scratch, limits)?))
    } else {
        Err(SourceError::Unknown(path.to_owned()))
    }
}
