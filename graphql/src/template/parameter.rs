use async_graphql::{Enum, Json, SimpleObject};
use serde_json::{Number, Value};
use skafu_events::template::{Parameter, ParameterType as TypeOfParameter};

/// The type of a parameter's value.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "TypeOfParameter", rename_items = "lowercase")]
pub(crate) enum TemplateParameterType {
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

/// What a template asks of whoever uses it.
#[derive(SimpleObject)]
pub(crate) struct TemplateParameter {
    /// Its name.
    name: String,
    /// The type of its value.
    #[graphql(name = "type")]
    parameter_type: TemplateParameterType,
    /// For people.
    description: Option<String>,
    /// Whether a value must be given.
    required: bool,
    /// Its value when none is given; a text may be an expression over earlier parameters.
    default: Option<Json<Value>>,
    /// The values to choose from.
    choices: Vec<Json<Value>>,
    /// A heading that parameters shown together have in common.
    group: Option<String>,
    /// Its place among the others, which they are listed by; those without one come last.
    order: Option<i32>,
    /// When it is asked for; always, if null.
    conditional: Option<TemplateParameterConditional>,
    /// A regular expression the whole text must match.
    pattern: Option<String>,
    /// What kind of text it is: email, uri, uuid, date or hostname.
    format: Option<String>,
    /// The fewest characters of a text.
    min_length: Option<u32>,
    /// The most characters of a text.
    max_length: Option<u32>,
    /// The smallest number.
    minimum: Option<Json<Number>>,
    /// The largest number.
    maximum: Option<Json<Number>>,
    /// What a number must be a multiple of.
    multiple_of: Option<Json<Number>>,
    /// The type of a list's items.
    items: Option<TemplateParameterType>,
    /// The fewest items of a list.
    min_items: Option<u32>,
    /// The most items of a list.
    max_items: Option<u32>,
}

/// When a parameter is asked for.
#[derive(SimpleObject)]
pub(crate) struct TemplateParameterConditional {
    /// The name of another parameter.
    depends_on: String,
    /// The values of that one with which this one is asked for.
    values: Vec<Json<Value>>,
}

impl TemplateParameter {
    pub(super) fn of(it: &Parameter) -> Self {
        let it = it.clone();
        let conditional = it.conditional.map(|conditional| TemplateParameterConditional {
            depends_on: conditional.depends_on,
            values: conditional.values.into_iter().map(Json).collect(),
        });
        Self {
            name: it.name,
            parameter_type: it.parameter_type.into(),
            description: it.description,
            required: it.required,
            default: it.default.map(Json),
            choices: it.choices.into_iter().map(Json).collect(),
            group: it.group,
            order: it.order,
            conditional,
            pattern: it.pattern,
            format: it.format.map(|format| format.name().to_owned()),
            min_length: it.min_length,
            max_length: it.max_length,
            minimum: it.minimum.map(Json),
            maximum: it.maximum.map(Json),
            multiple_of: it.multiple_of.map(Json),
            items: it.items.map(Into::into),
            min_items: it.min_items,
            max_items: it.max_items,
        }
    }
}
