use serde_json::{Number, Value};

use super::{Parameter, ParameterType};

/// Why a value does not fit its parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenRule {
    /// The parameter's field that says so: `type`, `choice`, or a name such as `maxLength`.
    pub rule: &'static str,
    /// The rest of a sentence about the value, such as "must be at most 5".
    pub message: String,
}

impl Parameter {
    /// The first rule a value breaks, but for `pattern`: this crate knows no regular expressions.
    pub fn broken_by(&self, value: &Value) -> Option<BrokenRule> {
        let broken = |rule, message| Some(BrokenRule { rule, message });
        if self.parameter_type == ParameterType::Choice {
            let choices = || self.choices.iter().map(Value::to_string).collect::<Vec<_>>().join(", ");
            let known = self.choices.contains(value);
            return if known { None } else { broken("choice", format!("must be one of {}", choices())) };
        }
        if !self.parameter_type.admits(value) {
            return broken("type", format!("must be of type {}", self.parameter_type.name()));
        }
        match value {
            Value::String(text) => self.text(text),
            Value::Number(number) => self.number(number),
            Value::Array(items) => self.list(items),
            _ => None,
        }
        .map(|(rule, message)| BrokenRule { rule, message })
    }

    fn text(&self, text: &str) -> Option<(&'static str, String)> {
        let length = text.chars().count() as u64;
        if let Some(least) = self.min_length.filter(|least| length < u64::from(*least)) {
            return Some(("minLength", format!("must have at least {least} characters")));
        }
        if let Some(most) = self.max_length.filter(|most| length > u64::from(*most)) {
            return Some(("maxLength", format!("must have at most {most} characters")));
        }
        let format = self.format.filter(|format| !format.admits(text))?;
        Some(("format", format!("must be in the format {format}")))
    }

    fn number(&self, number: &Number) -> Option<(&'static str, String)> {
        if let Some(least) = self.minimum.as_ref().filter(|least| is_less(number, least)) {
            return Some(("minimum", format!("must be at least {least}")));
        }
        if let Some(most) = self.maximum.as_ref().filter(|most| is_less(most, number)) {
            return Some(("maximum", format!("must be at most {most}")));
        }
        let of = self.multiple_of.as_ref().filter(|of| !is_multiple(number, of))?;
        Some(("multipleOf", format!("must be a multiple of {of}")))
    }

    fn list(&self, items: &[Value]) -> Option<(&'static str, String)> {
        if let Some(least) = self.min_items.filter(|least| items.len() < *least as usize) {
            return Some(("minItems", format!("must have at least {least} items")));
        }
        if let Some(most) = self.max_items.filter(|most| items.len() > *most as usize) {
            return Some(("maxItems", format!("must have at most {most} items")));
        }
        let wanted = self.items?;
        items.iter().any(|item| !wanted.admits(item)).then(|| {
            let message = format!("must have items of type {} only", wanted.name());
            ("items", message)
        })
    }
}

/// Whole numbers are compared exactly, whatever their size.
fn is_less(one: &Number, other: &Number) -> bool {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => one < other,
        _ => one.as_f64().zip(other.as_f64()).is_some_and(|(one, other)| one < other),
    }
}

fn is_multiple(number: &Number, of: &Number) -> bool {
    match (number.as_i128(), of.as_i128()) {
        (_, Some(0)) => false,
        (Some(number), Some(of)) => number % of == 0,
        // 0.3 is three times 0.1 for whoever wrote that, though not for the machine.
        _ => number.as_f64().zip(of.as_f64()).is_some_and(|(number, of)| {
            let times = number / of;
            times.is_finite() && (times - times.round()).abs() <= 1e-9 * times.abs().max(1.0)
        }),
    }
}
