use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::{Commit, MAIN_REF, pack};

/// A file of ours beside git's own: the id of the initial commit, by which a repository is known again.
pub const INITIAL_COMMIT_FILE: &str = "skafu-initial-commit";

const CONFIG: &str = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n";

/// Writes a bare repository into `directory`, which must not exist, and waits until it is on the disk.
pub fn write_bare(directory: &Path, commit: &Commit) -> io::Result<()> {
    let pack = pack(&commit.objects)?;
    fs::create_dir(directory)?;
    for inner in ["objects/info", "objects/pack", "refs/heads", "refs/tags"] {
        fs::create_dir_all(directory.join(inner))?;
    }
    let id = format!("{}\n", commit.id);
    write(&directory.join(format!("objects/pack/pack-{}.pack", pack.id)), &pack.data, 0o444)?;
    write(&directory.join(format!("objects/pack/pack-{}.idx", pack.id)), &pack.index, 0o444)?;
    write(&directory.join("config"), CONFIG.as_bytes(), 0o644)?;
    write(&directory.join(INITIAL_COMMIT_FILE), id.as_bytes(), 0o644)?;
    write(&directory.join(MAIN_REF), id.as_bytes(), 0o644)?;
    write(&directory.join("HEAD"), format!("ref: {MAIN_REF}\n").as_bytes(), 0o644)?;
    for inner in ["objects/pack", "refs/heads", "."] {
        File::open(directory.join(inner))?.sync_all()?;
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
