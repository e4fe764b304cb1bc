use std::error::Error;
use std::fmt::{Display, Formatter, Result};

/// An error and everything that caused it, in one line: for logs, whose JSON would show the error alone.
///
/// What a decoder says may quote what stood there, so of its errors only the kind is told.
#[derive(Debug, Clone, Copy)]
pub struct Chain<'a>(pub &'a (dyn Error + 'static));

impl Display for Chain<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        tell(self.0, out)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            out.write_str(": ")?;
            tell(error, out)?;
            source = error.source();
        }
        Ok(())
    }
}

fn tell(error: &(dyn Error + 'static), out: &mut Formatter<'_>) -> Result {
    if let Some(error) = error.downcast_ref::<serde_json::Error>() {
        return write!(out, "its JSON does not fit ({:?})", error.classify());
    }
    if error.is::<serde_dynamo::Error>() {
        return out.write_str("the item does not fit");
    }
    write!(out, "{error}")
}

#[cfg(test)]
mod tests {
    use super::Chain;

    #[derive(Debug, thiserror::Error)]
    #[error("the row cannot be read")]
    struct Row(#[source] Text);

    #[derive(Debug, thiserror::Error)]
    #[error("not a text")]
    struct Text(#[source] serde_json::Error);

    #[test]
    fn every_cause_is_told_and_nothing_is_quoted() {
        let secret = serde_json::from_str::<u8>("\"secret\"").unwrap_err();
        assert_eq!(Chain(&secret).to_string(), "its JSON does not fit (Data)");
        let told = Chain(&Row(Text(secret))).to_string();
        assert_eq!(told, "the row cannot be read: not a text: its JSON does not fit (Data)");
        let item = serde_dynamo::AttributeValue::S("secret".to_owned());
        let item: serde_dynamo::Error = serde_dynamo::from_attribute_value::<_, u8>(item).unwrap_err();
        assert_eq!(Chain(&item).to_string(), "the item does not fit");
    }
}
