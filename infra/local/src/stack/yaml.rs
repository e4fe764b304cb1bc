//! YAML as JSON: CloudFormation's short tags become their long form, everything else keeps its shape.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Number, Value, json};

/// Why a text is not a document of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum YamlError {
    /// Not YAML; the message tells line and column.
    #[error("not valid YAML: {0}")]
    Syntax(String),
    /// No document, or several.
    #[error("expected one YAML document, found {0}")]
    Documents(usize),
    /// A value JSON cannot hold: a key that is not a scalar, a number that is not finite, an unknown core tag.
    #[error("{0} cannot be written as JSON")]
    NotJson(String),
    /// A `${Name}` that no substitution fills.
    #[error("no substitution for ${{{0}}}")]
    Substitution(String),
}

/// Reads one YAML document. `!Ref x` becomes `{"Ref": "x"}`, `!Sub x` becomes `{"Fn::Sub": "x"}`, and so on.
pub(super) fn parse(text: &str) -> Result<Value, YamlError> {
    let documents = Yaml::load_from_str(text).map_err(|error| YamlError::Syntax(error.to_string()))?;
    match documents.as_slice() {
        [document] => json_of(document),
        several => Err(YamlError::Documents(several.len())),
    }
}

fn json_of(node: &Yaml<'_>) -> Result<Value, YamlError> {
    match node {
        Yaml::Value(scalar) => scalar_of(scalar),
        Yaml::Sequence(items) => items.iter().map(json_of).collect(),
        Yaml::Mapping(fields) => {
            let fields = fields.iter().map(|(key, value)| Ok((key_of(key)?, json_of(value)?)));
            Ok(Value::Object(fields.collect::<Result<Map<_, _>, YamlError>>()?))
        }
        Yaml::Tagged(tag, inner) if tag.is_yaml_core_schema() => json_of(inner),
        Yaml::Tagged(tag, inner) => Ok(long_form(&tag.suffix, json_of(inner)?)),
        other => Err(YamlError::NotJson(format!("{other:?}"))),
    }
}

fn scalar_of(scalar: &Scalar<'_>) -> Result<Value, YamlError> {
    Ok(match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => Value::Bool(*value),
        Scalar::Integer(value) => json!(value),
        Scalar::FloatingPoint(value) => {
            let number = Number::from_f64(value.into_inner());
            Value::Number(number.ok_or_else(|| YamlError::NotJson(value.to_string()))?)
        }
        Scalar::String(value) => Value::String(value.to_string()),
    })
}

fn key_of(key: &Yaml<'_>) -> Result<String, YamlError> {
    match key {
        Yaml::Value(Scalar::String(text)) => Ok(text.to_string()),
        Yaml::Value(scalar) => Ok(scalar_of(scalar)?.to_string()),
        other => Err(YamlError::NotJson(format!("the key {other:?}"))),
    }
}

fn long_form(tag: &str, value: Value) -> Value {
    let value = match (tag, value) {
        ("GetAtt", Value::String(dotted)) => match dotted.split_once('.') {
            Some((resource, attribute)) => json!([resource, attribute]),
            None => json!([dotted]),
        },
        (_, value) => value,
    };
    match tag {
        "Ref" | "Condition" => json!({ tag: value }),
        _ => json!({ format!("Fn::{tag}"): value }),
    }
}

/// Reads a state machine's definition and fills each `${Name}` in its strings, as SAM's `DefinitionSubstitutions` do.
pub fn parse_definition<'a>(
    text: &str,
    substitution: impl Fn(&str) -> Option<&'a str>,
) -> Result<Value, YamlError> {
    let mut definition = parse(text)?;
    fill(&mut definition, &substitution)?;
    Ok(definition)
}

fn fill<'a>(value: &mut Value, substitution: &impl Fn(&str) -> Option<&'a str>) -> Result<(), YamlError> {
    match value {
        Value::String(text) if text.contains("${") => {
            *text = expand(text, |name| {
                let found = substitution(name).map(str::to_owned);
                found.ok_or_else(|| YamlError::Substitution(name.to_owned()))
            })?;
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| fill(item, substitution)),
        Value::Object(fields) => fields.values_mut().try_for_each(|field| fill(field, substitution)),
        _ => Ok(()),
    }
}

/// Replaces each `${name}` of a text; `${!name}` stands for a literal `${name}`.
pub(super) fn expand<E>(text: &str, mut value: impl FnMut(&str) -> Result<String, E>) -> Result<String, E> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        expanded.push_str(before);
        let Some((name, remainder)) = after.split_once('}') else {
            expanded.push_str("${");
            rest = after;
            continue;
        };
        match name.strip_prefix('!') {
            Some(literal) => expanded.push_str(&format!("${{{literal}}}")),
            None => expanded.push_str(&value(name)?),
        }
        rest = remainder;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_tags_read_as_their_long_form() {
        let read =
            parse("a: !Ref T\nb: !GetAtt T.Stream.Arn\nc: !Sub '${T}-x'\nd: !If [C, !Ref A, 1]\n").unwrap();
        let long = json!({
            "a": {"Ref": "T"}, "b": {"Fn::GetAtt": ["T", "Stream.Arn"]}, "c": {"Fn::Sub": "${T}-x"},
            "d": {"Fn::If": ["C", {"Ref": "A"}, 1]}
        });
        assert_eq!(read, long);
    }

    #[test]
    fn quoted_scalars_stay_strings() {
        let read = parse("a: '2012'\nb: 2012\nc: \"true\"\nd: 1.5\ne: ~\n").unwrap();
        assert_eq!(read, json!({"a": "2012", "b": 2012, "c": "true", "d": 1.5, "e": null}));
    }

    #[test]
    fn a_definition_is_filled_and_keeps_what_is_not_a_substitution() {
        let text = "States: {A: {F: '${Fn}', Q: '{% $x & \"$\" %}', L: '${!Fn}'}}";
        let read = parse_definition(text, |name| (name == "Fn").then_some("arn:x")).unwrap();
        assert_eq!(read, json!({"States": {"A": {"F": "arn:x", "Q": "{% $x & \"$\" %}", "L": "${Fn}"}}}));
        let missing = parse_definition(text, |_| None);
        assert_eq!(missing, Err(YamlError::Substitution("Fn".into())));
    }

    #[test]
    fn what_is_not_one_document_is_refused() {
        assert!(matches!(parse("a: [1"), Err(YamlError::Syntax(_))));
        assert!(matches!(parse("a: 1\na: 2"), Err(YamlError::Syntax(_))));
        assert_eq!(parse("--- 1\n--- 2\n"), Err(YamlError::Documents(2)));
        assert!(matches!(parse("? [a]\n: 1"), Err(YamlError::NotJson(_))));
    }
}
