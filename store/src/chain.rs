use std::error::Error;
use std::fmt::{Display, Formatter, Result};

/// An error and everything that caused it, in one line: for logs, whose JSON would show the error alone.
///
/// What a decoder says may quote what stood there, so of JSON's errors only the kind is told.
#[derive(Debug, Clone, Copy)]
pub struct Chain<'a>(pub &'a (dyn Error + 'static));

impl Display for Chain<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        write!(out, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            match error.downcast_ref::<serde_json::Error>() {
                Some(error) => write!(out, ": its JSON does not fit ({:?})", error.classify())?,
                None => write!(out, ": {error}")?,
            }
            source = error.source();
        }
        Ok(())
    }
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
        let told = Chain(&Row(Text(secret))).to_string();
        assert_eq!(told, "the row cannot be read: not a text: its JSON does not fit (Data)");
    }
}
