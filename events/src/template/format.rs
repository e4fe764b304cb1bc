use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A kind of text that a pattern would describe badly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// `name@host`, in ASCII, without quotes.
    Email,
    /// An absolute URI: a scheme, and something after it.
    Uri,
    /// A UUID with its four hyphens.
    Uuid,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// The name of a host: letters, digits and hyphens between dots.
    Hostname,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Email, Self::Uri, Self::Uuid, Self::Date, Self::Hostname];

    /// The format's name, as templates write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Uri => "uri",
            Self::Uuid => "uuid",
            Self::Date => "date",
            Self::Hostname => "hostname",
        }
    }

    /// Whether a text is of this kind.
    pub fn admits(self, text: &str) -> bool {
        match self {
            Self::Email => is_email(text),
            Self::Uri => is_uri(text),
            // Other lengths are UUIDs written in other ways.
            Self::Uuid => text.len() == 36 && Uuid::try_parse(text).is_ok(),
            Self::Date => is_date(text),
            Self::Hostname => is_hostname(text),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn is_date(text: &str) -> bool {
    // Reading a date also takes signs, spaces and missing zeros.
    let is_in_place =
        |(at, b): (usize, u8)| if [4, 7].contains(&at) { b == b'-' } else { b.is_ascii_digit() };
    text.len() == 10
        && text.bytes().enumerate().all(is_in_place)
        && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else { return false };
    let is_atom = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
    };
    name.len() <= 64 && name.split('.').all(is_atom) && is_hostname(host)
}

fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let mut parts = rest.split('%');
    let is_plain = |part: &str| {
        part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(&b))
    };
    let starts_in_hex = |part: &str| part.len() >= 2 && part.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    is_scheme
        && !rest.is_empty()
        && parts.next().is_some_and(is_plain)
        && parts.all(|part| starts_in_hex(part) && is_plain(part))
}

fn is_hostname(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}
