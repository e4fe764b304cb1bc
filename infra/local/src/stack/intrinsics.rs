//! Intrinsic functions: what stands in the template for a value known only now.

use serde_json::{Map, Value};

use super::{
    names::{self, ACCOUNT, REGION, STACK_NAME},
    problem::{Problem, ProblemKind},
    template::Template,
    yaml::expand,
};

/// How far names and conditions may refer to each other; more is a circle.
const DEEPEST: usize = 16;

type Resolved = Result<Option<Value>, Problem>;

/// A scalar as the text CloudFormation makes of it.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

impl Template {
    /// The value with every intrinsic evaluated; `None` is `AWS::NoValue`.
    pub(super) fn resolve(&self, path: &str, value: &Value) -> Resolved {
        Evaluation { template: self, path, depth: 0 }.value(value)
    }

    /// Whether a condition holds.
    pub(super) fn condition(&self, path: &str, name: &str) -> Result<bool, Problem> {
        Evaluation { template: self, path, depth: 0 }.condition(name)
    }

    /// The name a resource has in its service.
    pub(super) fn physical_name(&self, kind: &str, logical_id: &str) -> Result<String, Problem> {
        let path = format!("Resources.{logical_id}.Properties");
        Evaluation { template: self, path: &path, depth: 0 }.physical_name(kind, logical_id)
    }
}

#[derive(Clone, Copy)]
struct Evaluation<'a> {
    template: &'a Template,
    path: &'a str,
    depth: usize,
}

