use super::{PathProblem, check_path};

/// Why a symbolic link may not stand in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkProblem {
    /// Not UTF-8.
    #[error("the link's target is not UTF-8")]
    NotText,
    /// Git reads these files itself and refuses to follow a link to them.
    #[error("git does not allow this file to be a symbolic link")]
    GitFile,
    /// `..` stands after a name: where that leads depends on other links.
    #[error("the link's target has a `..` after a name")]
    Winding,
    /// It has more `..` than it has directories above it.
    #[error("the link's target leaves the directory")]
    Leaves,
    /// Absolute, empty, or a path that may not stand in a repository.
    #[error("the link's target cannot be used")]
    Target(#[source] PathProblem),
}

/// Checks that the symbolic link at `path` points to something inside the same tree.
///
/// No link can be another's parent directory (a tree with both is refused), so counting `..` is enough.
pub fn check_link(path: &str, target: &[u8]) -> Result<(), LinkProblem> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if [".gitmodules", ".gitattributes", ".gitignore", ".mailmap"]
        .iter()
        .any(|f| name.eq_ignore_ascii_case(f))
    {
        return Err(LinkProblem::GitFile);
    }
    let target = std::str::from_utf8(target).map_err(|_| LinkProblem::NotText)?;
    let mut rest = target.strip_prefix("./").unwrap_or(target);
    let mut up = 0;
    while let Some(after) = rest.strip_prefix("../").or_else(|| (rest == "..").then_some("")) {
        up += 1;
        rest = after;
    }
    if up > path.matches('/').count() {
        return Err(LinkProblem::Leaves);
    }
    if up > 0 && rest.is_empty() {
        return Ok(());
    }
    match check_path(rest) {
        Err(PathProblem::Relative) if rest.split('/').any(|part| part == "..") => Err(LinkProblem::Winding),
        checked => checked.map_err(LinkProblem::Target),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_may_point_anywhere_inside() {
        for (path, target) in
            [("a", "b"), ("a", "./b/c"), ("d/e/a", "../x"), ("d/e/a", "../../x/y"), ("d/a", "..")]
        {
            assert_eq!(check_link(path, target.as_bytes()), Ok(()), "{path} -> {target}");
        }
    }

    #[test]
    fn but_not_outside() {
        for (path, target, problem) in [
            ("a", "../b", LinkProblem::Leaves),
            ("d/a", "../..", LinkProblem::Leaves),
            ("d/a", "x/../../../b", LinkProblem::Winding),
            ("a", "/etc/passwd", LinkProblem::Target(PathProblem::Absolute)),
            ("a", "", LinkProblem::Target(PathProblem::EmptyPart)),
            ("a", ".git/config", LinkProblem::Target(PathProblem::GitDirectory)),
            ("d/.gitmodules", "x", LinkProblem::GitFile),
        ] {
            assert_eq!(check_link(path, target.as_bytes()), Err(problem), "{path} -> {target}");
        }
        assert_eq!(check_link("a", b"\xff"), Err(LinkProblem::NotText));
    }
}
