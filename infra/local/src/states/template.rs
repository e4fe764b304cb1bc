//! JSON in which any text of the form `{% … %}` is a JSONata expression.

use jsonata_core::{
    ast::AstNode,
    evaluator::{Context, Evaluator, EvaluatorOptions},
    parser,
    value::JValue,
};
use serde_json::{Map, Value};

use super::{
    failure::{Failure, QUERY_EVALUATION},
    functions,
};

/// An expression that runs longer than this is taken for an endless loop.
const EVALUATION_LIMIT_MS: u64 = 5_000;

/// A value of a definition, its expressions parsed.
#[derive(Debug, Clone)]
pub(super) enum Template {
    Literal(Value),
    Query { source: String, ast: Box<AstNode> },
    Array(Vec<Template>),
    Object(Vec<(String, Template)>),
}

/// What expressions can refer to.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// `$states`.
    pub(super) states: Value,
    /// Everything assigned so far; `$name` each.
    pub(super) variables: &'a Map<String, Value>,
}

impl Template {
    /// Parses every expression; `problem` receives the path below `value` and what is wrong there.
    pub(super) fn compile(value: &Value, problem: &mut impl FnMut(&str, String)) -> Self {
        Self::compile_at(value, "", problem)
    }

    fn compile_at(value: &Value, path: &str, problem: &mut impl FnMut(&str, String)) -> Self {
        match value {
            Value::String(text) if text.starts_with("{%") => {
                let Some(source) = text.strip_prefix("{%").and_then(|text| text.strip_suffix("%}")) else {
                    problem(path, "an expression must end with `%}`".into());
                    return Self::Literal(value.clone());
                };
                match parser::parse(source.trim()) {
                    Ok(ast) => Self::Query { source: source.trim().to_owned(), ast: Box::new(ast) },
                    Err(error) => {
                        problem(path, format!("is not JSONata: {error}"));
                        Self::Literal(value.clone())
                    }
                }
            }
            Value::Array(items) => {
                let item = |(i, item)| Self::compile_at(item, &format!("{path}[{i}]"), problem);
                Self::Array(items.iter().enumerate().map(item).collect())
            }
            Value::Object(fields) => {
                let field = |(name, field): (&String, &Value)| {
                    (name.clone(), Self::compile_at(field, &format!("{path}.{name}"), problem))
                };
                Self::Object(fields.iter().map(field).collect())
            }
            value => Self::Literal(value.clone()),
        }
    }

    /// Whether anything in it is an expression.
    pub(super) fn has_query(&self) -> bool {
        match self {
            Self::Literal(_) => false,
            Self::Query { .. } => true,
            Self::Array(items) => items.iter().any(Self::has_query),
            Self::Object(fields) => fields.iter().any(|(_, field)| field.has_query()),
        }
    }

    /// The value, with each expression replaced by its result. An expression that yields nothing fails.
    pub(super) fn render(&self, scope: &Scope<'_>) -> Result<Value, Failure> {
        match self {
            Self::Literal(value) => return Ok(value.clone()),
            Self::Array(items) if items.is_empty() => return Ok(Value::Array(Vec::new())),
            Self::Object(fields) if fields.is_empty() => return Ok(Value::Object(Map::new())),
            _ => {}
        }
        let states = JValue::from(scope.states.clone());
        let variables: Vec<_> =
            scope.variables.iter().map(|(name, value)| (name, JValue::from(value.clone()))).collect();
        let bindings = || {
            let mut context = Context::new();
            context.bind("states".into(), states.clone());
            variables.iter().for_each(|(name, value)| context.bind((*name).clone(), value.clone()));
            context
        };
        self.render_with(&bindings)
    }

    fn render_with(&self, bindings: &impl Fn() -> Context) -> Result<Value, Failure> {
        Ok(match self {
            Self::Literal(value) => value.clone(),
            Self::Query { source, ast } => evaluate(ast, bindings())
                .map_err(|problem| Failure::new(QUERY_EVALUATION, format!("`{source}`: {problem}")))?,
            Self::Array(items) => {
                Value::Array(items.iter().map(|item| item.render_with(bindings)).collect::<Result<_, _>>()?)
            }
            Self::Object(fields) => {
                let field = |(name, field): &(String, Self)| Ok((name.clone(), field.render_with(bindings)?));
                Value::Object(fields.iter().map(field).collect::<Result<_, Failure>>()?)
            }
        })
    }
}

