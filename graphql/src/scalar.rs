use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use skafu_events::Timestamp;

/// A moment in UTC as ISO 8601 with milliseconds: `2025-01-18T10:30:00.123Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AwsDateTime(pub Timestamp);

#[Scalar(name = "AWSDateTime")]
impl ScalarType for AwsDateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let json = value.into_json()?;
        serde_json::from_value(json).map(Self).map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
