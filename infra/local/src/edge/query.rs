//! Query strings.

use std::collections::BTreeMap;

/// The parameters, decoded; values of one name joined by commas, as API Gateway does.
pub(super) fn parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::<String, String>::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name), decoded(value));
        match parameters.get_mut(&name) {
            Some(values) => *values = format!("{values},{value}"),
            None => drop(parameters.insert(name, value)),
        }
    }
    parameters
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = (byte == b'%').then(|| bytes.get(at + 1..at + 3)).flatten().and_then(hex);
        decoded.push(match (byte, escape) {
            (_, Some(escaped)) => escaped,
            (b'+', None) => b' ',
            (plain, None) => plain,
        });
        at += if escape.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    match digits {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Vec<(String, String)> {
        parameters(query).into_iter().collect()
    }

    #[test]
    fn names_and_values_are_decoded() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read("a=1&b=x+y%20%C3%A4&c"), [pair("a", "1"), pair("b", "x y ä"), pair("c", "")]);
        assert_eq!(read("a=1&a=2&a=%2C"), [pair("a", "1,2,,")]);
        assert_eq!(read("a=%zz%4&&=%41"), [pair("", "A"), pair("a", "%zz%4")]);
        assert_eq!(read(""), []);
    }
}