fn evaluate(ast: &AstNode, context: Context) -> Result<Value, String> {
    let options = EvaluatorOptions { timeout_ms: Some(EVALUATION_LIMIT_MS), ..Default::default() };
    let mut evaluator = Evaluator::with_options(context, options);
    functions::add_to(&mut evaluator).map_err(|error| error.to_string())?;
    let result = evaluator.evaluate(ast, &JValue::Null).map_err(|error| error.message().to_owned())?;
    if result.is_undefined() || result.is_function() {
        return Err("yields no value".into());
    }
    let json = result.to_json_string().map_err(|error| error.to_string())?;
    serde_json::from_str(&json).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn render(template: Value) -> Result<Value, Failure> {
        let template = Template::compile(&template, &mut |path, problem| panic!("{path}: {problem}"));
        let variables = json!({ "total": 12, "names": ["a", "b"] });
        let states =
            json!({ "input": { "id": "o1", "none": null }, "errorOutput": { "Cause": "{\"a\":[1]}" } });
        template.render(&Scope { states, variables: variables.as_object().unwrap() })
    }

    #[test]
    fn expressions_are_replaced_wherever_they_stand() {
        let rendered = render(json!({
            "id": "{% $states.input.id %}",
            "list": [1, "{% $total * 2 %}", "text {% not an expression %}"],
            "names": "{% $names %}",
            "null": "{% $states.input.none %}",
            "empty": {},
        }));
        let expected = json!({
            "id": "o1", "list": [1, 24, "text {% not an expression %}"], "names": ["a", "b"], "null": null, "empty": {},
        });
        assert_eq!(rendered, Ok(expected));
    }

    #[test]
    fn text_can_be_parsed_as_json() {
        assert_eq!(render(json!("{% $parse($states.errorOutput.Cause).a[0] %}")), Ok(json!(1)));
    }

    #[test]
    fn lists_are_cut_into_pieces_and_numbers_listed() {
        let cases = [
            ("$partition([1, 2, 3, 4, 5], 2)", json!([[1, 2], [3, 4], [5]])),
            ("$partition([1, 2, 3], 2.9)", json!([[1, 2], [3]])),
            ("$partition([], 2)", json!([])),
            ("$range(0, 10, 2)", json!([0, 2, 4, 6, 8, 10])),
            ("$range(1.9, 4, 2)", json!([1, 3])),
            ("$range(3, 1, -1)", json!([3, 2, 1])),
            ("$range(1, 0, 1)", json!([])),
            ("$sum($range(1, 1000, 1))", json!(500_500)),
        ];
        for (source, expected) in cases {
            assert_eq!(render(json!(format!("{{% {source} %}}"))), Ok(expected), "{source}");
        }
    }

    #[test]
    fn texts_are_hashed() {
        // The hashes RFC 1321 and FIPS 180-4 give for "abc".
        let cases = [
            ("MD5", "900150983cd24fb0d6963f7d28e17f72"),
            ("SHA-1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "SHA-384",
                "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
            ),
            (
                "SHA-512",
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            ),
        ];
        for (algorithm, hash) in cases {
            assert_eq!(render(json!(format!("{{% $hash('abc', '{algorithm}') %}}"))), Ok(json!(hash)));
        }
    }

    #[test]
    fn chance_is_new_each_time_unless_it_has_a_seed() {
        let ask = |source: &str| render(json!(format!("{{% {source} %}}"))).unwrap();
        let fractions: Vec<_> = (0..20).map(|_| ask("$random()").as_f64().unwrap()).collect();
        assert!(fractions.iter().all(|fraction| (0.0..1.0).contains(fraction)));
        assert!(fractions.iter().any(|fraction| *fraction > 0.5) && fractions.iter().any(|it| *it < 0.5));
        assert_eq!(ask("$random(7)"), ask("$random(7.9)"));
        assert_ne!(ask("$random(7)"), ask("$random(8)"));
        let id: uuid::Uuid = ask("$uuid()").as_str().unwrap().parse().unwrap();
        assert_eq!((id.get_version_num(), ask("$uuid() = $uuid()")), (4, json!(false)));
    }

    #[test]
    fn an_expression_without_a_value_fails() {
        let sources = [
            "$states.input.missing",
            "$unknown",
            "$sum('x')",
            "function($x) { $x }",
            "$parse('{')",
            "$parse(1)",
            "$partition([1], 0)",
            "$partition('text', 1)",
            "$partition([1])",
            "$range(1, 2, 0)",
            "$range(1, 2)",
            "$range(1, 100000000, 1)",
            "$hash('abc', 'CRC')",
            "$hash(1, 'MD5')",
            "$random('seed')",
            "$eval('1 + 1')",
        ];
        for source in sources {
            let failure = render(json!(format!("{{% {source} %}}"))).unwrap_err();
            assert_eq!(failure.error, QUERY_EVALUATION, "{source}");
        }
    }

    #[test]
    fn a_wrong_expression_is_found_at_its_place() {
        let mut problems = Vec::new();
        let source = json!({ "a": [1, { "b": "{% $x + %}" }], "c": "{% open" });
        Template::compile(&source, &mut |path, _| problems.push(path.to_owned()));
        assert_eq!(problems, [".a[1].b", ".c"]);
    }
}