impl Evaluation<'_> {
    fn value(self, value: &Value) -> Resolved {
        match value {
            Value::Object(fields) => match intrinsic(fields) {
                Some((function, argument)) => self.call(function, argument),
                None => {
                    let mut resolved = Map::new();
                    for (key, field) in fields {
                        if let Some(field) = self.value(field)? {
                            resolved.insert(key.clone(), field);
                        }
                    }
                    Ok(Some(Value::Object(resolved)))
                }
            },
            Value::Array(items) => {
                let items = items.iter().map(|item| self.value(item)).collect::<Result<Vec<_>, _>>()?;
                Ok(Some(items.into_iter().flatten().collect()))
            }
            scalar => Ok(Some(scalar.clone())),
        }
    }

    fn call(self, function: &str, argument: &Value) -> Resolved {
        let deeper = self.deeper()?;
        match (function, argument) {
            ("Ref", Value::String(name)) if name == "AWS::NoValue" => Ok(None),
            ("Ref", Value::String(name)) => deeper.reference(name).map(|text| Some(Value::String(text))),
            ("Fn::GetAtt", Value::Array(parts)) => {
                let [Value::String(resource), Value::String(attribute)] = parts.as_slice() else {
                    return Err(self.shape("[resource, attribute]"));
                };
                deeper.attribute(resource, attribute).map(|text| Some(Value::String(text)))
            }
            ("Fn::GetAtt", Value::String(dotted)) => {
                let (resource, attribute) =
                    dotted.split_once('.').ok_or_else(|| self.shape("resource.attribute"))?;
                deeper.attribute(resource, attribute).map(|text| Some(Value::String(text)))
            }
            ("Fn::Sub", Value::String(text)) => deeper.sub(text, &Map::new()).map(Some),
            ("Fn::Sub", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(text), Value::Object(own)] => deeper.sub(text, own).map(Some),
                _ => Err(self.shape("[text, mapping]")),
            },
            ("Fn::If", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(name), yes, no] => {
                    deeper.value(if deeper.condition(name)? { yes } else { no })
                }
                _ => Err(self.shape("[condition, value, value]")),
            },
            ("Fn::Join", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(separator), items] => {
                    let items = deeper.texts(items)?;
                    Ok(Some(Value::String(items.join(separator))))
                }
                _ => Err(self.shape("[separator, list]")),
            },
            ("Fn::Select", Value::Array(parts)) => match parts.as_slice() {
                [index, items] => {
                    let items = deeper.texts(items)?;
                    let index = text_of(index).and_then(|index| index.parse::<usize>().ok());
                    let item = index.and_then(|index| items.into_iter().nth(index));
                    item.map(|text| Some(Value::String(text))).ok_or_else(|| self.shape("[index, list]"))
                }
                _ => Err(self.shape("[index, list]")),
            },
            (unknown, _) => Err(self.problem(ProblemKind::UnknownIntrinsic(unknown.to_owned()))),
        }
    }

    fn sub(self, text: &str, own: &Map<String, Value>) -> Result<Value, Problem> {
        let expanded = expand(text, |name| match (own.get(name), name.split_once('.')) {
            (Some(value), _) => self.text(value),
            (None, Some((resource, attribute))) => self.attribute(resource, attribute),
            (None, None) => self.reference(name),
        })?;
        Ok(Value::String(expanded))
    }

    fn texts(self, items: &Value) -> Result<Vec<String>, Problem> {
        let items = items.as_array().ok_or_else(|| self.shape("a list"))?;
        items.iter().map(|item| self.text(item)).collect()
    }

    fn text(self, value: &Value) -> Result<String, Problem> {
        let value = self.value(value)?;
        value.as_ref().and_then(text_of).ok_or_else(|| self.shape("text"))
    }

    fn reference(self, name: &str) -> Result<String, Problem> {
        if let Some(value) = self.template.parameter(name) {
            return Ok(value.to_owned());
        }
        let pseudo = match name {
            "AWS::StackName" => STACK_NAME,
            "AWS::Region" => REGION,
            "AWS::AccountId" => ACCOUNT,
            "AWS::Partition" => "aws",
            "AWS::URLSuffix" => "localhost",
            _ => {
                let resource = self.resource(name)?;
                let reference = resource.and_then(|(kind, physical)| names::reference(kind, &physical));
                return reference.ok_or_else(|| self.dangling(name));
            }
        };
        Ok(pseudo.to_owned())
    }

    fn attribute(self, logical_id: &str, attribute: &str) -> Result<String, Problem> {
        let resource = self.resource(logical_id)?;
        let found = resource.and_then(|(kind, physical)| names::attribute(kind, &physical, attribute));
        found.ok_or_else(|| self.dangling(&format!("{logical_id}.{attribute}")))
    }

    fn resource(&self, logical_id: &str) -> Result<Option<(&str, String)>, Problem> {
        let kind = self.template.kind(logical_id).filter(|kind| names::naming_property(kind).is_some());
        kind.map(|kind| Ok((kind, self.physical_name(kind, logical_id)?))).transpose()
    }

    fn physical_name(self, kind: &str, logical_id: &str) -> Result<String, Problem> {
        let property = names::naming_property(kind);
        let given = property.and_then(|property| self.template.raw_property(logical_id, property));
        let given = given.map(|value| self.value(value)).transpose()?.flatten();
        match given {
            None => Ok(names::default_name(kind, logical_id)),
            Some(name) => text_of(&name).ok_or_else(|| self.shape("a name")),
        }
    }

    fn condition(self, name: &str) -> Result<bool, Problem> {
        let declared = self.template.declared_condition(name);
        let declared =
            declared.ok_or_else(|| self.problem(ProblemKind::Dangling(format!("condition {name}"))))?;
        self.deeper()?.holds(declared)
    }

    fn holds(self, condition: &Value) -> Result<bool, Problem> {
        let fields = condition.as_object().filter(|fields| fields.len() == 1);
        let (function, argument) =
            fields.and_then(|fields| fields.iter().next()).ok_or_else(|| self.shape("a condition"))?;
        let deeper = self.deeper()?;
        match (function.as_str(), argument, argument.as_array().map(Vec::as_slice)) {
            ("Condition", Value::String(name), _) => deeper.condition(name),
            ("Fn::Equals", _, Some([left, right])) => Ok(deeper.text(left)? == deeper.text(right)?),
            ("Fn::Not", _, Some([inner])) => Ok(!deeper.holds(inner)?),
            ("Fn::And", _, Some(all)) => {
                all.iter().try_fold(true, |so_far, one| Ok(deeper.holds(one)? && so_far))
            }
            ("Fn::Or", _, Some(any)) => {
                any.iter().try_fold(false, |so_far, one| Ok(deeper.holds(one)? || so_far))
            }
            (unknown, ..) => Err(self.problem(ProblemKind::UnknownIntrinsic(unknown.to_owned()))),
        }
    }

    fn deeper(self) -> Result<Self, Problem> {
        if self.depth == DEEPEST {
            return Err(self.shape("free of references to itself"));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }

    fn problem(&self, kind: ProblemKind) -> Problem {
        Problem::new(self.path, kind)
    }

    fn shape(&self, expected: &'static str) -> Problem {
        self.problem(ProblemKind::Shape(expected))
    }

    fn dangling(&self, name: &str) -> Problem {
        self.problem(ProblemKind::Dangling(name.to_owned()))
    }
}

/// An intrinsic is a mapping of one key.
fn intrinsic(fields: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (key, argument) = fields.iter().next().filter(|_| fields.len() == 1)?;
    (key == "Ref" || key.starts_with("Fn::")).then_some((key.as_str(), argument))
}
