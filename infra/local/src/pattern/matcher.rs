//! The tests a pattern can put to a single value.

use std::net::IpAddr;

use serde_json::Value;

/// A test of one value. Those that ignore case hold their text folded already.
#[derive(Debug, Clone)]
pub(super) enum Matcher {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Prefix(String),
    Suffix(String),
    PrefixIgnoringCase(String),
    SuffixIgnoringCase(String),
    EqualsIgnoringCase(String),
    /// The pieces between the asterisks, so one more than those.
    Wildcard(Vec<String>),
    Numeric(Vec<(Comparison, f64)>),
    Network(IpAddr, u8),
    /// Decided by the caller: it is about the field, not about a value.
    Exists(bool),
    NoneOf(Vec<Matcher>),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

impl Matcher {
    pub(super) fn matches(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::NoneOf(matchers), value) => !matchers.iter().any(|m| m.matches(value)),
            (Self::Null, Value::Null) => true,
            (Self::Bool(wanted), Value::Bool(found)) => wanted == found,
            (Self::Number(wanted), Value::Number(found)) => found.as_f64() == Some(*wanted),
            (Self::Numeric(range), Value::Number(found)) => {
                found.as_f64().is_some_and(|found| range.iter().all(|(c, bound)| c.holds(found, *bound)))
            }
            (_, Value::String(found)) => self.matches_text(found),
            _ => false,
        }
    }

    fn matches_text(&self, found: &str) -> bool {
        match self {
            Self::Text(wanted) => found == wanted,
            Self::Prefix(prefix) => found.starts_with(prefix.as_str()),
            Self::Suffix(suffix) => found.ends_with(suffix.as_str()),
            Self::PrefixIgnoringCase(prefix) => fold_case(found).starts_with(prefix.as_str()),
            Self::SuffixIgnoringCase(suffix) => fold_case(found).ends_with(suffix.as_str()),
            Self::EqualsIgnoringCase(wanted) => fold_case(found) == *wanted,
            Self::Wildcard(pieces) => matches_wildcard(pieces, found),
            Self::Network(network, bits) => found.parse().is_ok_and(|ip| contains(*network, *bits, ip)),
            _ => false,
        }
    }
}

impl Comparison {
    #[expect(clippy::float_cmp, reason = "an equality the pattern's author asked for")]
    fn holds(self, found: f64, bound: f64) -> bool {
        match self {
            Self::Less => found < bound,
            Self::LessOrEqual => found <= bound,
            Self::Equal => found == bound,
            Self::GreaterOrEqual => found >= bound,
            Self::Greater => found > bound,
        }
    }
}

pub(super) fn fold_case(text: &str) -> String {
    text.to_lowercase()
}

/// Taking the leftmost place for each inner piece is enough: it leaves the most for those that follow.
fn matches_wildcard(pieces: &[String], text: &str) -> bool {
    let [first, inner @ .., last] = pieces else {
        return pieces.first().is_some_and(|only| only == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for piece in inner {
        match rest.split_once(piece.as_str()) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

fn contains(network: IpAddr, bits: u8, ip: IpAddr) -> bool {
    match (network, ip) {
        (IpAddr::V4(network), IpAddr::V4(ip)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            network.to_bits() & mask == ip.to_bits() & mask
        }
        (IpAddr::V6(network), IpAddr::V6(ip)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            network.to_bits() & mask == ip.to_bits() & mask
        }
        _ => false,
    }
}
