//! From a pattern's JSON to its compiled form.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::{
    Field, Pattern, PatternError,
    matcher::{Comparison, Matcher, fold_case},
};

/// A problem whose place the caller adds.
type Compiled<T> = Result<T, String>;

pub(super) fn pattern(value: &Value) -> Result<Pattern, PatternError> {
    let object = value.as_object().ok_or_else(|| error(&[], "must be an object"))?;
    object_pattern(object, &mut Vec::new())
}

fn error(path: &[&str], problem: impl Into<String>) -> PatternError {
    let path = if path.is_empty() { "$".to_owned() } else { path.join(".") };
    PatternError { path, problem: problem.into() }
}

fn object_pattern<'a>(
    object: &'a Map<String, Value>,
    path: &mut Vec<&'a str>,
) -> Result<Pattern, PatternError> {
    if object.is_empty() {
        return Err(error(path, "must not be empty"));
    }
    let mut pattern = Pattern { fields: Vec::new(), any_of: Vec::new() };
    for (name, value) in object {
        path.push(name);
        match value {
            // With other content, `$or` is a field's name like any other.
            Value::Array(options)
                if name == "$or" && options.len() > 1 && options.iter().all(Value::is_object) =>
            {
                for option in options.iter().filter_map(Value::as_object) {
                    pattern.any_of.push(object_pattern(option, path)?);
                }
            }
            Value::Array(values) if values.is_empty() => return Err(error(path, "must not be empty")),
            Value::Array(values) => {
                let matchers = values.iter().map(matcher).collect::<Compiled<_>>();
                let matchers = matchers.map_err(|problem| error(path, problem))?;
                pattern.fields.push((name.clone(), Field::Leaf(matchers)));
            }
            Value::Object(fields) => {
                pattern.fields.push((name.clone(), Field::Object(object_pattern(fields, path)?)));
            }
            _ => return Err(error(path, "must be an object or an array")),
        }
        path.pop();
    }
    Ok(pattern)
}

fn matcher(value: &Value) -> Compiled<Matcher> {
    let Value::Object(object) = value else { return literal(value) };
    let (operator, operand) = only_entry(object)?;
    Ok(match operator {
        "prefix" => affix(operator, operand, Matcher::Prefix, Matcher::PrefixIgnoringCase)?,
        "suffix" => affix(operator, operand, Matcher::Suffix, Matcher::SuffixIgnoringCase)?,
        "equals-ignore-case" => {
            Matcher::EqualsIgnoringCase(fold_case(operand.as_str().ok_or("`equals-ignore-case` needs text")?))
        }
        "wildcard" => Matcher::Wildcard(wildcard(&text(operator, operand)?)?),
        "exists" => Matcher::Exists(operand.as_bool().ok_or("`exists` needs true or false")?),
        "cidr" => network(&text(operator, operand)?)?,
        "numeric" => numeric(operand)?,
        "anything-but" => Matcher::NoneOf(excluded(operand)?),
        _ => return Err(format!("`{operator}` is no known filter")),
    })
}

fn literal(value: &Value) -> Compiled<Matcher> {
    Ok(match value {
        Value::Null => Matcher::Null,
        Value::Bool(wanted) => Matcher::Bool(*wanted),
        Value::String(wanted) => Matcher::Text(wanted.clone()),
        Value::Number(wanted) => Matcher::Number(wanted.as_f64().ok_or("the number is out of range")?),
        _ => return Err("a value must be text, a number, true, false or null".into()),
    })
}

fn only_entry(object: &Map<String, Value>) -> Compiled<(&str, &Value)> {
    let mut entries = object.iter();
    match (entries.next(), entries.next()) {
        (Some((name, value)), None) => Ok((name, value)),
        _ => Err("a filter has exactly one key".into()),
    }
}

fn text(operator: &str, operand: &Value) -> Compiled<String> {
    let text = operand.as_str().filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| format!("`{operator}` needs text that is not empty"))
}

fn affix(
    operator: &str,
    operand: &Value,
    exact: fn(String) -> Matcher,
    ignoring_case: fn(String) -> Matcher,
) -> Compiled<Matcher> {
    let Some(object) = operand.as_object() else { return Ok(exact(text(operator, operand)?)) };
    match only_entry(object)? {
        ("equals-ignore-case", operand) => Ok(ignoring_case(fold_case(&text(operator, operand)?))),
        (other, _) => Err(format!("`{operator}` does not combine with `{other}`")),
    }
}

fn wildcard(source: &str) -> Compiled<Vec<String>> {
    let (mut pieces, mut piece) = (Vec::new(), String::new());
    let mut chars = source.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' => {
                let escaped = chars.next().filter(|c| matches!(c, '*' | '\\'));
                piece.push(escaped.ok_or("only `*` and `\\` can be escaped in a wildcard")?);
            }
            '*' if chars.peek() == Some(&'*') => return Err("consecutive `*` in a wildcard".into()),
            '*' => pieces.push(std::mem::take(&mut piece)),
            char => piece.push(char),
        }
    }
    pieces.push(piece);
    Ok(pieces)
}

fn network(source: &str) -> Compiled<Matcher> {
    let parse = || {
        let (ip, bits) = source.split_once('/')?;
        let (ip, bits) = (ip.parse::<IpAddr>().ok()?, bits.parse::<u8>().ok()?);
        let most = if ip.is_ipv4() { 32 } else { 128 };
        (bits <= most).then_some(Matcher::Network(ip, bits))
    };
    parse().ok_or_else(|| format!("`{source}` is no block of addresses"))
}

fn numeric(operand: &Value) -> Compiled<Matcher> {
    let terms = operand.as_array().filter(|terms| matches!(terms.len(), 2 | 4));
    let terms = terms.ok_or("`numeric` needs one or two comparisons")?;
    let comparison = |term: &[Value]| {
        let [operator, bound] = term else { return Err("`numeric` needs pairs".to_owned()) };
        let bound = bound.as_f64().ok_or("`numeric` compares with numbers")?;
        let operator = match operator.as_str() {
            Some("<") => Comparison::Less,
            Some("<=") => Comparison::LessOrEqual,
            Some("=") => Comparison::Equal,
            Some(">=") => Comparison::GreaterOrEqual,
            Some(">") => Comparison::Greater,
            _ => return Err(format!("`numeric` does not know {operator}")),
        };
        Ok((operator, bound))
    };
    Ok(Matcher::Numeric(terms.chunks(2).map(comparison).collect::<Compiled<_>>()?))
}

fn excluded(operand: &Value) -> Compiled<Vec<Matcher>> {
    let Some(object) = operand.as_object() else {
        return one_or_many(operand, |value| match value {
            Value::String(_) | Value::Number(_) => literal(value),
            _ => Err("`anything-but` needs text or numbers".into()),
        });
    };
    match only_entry(object)? {
        (operator @ ("prefix" | "suffix" | "equals-ignore-case" | "wildcard"), operand) => {
            one_or_many(operand, |operand| matcher(&serde_json::json!({ operator: operand })))
        }
        (other, _) => Err(format!("`anything-but` does not combine with `{other}`")),
    }
}

fn one_or_many(value: &Value, compile: impl Fn(&Value) -> Compiled<Matcher>) -> Compiled<Vec<Matcher>> {
    match value {
        Value::Array(values) if values.is_empty() => {
            Err("`anything-but` needs a list that is not empty".into())
        }
        Value::Array(values) => values.iter().map(compile).collect(),
        value => Ok(vec![compile(value)?]),
    }
}
