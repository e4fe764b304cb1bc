//! Methods of texts.

use minijinja::value::Tuple;
use minijinja::{Error, ErrorKind, Value};

use super::args::{Bound, bind, misuse, type_name};
use super::list::List;
use super::markup::joined;
use super::sequence;
use super::token::is_space;
use super::{case, spec, text};

const SPAN: [&str; 3] = ["sub", "start", "end"];

/// Calls a method of a text.
pub(super) fn call(value: &Value, name: &str, args: &[Value]) -> Result<Value, Error> {
    let s = value.as_str().unwrap_or_default();
    if name == "format" {
        return spec::format(s, args).map(Value::from);
    }
    if let Some(result) = plain(s, name, args) {
        return result;
    }
    match name {
        "strip" | "lstrip" | "rstrip" => {
            let chars = bind(name, &["chars"], 0, args)?.optional_text(0)?;
            let is_stripped = |c: char| chars.as_ref().map_or_else(|| is_space(c), |chars| chars.contains(c));
            let s = if name == "rstrip" { s } else { s.trim_start_matches(is_stripped) };
            Ok(Value::from(if name == "lstrip" { s } else { s.trim_end_matches(is_stripped) }))
        }
        "split" | "rsplit" => {
            let bound = bind(name, &["sep", "maxsplit"], 0, args)?;
            let most = usize::try_from(bound.integer(1, -1)?).unwrap_or(usize::MAX);
            let parts = match bound.optional_text(0)?.as_deref() {
                Some("") => return Err(misuse("the separator is empty")),
                Some(separator) if name == "split" => {
                    s.splitn(most.saturating_add(1), separator).map(Value::from).collect()
                }
                Some(separator) => {
                    let parts = s.rsplitn(most.saturating_add(1), separator).map(Value::from);
                    let mut parts: Vec<Value> = parts.collect();
                    parts.reverse();
                    parts
                }
                None if name == "split" => words(s, most),
                None => words_from_the_end(s, most),
            };
            Ok(List::value(parts))
        }
        "splitlines" => Ok(List::value(lines(s, bind(name, &["keepends"], 0, args)?.flag(0, false)?))),
        "partition" | "rpartition" => {
            let separator = bind(name, &["sep"], 1, args)?.text(0)?;
            if separator.is_empty() {
                return Err(misuse("the separator is empty"));
            }
            let found =
                if name == "partition" { s.split_once(&separator) } else { s.rsplit_once(&separator) };
            let parts = match found {
                Some((before, after)) => [before, &separator, after],
                None if name == "partition" => [s, "", ""],
                None => ["", "", s],
            };
            Ok(Value::from(Tuple::from(parts.map(Value::from))))
        }
        "replace" => {
            let bound = bind(name, &["old", "new", "count"], 2, args)?;
            let count = usize::try_from(bound.integer(2, -1)?).unwrap_or(usize::MAX);
            replaced(s, &bound.text(0)?, &bound.text(1)?, count).map(Value::from)
        }
        "find" | "rfind" | "index" | "rindex" => {
            let found = find(s, &bind(name, &SPAN, 1, args)?, name.starts_with('r'))?;
            match found {
                None if name.ends_with("index") => Err(misuse("the text is not in it")),
                found => Ok(found.map_or(Value::from(-1), Value::from)),
            }
        }
        "count" => {
            let bound = bind(name, &SPAN, 1, args)?;
            let (part, wanted) = (span(s, &bound)?.1, bound.text(0)?);
            Ok(Value::from(if wanted.is_empty() {
                part.chars().count() + 1
            } else {
                part.matches(&wanted).count()
            }))
        }
        "startswith" | "endswith" => affix(s, &bind(name, &SPAN, 1, args)?, name == "startswith"),
        "removeprefix" => {
            let prefix = bind(name, &["prefix"], 1, args)?.text(0)?;
            Ok(Value::from(s.strip_prefix(&prefix).unwrap_or(s)))
        }
        "removesuffix" => {
            let suffix = bind(name, &["suffix"], 1, args)?.text(0)?;
            Ok(Value::from(s.strip_suffix(&suffix).unwrap_or(s)))
        }
        "center" | "ljust" | "rjust" => {
            let bound = bind(name, &["width", "fillchar"], 1, args)?;
            let fill = bound.optional_text(1)?.unwrap_or_else(|| " ".to_owned());
            if fill.chars().count() != 1 {
                return Err(misuse("the fill must be one character"));
            }
            Ok(Value::from(justified(s, bound.count(0, 0)?, &fill, name)?))
        }
        "zfill" => {
            let width = bind(name, &["width"], 1, args)?.count(0, 0)?;
            let (sign, digits) = s.split_at(usize::from(s.starts_with(['+', '-'])));
            Ok(Value::from(
                sign.to_owned() + &justified(digits, width.saturating_sub(sign.len()), "0", "rjust")?,
            ))
        }
        "expandtabs" => Ok(Value::from(expanded(s, bind(name, &["tabsize"], 0, args)?.count(0, 8)?)?)),
        "join" => {
            let items = sequence::items(&bind(name, &["iterable"], 1, args)?.value(0))?;
            let mut parts = Vec::with_capacity(items.len() * 2);
            for (index, item) in items.into_iter().enumerate() {
                if item.as_str().is_none() {
                    return Err(misuse(format!("only texts can be joined, not {}", type_name(&item))));
                }
                if index > 0 {
                    parts.push(Value::from(s));
                }
                parts.push(item);
            }
            joined(&parts)
        }
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

/// Methods without arguments.
fn plain(s: &str, name: &str, args: &[Value]) -> Option<Result<Value, Error>> {
    let all = |is: fn(char) -> bool| Value::from(!s.is_empty() && s.chars().all(is));
    let result = match name {
        "upper" => Value::from(s.to_uppercase()),
        "lower" => Value::from(s.to_lowercase()),
        "title" => Value::from(case::title(s)),
        "capitalize" => Value::from(case::capitalized(s)),
        "swapcase" => Value::from(case::swapped(s)),
        "casefold" => Value::from(case::folded(s)),
        "isidentifier" => Value::from(case::is_identifier(s)),
        "isalpha" => all(char::is_alphabetic),
        "isalnum" => all(char::is_alphanumeric),
        "isdecimal" => all(case::is_decimal),
        "isdigit" => all(case::is_digit),
        "isnumeric" => all(char::is_numeric),
        "isspace" => all(is_space),
        "isascii" => Value::from(s.is_ascii()),
        "isprintable" => Value::from(s.chars().all(text::is_printable)),
        "islower" => Value::from(case::is_lower(s)),
        "isupper" => Value::from(case::is_upper(s)),
        "istitle" => Value::from(case::is_title(s)),
        _ => return None,
    };
    Some(bind(name, &[], 0, args).map(|_| result))
}

fn words(s: &str, most: usize) -> Vec<Value> {
    let mut parts = Vec::new();
    let mut rest = s.trim_start_matches(is_space);
    while !rest.is_empty() {
        let end = if parts.len() == most { rest.len() } else { rest.find(is_space).unwrap_or(rest.len()) };
        parts.push(Value::from(&rest[..end]));
        rest = rest[end..].trim_start_matches(is_space);
    }
    parts
}

fn words_from_the_end(s: &str, most: usize) -> Vec<Value> {
    let mut parts = Vec::new();
    let mut rest = s.trim_end_matches(is_space);
    while !rest.is_empty() {
        if parts.len() == most {
            parts.push(Value::from(rest));
            break;
        }
        let word = rest.rsplit(is_space).next().unwrap_or(rest);
        parts.push(Value::from(word));
        rest = rest[..rest.len() - word.len()].trim_end_matches(is_space);
    }
    parts.reverse();
    parts
}

fn lines(s: &str, keep_ends: bool) -> Vec<Value> {
    let is_end =
        |c: char| matches!(c, '\n'..='\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut parts = Vec::new();
    let mut rest = s;
    while !rest.is_empty() {
        let end = rest.find(is_end).unwrap_or(rest.len());
        let length = match rest[end..].chars().next() {
            Some('\r') if rest[end..].starts_with("\r\n") => 2,
            Some(c) => c.len_utf8(),
            None => 0,
        };
        parts.push(Value::from(&rest[..if keep_ends { end + length } else { end }]));
        rest = &rest[end + length..];
    }
    parts
}

/// The part of a text between two places, and how many characters come before it.
fn span<'s>(s: &'s str, bound: &Bound<'_>) -> Result<(usize, &'s str, bool), Error> {
    let length = i64::try_from(s.chars().count()).unwrap_or(i64::MAX);
    let place = |index: i64| if index < 0 { (index + length).max(0) } else { index };
    let start = place(bound.integer(1, 0)?);
    let stop = place(bound.integer(2, length)?).min(length);
    let is_beyond = start > length || start > stop;
    let byte = |index: i64| {
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        s.char_indices().nth(index).map_or(s.len(), |(at, _)| at)
    };
    let part = if is_beyond { "" } else { &s[byte(start)..byte(stop)] };
    Ok((usize::try_from(start).unwrap_or_default(), part, is_beyond))
}

fn find(s: &str, bound: &Bound<'_>, from_the_end: bool) -> Result<Option<usize>, Error> {
    let wanted = bound.text(0)?;
    let (before, part, is_beyond) = span(s, bound)?;
    let at = if from_the_end { part.rfind(&wanted) } else { part.find(&wanted) };
    Ok(at.filter(|_| !is_beyond).map(|at| before + part[..at].chars().count()))
}

fn affix(s: &str, bound: &Bound<'_>, is_prefix: bool) -> Result<Value, Error> {
    let given = bound.value(0);
    let candidates = if given.is_tuple() { sequence::items(&given)? } else { vec![given] };
    let (_, part, is_beyond) = span(s, bound)?;
    for candidate in &candidates {
        let Some(affix) = candidate.as_str() else {
            return Err(misuse(format!(
                "a text or a tuple of texts is needed, not {}",
                type_name(candidate)
            )));
        };
        if !is_beyond && (if is_prefix { part.starts_with(affix) } else { part.ends_with(affix) }) {
            return Ok(Value::from(true));
        }
    }
    Ok(Value::from(false))
}

fn justified(s: &str, width: usize, fill: &str, how: &str) -> Result<String, Error> {
    let missing = width.saturating_sub(s.chars().count());
    if missing > super::repr::MAX_TEXT {
        return Err(misuse("the text is too long"));
    }
    let left = match how {
        "ljust" => 0,
        "rjust" => missing,
        // Of an odd number, the larger half is on the left if the width is odd.
        _ => missing / 2 + (missing & width & 1),
    };
    Ok(fill.repeat(left) + s + &fill.repeat(missing - left))
}

fn expanded(s: &str, size: usize) -> Result<String, Error> {
    if s.matches('\t').count().saturating_mul(size) > super::repr::MAX_TEXT {
        return Err(misuse("the text is too long"));
    }
    let (mut result, mut column) = (String::new(), 0);
    for c in s.chars() {
        match c {
            '\t' if size > 0 => {
                let count = size - column % size;
                result.push_str(&" ".repeat(count));
                column += count;
            }
            '\t' => {}
            other => {
                result.push(other);
                column = if matches!(other, '\n' | '\r') { 0 } else { column + 1 };
            }
        }
    }
    Ok(result)
}

/// The text with another part, so many times.
pub(super) fn replaced(s: &str, old: &str, new: &str, count: usize) -> Result<String, Error> {
    let found = s.matches(old).take(count).count();
    if found.saturating_mul(new.len()).saturating_add(s.len()) > super::repr::MAX_TEXT {
        return Err(misuse("the text is too long"));
    }
    Ok(s.replacen(old, new, count))
}

/// `"ab".center(7)`, for the filter as well.
pub(super) fn centered(s: &str, width: usize) -> Result<String, Error> {
    justified(s, width, " ", "center")
}
