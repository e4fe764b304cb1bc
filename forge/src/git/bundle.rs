use std::io;

use super::{Commit, MAIN_REF, pack};

const SIGNATURE: &[u8] = b"# v2 git bundle\n";

/// The commit as one file that `git clone` reads.
pub fn bundle(commit: &Commit) -> io::Result<Vec<u8>> {
    let mut bytes = SIGNATURE.to_vec();
    bytes.extend(format!("{id} {MAIN_REF}\n{id} HEAD\n\n", id = commit.id).bytes());
    bytes.extend(pack(&commit.objects)?.data);
    Ok(bytes)
}

/// The names in a bundle with the commits they point to; `None` if it is no bundle without prerequisites.
pub fn bundle_heads(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let body = bytes.strip_prefix(SIGNATURE)?;
    let end = body.windows(2).position(|pair| pair == b"\n\n")?;
    let header = std::str::from_utf8(&body[..end]).ok()?;
    header
        .lines()
        .map(|line| {
            let (id, name) = line.split_once(' ')?;
            let is_id = id.len() == 40 && id.bytes().all(|b| b.is_ascii_hexdigit());
            is_id.then(|| (name.to_owned(), id.to_owned()))
        })
        .collect()
}
