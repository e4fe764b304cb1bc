use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use super::Format;

/// The type of a parameter's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParameterType {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A list.
    Array,
    /// Names with values.
    Object,
    /// One of `choices`.
    Choice,
}

impl ParameterType {
    /// Whether a value is of the type. Which values a choice has, its parameter says.
    pub fn admits(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
            Self::Choice => true,
        }
    }

    /// The type's name, as templates write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Array => "array",
            Self::Object => "object",
            Self::Choice => "choice",
        }
    }
}

/// When a parameter is asked for at all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conditional {
    /// The name of an earlier parameter.
    pub depends_on: String,
    /// The parameter applies if the other one has one of these values.
    pub values: Vec<Value>,
}

/// What a template asks of whoever uses it. What it asks of values stands in the fields from `pattern` on,
/// named as in JSON Schema; each belongs to certain types and is empty for others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameter {
    /// `[A-Za-z][A-Za-z0-9_]*` in native templates.
    pub name: String,
    /// The type of its value.
    #[serde(rename = "type")]
    pub parameter_type: ParameterType,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether a value must be given. A parameter with a default never needs one.
    #[serde(default)]
    pub required: bool,
    /// Its value when none is given; a text may be a template expression over earlier parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// The values to choose from; the first is the default if there is no other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Value>,
    /// A heading that parameters shown together have in common.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Where it is shown among the others; see [`in_order`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<i32>,
    /// When it applies; always, if empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditional: Option<Conditional>,
    /// A regular expression the whole text must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// What kind of text it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The fewest characters of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// The most characters of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// The smallest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Number>,
    /// The largest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Number>,
    /// What a number must be a multiple of; above zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiple_of: Option<Number>,
    /// The type of a list's items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<ParameterType>,
    /// The fewest items of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_items: Option<u32>,
    /// The most items of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u32>,
}

impl Parameter {
    /// A parameter that need not be given and takes every value of its type.
    pub fn new(name: impl Into<String>, parameter_type: ParameterType) -> Self {
        Self {
            name: name.into(),
            parameter_type,
            description: None,
            required: false,
            default: None,
            choices: Vec::new(),
            group: None,
            order: None,
            conditional: None,
            pattern: None,
            format: None,
            min_length: None,
            max_length: None,
            minimum: None,
            maximum: None,
            multiple_of: None,
            items: None,
            min_items: None,
            max_items: None,
        }
    }

    /// Whether it is asked for, given the values of the parameters before it.
    pub fn applies(&self, values: &Map<String, Value>) -> bool {
        let Some(conditional) = &self.conditional else { return true };
        values.get(&conditional.depends_on).is_some_and(|value| conditional.values.contains(value))
    }
}

/// The parameters as they are shown: those with an `order` by it, then the others, each as they were declared.
///
/// Values are settled in the order of declaration.
pub fn in_order(parameters: &[Parameter]) -> Vec<&Parameter> {
    let mut shown: Vec<&Parameter> = parameters.iter().collect();
    shown.sort_by_key(|parameter| (parameter.order.is_none(), parameter.order));
    shown
}
