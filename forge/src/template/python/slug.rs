//! `slugify`, as cookiecutter's filter of that name does it.

use minijinja::{Environment, Error, Value};
use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::args::{bind, misuse};
use super::entities;
use super::filters::add_filter;
use super::markup::text_of;
use super::sequence::items;
use super::strings;

const NAMES: [&str; 13] = [
    "value",
    "entities",
    "decimal",
    "hexadecimal",
    "max_length",
    "word_boundary",
    "separator",
    "save_order",
    "stopwords",
    "regex_pattern",
    "lowercase",
    "replacements",
    "allow_unicode",
];

pub(super) fn add(environment: &mut Environment<'_>) {
    add_filter(environment, "slugify", |_, args| slugified(args));
}

fn slugified(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("slugify", &NAMES, 1, args)?;
    let list = |index: usize| bound.get(index).map_or(Ok(Vec::new()), items);
    let pairs = list(11)?.into_iter().map(|pair| match items(&pair)?.as_slice() {
        [old, new] => Ok((text_of(old)?, text_of(new)?)),
        _ => Err(misuse("replacements are pairs")),
    });
    let replacements: Vec<(String, String)> = pairs.collect::<Result<_, Error>>()?;
    let replaced = |text: String| {
        replacements.iter().try_fold(text, |text, (old, new)| strings::replaced(&text, old, new, usize::MAX))
    };
    let (lowercase, allow_unicode) = (bound.flag(10, true)?, bound.flag(12, false)?);

    let text = without_runs(&replaced(bound.text(0)?)?, '\'', "-");
    let text =
        if allow_unicode { text.nfkc().collect() } else { transliterated(&text.nfkd().collect::<String>()) };
    let text = decoded(&text, bound.flag(1, true)?, bound.flag(2, true)?, bound.flag(3, true)?);
    let text: String = if allow_unicode { text.nfkc().collect() } else { text.nfkd().collect() };
    let text = if lowercase { text.to_lowercase() } else { text };
    let text = without_thousands(&text.replace('\'', ""));
    let text = match bound.optional_text(9)?.filter(|pattern| !pattern.is_empty()) {
        Some(pattern) => {
            let pattern =
                Regex::new(&pattern).map_err(|error| misuse(format!("the pattern is wrong: {error}")))?;
            pattern.replace_all(&text, "-").into_owned()
        }
        None => text.chars().map(|c| if is_kept(c, allow_unicode) { c } else { '-' }).collect(),
    };
    let mut words: Vec<&str> = text.split('-').filter(|word| !word.is_empty()).collect();
    let stopwords = list(8)?.iter().map(text_of).collect::<Result<Vec<_>, _>>()?;
    let stopwords: Vec<String> =
        stopwords.into_iter().map(|word| if lowercase { word.to_lowercase() } else { word }).collect();
    words.retain(|word| !stopwords.iter().any(|stopword| stopword == word));
    let text = replaced(words.join("-"))?;
    let text = match bound.count(4, 0)? {
        0 => text,
        most => truncated(&text, most, bound.flag(5, false)?, bound.flag(7, false)?),
    };
    let separator = bound.optional_text(6)?.unwrap_or_else(|| "-".to_owned());
    Ok(Value::from(text.replace('-', &separator)))
}

fn is_kept(c: char, allow_unicode: bool) -> bool {
    if allow_unicode { c.is_alphanumeric() } else { c == '-' || c.is_ascii_alphanumeric() }
}

/// Every run of the character becomes one of the other text.
fn without_runs(text: &str, c: char, with: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut in_run = false;
    for other in text.chars() {
        match (other == c, in_run) {
            (true, false) => result.push_str(with),
            (true, true) => {}
            (false, _) => result.push(other),
        }
        in_run = other == c;
    }
    result
}

/// Letters of all scripts in ASCII.
fn transliterated(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0'..='\u{7f}' => result.push(c),
            // What the tables of the two libraries have in other ways: nothing here,
            '\u{80}'..='\u{9f}' | '˥'..='˫' | '\u{10000}'.. => {}
            // and unknown there.
            '˯' | '˳' | '϶'..='ϸ' | 'ϼ'..='Ͽ' | 'ۿ' | '૱' | 'ૹ' | 'Ᏽ'..='ᏽ' | 'Ỻ'..='ỿ' | '◴'..='◷' => {
                result.push(' ')
            }
            c => result.push_str(unidecode::unidecode_char(c)),
        }
    }
    result
}

/// Characters that are written as `&name;`, `&#1;` or `&#x1;`.
fn decoded(text: &str, by_name: bool, decimal: bool, hexadecimal: bool) -> String {
    let by_names = |name: &str| entities::character(name).filter(|_| by_name);
    let text = substituted(text, "", |c| c.is_ascii_alphanumeric(), by_names);
    let number =
        |radix: u32| move |digits: &str| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    let text = if decimal { substituted(&text, "#", |c| c.is_ascii_digit(), number(10)) } else { text };
    if hexadecimal { substituted(&text, "#x", |c| c.is_ascii_hexdigit(), number(16)) } else { text }
}

fn substituted(
    text: &str,
    prefix: &str,
    is_part: impl Fn(char) -> bool,
    character: impl Fn(&str) -> Option<char>,
) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, after) = rest.split_at(at);
        result.push_str(before);
        let found = after[1..].strip_prefix(prefix).and_then(|body| {
            let end = body.find(|c| !is_part(c))?;
            let c = body[end..].starts_with(';').then(|| character(&body[..end])).flatten()?;
            Some((c, &body[end + 1..]))
        });
        match found {
            Some((c, after)) => {
                result.push(c);
                rest = after;
            }
            None => {
                result.push('&');
                rest = &after[1..];
            }
        }
    }
    result + rest
}

/// Numbers without the commas between their digits.
fn without_thousands(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let is_digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| c.is_numeric());
    let is_parting =
        |at: usize| chars.get(at) == Some(&',') && is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
    (0..chars.len()).filter(|at| !is_parting(*at)).filter_map(|at| chars.get(at)).collect()
}

fn truncated(text: &str, most: usize, at_words: bool, in_order: bool) -> String {
    let text = text.trim_matches('-');
    let length = |text: &str| text.chars().count();
    let cut = || text.chars().take(most).collect::<String>();
    if length(text) < most {
        return text.to_owned();
    }
    if !at_words {
        return cut().trim_matches('-').to_owned();
    }
    if !text.contains('-') {
        return cut();
    }
    let mut result = String::new();
    for word in text.split('-').filter(|word| !word.is_empty()) {
        let next = length(&result) + length(word);
        if next < most {
            result = result + word + "-";
        } else if next == most {
            result += word;
            break;
        } else if in_order {
            break;
        }
    }
    let result = if result.is_empty() { cut() } else { result };
    result.trim_matches('-').to_owned()
}
