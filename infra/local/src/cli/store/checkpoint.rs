use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::segments::Standing;
use crate::cli::failure::Failure;

/// What a command had done when it was interrupted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Done<T> {
    /// Which command on which store: another must not go on from here.
    of: Value,
    /// How far each segment is read.
    pub segments: Vec<Standing>,
    /// What came of it.
    pub result: T,
}

/// A file that holds what is done, or none.
pub(super) struct Checkpoint(Option<PathBuf>);

impl Checkpoint {
    pub(super) fn new(file: Option<&Path>) -> Self {
        Self(file.map(Path::to_owned))
    }

    /// What the file holds, or a beginning with that many segments.
    pub(super) fn load<T: Default + DeserializeOwned>(
        &self,
        of: Value,
        segments: u32,
    ) -> Result<Done<T>, Failure> {
        let beginning =
            |of| Done { of, segments: vec![Standing::Start; segments as usize], result: T::default() };
        let Some(file) = &self.0 else { return Ok(beginning(of)) };
        let text = match fs::read(file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(beginning(of)),
            Err(error) => return Err(unusable(file, &error)),
        };
        match serde_json::from_slice::<Done<T>>(&text) {
            Ok(done) if done.of == of && !done.segments.is_empty() => Ok(done),
            Ok(_) | Err(_) => {
                let message = format!("{} is not of this command on this store", file.display());
                Err(Failure::new("RESUME_MISMATCH", message)
                    .hint("remove it, or choose another with --resume"))
            }
        }
    }

    /// Keeps what is done. A crash leaves the old file or the new one.
    pub(super) fn save<T: Serialize>(&self, done: &Done<T>) -> Result<(), Failure> {
        let Some(file) = &self.0 else { return Ok(()) };
        let mut draft = file.clone().into_os_string();
        draft.push(".new");
        let text = serde_json::to_vec(done).map_err(io::Error::from);
        let saved = text.and_then(|text| fs::write(&draft, text)).and_then(|()| fs::rename(&draft, file));
        saved.map_err(|error| unusable(file, &error))
    }

    /// All is done: the next run begins anew.
    pub(super) fn remove(&self) -> Result<(), Failure> {
        let Some(file) = &self.0 else { return Ok(()) };
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(file, &error)),
            _ => Ok(()),
        }
    }
}

fn unusable(file: &Path, error: &io::Error) -> Failure {
    let message = format!("{} cannot be used ({error}): choose another file with --resume", file.display());
    Failure::new("RESUME_UNUSABLE", message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_done_is_found_again_by_the_same_command_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("position.json");
        let checkpoint = Checkpoint::new(Some(&file));
        let mut done: Done<u32> = checkpoint.load(json!("this"), 2).unwrap();
        assert_eq!(done.segments, [Standing::Start, Standing::Start]);
        done.segments[1] = Standing::Done;
        done.result = 7;
        checkpoint.save(&done).unwrap();
        assert_eq!(checkpoint.load::<u32>(json!("this"), 9).unwrap(), done);
        let other = checkpoint.load::<u32>(json!("that"), 2);
        assert!(other.is_err_and(|failure| failure.is("RESUME_MISMATCH")));
        checkpoint.remove().unwrap();
        checkpoint.remove().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn without_a_file_nothing_is_kept() {
        let checkpoint = Checkpoint::new(None);
        let done: Done<u32> = checkpoint.load(json!("this"), 1).unwrap();
        checkpoint.save(&done).unwrap();
        checkpoint.remove().unwrap();
    }
}
