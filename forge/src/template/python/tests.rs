//! Jinja2's tests with Python's comparisons.

use minijinja::value::{Rest, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, Value};

use super::args::{bind, defined, misuse, undefined};
use super::case;
use super::compare::{equal, holds};
use super::markup::text_of;
use super::number::{Number, calculate};

fn add_test(
    environment: &mut Environment<'_>,
    name: &'static str,
    test: impl Fn(&Value, &[Value]) -> Result<bool, Error> + Send + Sync + 'static,
) {
    environment.add_test(name, move |given: Rest<ValueOrKwargs>| {
        let given = given.into_values();
        let (value, args) = given.split_first().ok_or_else(|| misuse("a test needs a value"))?;
        test(value, args)
    });
}

pub(super) fn add(environment: &mut Environment<'_>) {
    let comparisons: [(&str, &[&'static str]); 7] = [
        ("==", &["eq", "equalto", "=="]),
        ("!=", &["ne", "!="]),
        ("<", &["lt", "lessthan", "<"]),
        ("<=", &["le", "<="]),
        (">", &["gt", "greaterthan", ">"]),
        (">=", &["ge", ">="]),
        ("in", &["in"]),
    ];
    for (operator, names) in comparisons {
        for name in names {
            add_test(environment, name, move |value, args| {
                holds(value, operator, &bind(name, &["b"], 1, args)?.value(0))
            });
        }
    }
    add_test(environment, "odd", |value, args| remainder(value, args, "odd", 1));
    add_test(environment, "even", |value, args| remainder(value, args, "even", 0));
    add_test(environment, "divisibleby", |value, args| {
        let divisor = bind("divisibleby", &["num"], 1, args)?.value(0);
        equal(&calculate(value, "%", &divisor)?, &Value::from(0))
    });
    add_test(environment, "lower", |value, _| text_of(value).map(|text| case::is_lower(&text)));
    add_test(environment, "upper", |value, _| text_of(value).map(|text| case::is_upper(&text)));
    add_test(environment, "callable", |value, _| Ok(value.is_undefined() || is_callable(value)));
    add_test(environment, "iterable", |value, _| match value.kind() {
        ValueKind::Undefined => Err(undefined(value)),
        kind => Ok(matches!(kind, ValueKind::String | ValueKind::Seq | ValueKind::Map | ValueKind::Iterable)),
    });
    add_test(environment, "sequence", |value, _| {
        Ok(matches!(value.kind(), ValueKind::String | ValueKind::Seq | ValueKind::Map))
    });
    add_test(environment, "mapping", |value, _| Ok(value.kind() == ValueKind::Map));
    add_test(environment, "string", |value, _| Ok(value.kind() == ValueKind::String));
    add_test(environment, "boolean", |value, _| Ok(value.kind() == ValueKind::Bool));
    add_test(environment, "number", |value, _| Ok(Number::of(value).is_some()));
    add_test(environment, "integer", |value, _| Ok(value.kind() == ValueKind::Number && value.is_integer()));
    add_test(environment, "float", |value, _| Ok(value.kind() == ValueKind::Number && !value.is_integer()));
}

fn remainder(value: &Value, args: &[Value], name: &str, wanted: i64) -> Result<bool, Error> {
    bind(name, &[], 0, args)?;
    if defined(value)?.kind() == ValueKind::String {
        return Err(misuse("a text is neither odd nor even"));
    }
    equal(&calculate(value, "%", &Value::from(2))?, &Value::from(wanted))
}

fn is_callable(value: &Value) -> bool {
    let Some(object) = value.as_object() else { return false };
    let name = object.type_name();
    value.kind() == ValueKind::Plain || name.ends_with("::Macro") || name.contains("::functions::")
}
