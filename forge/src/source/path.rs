/// The most bytes one part of a path may have: what every common file system can hold.
const MAX_PART_BYTES: usize = 255;
/// The most bytes a whole path may have.
const MAX_PATH_BYTES: usize = 1024;

/// Why a path may not stand in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathProblem {
    /// Nothing, `a//b` or `a/`.
    #[error("a part of the path is empty")]
    EmptyPart,
    /// It begins with `/` or a drive letter.
    #[error("the path is absolute")]
    Absolute,
    /// `.` or `..`.
    #[error("the path has a `.` or `..` part")]
    Relative,
    /// Windows would read it as a separator.
    #[error("the path has a backslash")]
    Backslash,
    /// NUL, a line break or the like.
    #[error("the path has a control character")]
    ControlCharacter,
    /// A part some file system would take for `.git`.
    #[error("a part of the path stands for `.git`")]
    GitDirectory,
    /// Over 255 bytes in a part or 1024 in all.
    #[error("the path is too long")]
    TooLong,
}

/// Checks that `path` can stand in a repository on every system and cannot point out of it.
pub fn check_path(path: &str) -> Result<(), PathProblem> {
    if path.starts_with('/') || has_drive(path) {
        return Err(PathProblem::Absolute);
    }
    if path.contains('\\') {
        return Err(PathProblem::Backslash);
    }
    if path.chars().any(char::is_control) {
        return Err(PathProblem::ControlCharacter);
    }
    if path.len() > MAX_PATH_BYTES {
        return Err(PathProblem::TooLong);
    }
    path.split('/').try_for_each(check_part)
}

fn check_part(part: &str) -> Result<(), PathProblem> {
    match part {
        "" => Err(PathProblem::EmptyPart),
        "." | ".." => Err(PathProblem::Relative),
        _ if part.len() > MAX_PART_BYTES => Err(PathProblem::TooLong),
        _ if is_git_directory(part) => Err(PathProblem::GitDirectory),
        _ => Ok(()),
    }
}

fn has_drive(path: &str) -> bool {
    let mut chars = path.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
}

/// Whether a part names git's own directory: on Windows trailing dots and spaces, short names and stream
/// names are ignored, on macOS invisible characters are; git itself refuses to check such trees out.
fn is_git_directory(part: &str) -> bool {
    let visible: String = part.chars().filter(|c| !is_ignored_by_hfs(*c)).collect();
    let base = visible.split(':').next().unwrap_or_default();
    let base = base.trim_end_matches(['.', ' ']);
    base.eq_ignore_ascii_case(".git") || base.eq_ignore_ascii_case("git~1")
}

fn is_ignored_by_hfs(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_paths_pass() {
        for path in [
            "a",
            "src/app.py",
            ".github/workflows/ci.yml",
            ".gitignore",
            "a b/ü.txt",
            "..a",
            "git",
            ".gitx/y",
        ] {
            assert_eq!(check_path(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn paths_that_leave_or_confuse_a_repository_do_not() {
        use PathProblem::*;
        for (path, problem) in [
            ("", EmptyPart),
            ("a//b", EmptyPart),
            ("a/", EmptyPart),
            ("/etc/passwd", Absolute),
            ("C:/x", Absolute),
            ("../x", Relative),
            ("a/../../x", Relative),
            ("./a", Relative),
            ("a\\..\\b", Backslash),
            ("a\0b", ControlCharacter),
            ("a\nb", ControlCharacter),
            (".git/hooks/post-checkout", GitDirectory),
            ("sub/.GIT/config", GitDirectory),
            (".git. ", GitDirectory),
            ("git~1/x", GitDirectory),
            (".git::$INDEX_ALLOCATION/x", GitDirectory),
            (".g\u{200c}it/x", GitDirectory),
        ] {
            assert_eq!(check_path(path), Err(problem), "{path:?}");
        }
        assert_eq!(check_path(&"é".repeat(128)), Err(TooLong));
        assert_eq!(check_path(&"ab/".repeat(400)), Err(TooLong));
    }

    #[test]
    fn whatever_passes_stays_below_its_root() {
        // Every path of up to four parts over an alphabet of troublesome ones.
        let parts = ["a", ".", "..", "", ".git", "b c", "x\\y", "...", ".git."];
        let mut paths: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        for _ in 0..3 {
            let longer: Vec<String> = paths
                .iter()
                .flat_map(|path| parts.iter().map(move |part| format!("{path}/{part}")))
                .collect();
            paths.extend(longer);
        }
        for path in paths.iter().filter(|path| check_path(path).is_ok()) {
            let root = std::path::Path::new("/root");
            let joined = root.join(path);
            assert!(joined.starts_with(root) && !path.contains('\\'), "{path}");
            assert!(joined.components().all(|part| matches!(
                part,
                std::path::Component::Normal(name) if name != ".git"
            ) || part == std::path::Component::RootDir));
        }
    }
}
